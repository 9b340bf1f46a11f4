"""Writes docs/cli.md: every command as `--help` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from vibenv_site.cli.main import GROUPS

PLACE = Path(__file__).with_name("cli.md")
HEAD = """# The command line

Every command, as `vibenv COMMAND --help` tells it. Written by `docs/write_cli.py`.
What they have in common (names of cards, where they go, exit codes) is in the [README](../README.md#the-command-line).
"""


def text() -> str:
    parts = [HEAD]
    for title, commands in GROUPS:
        parts.append(f"\n## {title}\n")
        parts += [line for command in commands for line in described(command, f"vibenv {command.name}")]
    return "\n".join(parts) + "\n"


def described(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path, terminal_width=100, max_content_width=100)
    lines = [line.rstrip() for line in command.get_help(context).splitlines()]
    yield from (f"### `{path}`", "", "```", *lines, "```", "")
    if isinstance(command, click.Group):
        for name, each in sorted(command.commands.items()):
            yield from described(each, f"{path} {name}")


if __name__ == "__main__":
    PLACE.write_text(text())
