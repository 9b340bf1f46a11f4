"""The usual agents of the command line: how each is started with a card's task, and what it takes.

They run in the session's workspace with `VIBENV_PROMPT`, `VIBENV_API` and `VIBENV_TOKEN` set. Each finds vibenv's tools by a
configuration beside the task, which names the variable that holds the token and never the token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from engines.errors import InvalidInput
from sessions.agent_work import API

CUSTOM: Final = "custom"
BESIDE: Final = "/workspace/.vibenv"
NODE: Final = "Add the toolchain “node” to this card's layers, then run: npm install -g {package}"
PROMPT: Final = (
    "Your task is in .vibenv/task.md: read it first, then do it. "
    "People watch this terminal and can type into it. When you need a decision, ask them, as the task says."
)


@dataclass(frozen=True, slots=True)
class Template:
    """`secret` names the variable that it needs, as a secret of the board or card. `config` is its file, with what is in it."""

    name: str
    label: str
    command: str
    install: str = ""
    secret: str = ""
    config: tuple[str, str] | None = None


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2) + "\n"


def _servers(token: str, **more: str) -> str:
    """`token`: how the client spells the variable that holds it."""
    return _json({"mcpServers": {"vibenv": {**more, "headers": {"Authorization": f"Bearer {token}"}}}})


MCP: Final = f"{API}/mcp"
ALL: Final = (
    Template(
        "claude",
        "Claude Code",
        f'claude --mcp-config {BESIDE}/mcp.json "$VIBENV_PROMPT"',
        NODE.format(package="@anthropic-ai/claude-code"),
        "ANTHROPIC_API_KEY",
        ("mcp.json", _servers("${VIBENV_TOKEN}", type="http", url=MCP)),
    ),
    Template(
        "codex",
        "Codex",
        f"codex -c 'mcp_servers.vibenv.url=\"{MCP}\"' "
        '-c \'mcp_servers.vibenv.bearer_token_env_var="VIBENV_TOKEN"\' "$VIBENV_PROMPT"',
        NODE.format(package="@openai/codex"),
        "OPENAI_API_KEY",
    ),
    Template(
        "gemini",
        "Gemini CLI",
        f'GEMINI_CLI_SYSTEM_SETTINGS_PATH={BESIDE}/gemini.json gemini -i "$VIBENV_PROMPT"',
        NODE.format(package="@google/gemini-cli"),
        "GEMINI_API_KEY",
        ("gemini.json", _servers("$VIBENV_TOKEN", httpUrl=MCP)),
    ),
    Template(
        "opencode",
        "opencode",
        f'OPENCODE_CONFIG={BESIDE}/opencode.json opencode --prompt "$VIBENV_PROMPT"',
        NODE.format(package="opencode-ai"),
        "ANTHROPIC_API_KEY",
        (
            "opencode.json",
            _json(
                {
                    "$schema": "https://opencode.ai/config.json",
                    "mcp": {
                        "vibenv": {
                            "type": "remote",
                            "url": MCP,
                            "headers": {"Authorization": "Bearer {env:VIBENV_TOKEN}"},
                        }
                    },
                }
            ),
        ),
    ),
    Template(
        "aider",
        "Aider",
        'aider --read "$VIBENV_TASK_FILE" --message "$VIBENV_PROMPT"',
        "Add the toolchain “python” to this card's layers, then run: uv tool install aider-chat",
        "ANTHROPIC_API_KEY",
    ),
    Template(
        "goose",
        "Goose",
        'goose run --interactive --text "$VIBENV_PROMPT"',
        "See block.github.io/goose for its installer, and run it in the session's terminal.",
        "OPENAI_API_KEY",
    ),
    Template(
        "cursor-agent",
        "Cursor",
        'cursor-agent "$VIBENV_PROMPT"',
        "Run in the session's terminal: curl https://cursor.com/install -fsS | bash",
        "CURSOR_API_KEY",
    ),
    Template(
        "amp",
        "Amp",
        'amp --execute "$VIBENV_PROMPT"',
        NODE.format(package="@sourcegraph/amp"),
        "AMP_API_KEY",
    ),
    Template(CUSTOM, "Another command", "", "Install it in the session, or add a layer that has it."),
)
_BY_NAME: Final = {each.name: each for each in ALL}


def named(name: str) -> Template:
    """Raises `InvalidInput`."""
    found = _BY_NAME.get(name or CUSTOM)
    if found is None:
        raise InvalidInput(f"template: there is no {name!r}; it takes {', '.join(_BY_NAME)}.")
    return found
