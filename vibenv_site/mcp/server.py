"""The MCP server itself; its tools are added by the modules beside this one."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from mcp.server.mcpserver import MCPServer

INSTRUCTIONS: Final = """\
vibenv is a board where each card is an isolated workspace (a container) with a live terminal that people and agents share.

- `card` takes an id, an address, a session's name or a title. With a card's own token it may be left out: it is that card.
- `run` types into the terminal that people look at, and they see what it prints; use it for the work itself. `exec` runs a
  process of its own that nobody sees; use it to look something up. Both run as the same user in the same files.
- While a person types, your keys wait. Refused with a reason (somebody has taken control, agents are paused)? Do not try to
  get round it: wait, or `ask_human`.
- Ask with `ask_human` before anything that cannot be undone, and when the task is not clear; it waits for the answer.
- Full-screen programs: `type` keys, `wait_for` something, `read_screen`.
- Say in a `comment` what you did when you are done. `done` puts the card to rest and keeps its files as a snapshot.
- The work lies in /workspace. What is not there, the tool `api` has: the whole HTTP API.
"""

server: Final = MCPServer(
    "vibenv",
    title="vibenv",
    instructions=INSTRUCTIONS,
    website_url=settings.PUBLIC_URL,
    version=settings.VERSION,
    subscriptions=False,
    log_level="WARNING",
)
