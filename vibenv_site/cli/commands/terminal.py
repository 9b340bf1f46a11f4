"""Commands about what happens in a session's terminals."""

from __future__ import annotations

import sys
from typing import Any

import click

from vibenv_site.cli.commands.common import any_board_option, name_argument, remote, terminal_option


@click.command()
@name_argument
@any_board_option
@terminal_option
@click.option("--watch", "watching", is_flag=True, help="Look, and type nothing.")
@click.option("--detach-key", default=None, metavar="KEY", help="What leaves it, such as ctrl-q (default: ctrl-]).")
@remote
def attach(api: Any, *, name: str, board: str | None, terminal: int, watching: bool, detach_key: str | None) -> None:
    """Go into a card's terminal, which others may be in, too. Ctrl-] leaves it; everything in it goes on.

    A lost connection comes back by itself, and nothing is missed. Offers to launch a card that does not run.
    """
    from vibenv_site.cli import names
    from vibenv_site.cli.attach import command

    card = names.card(api, name, board)
    sys.exit(command.attach(api, card, terminal, watching, detach_key))


@click.command()
@name_argument
@any_board_option
@click.option("-f", "--follow", is_flag=True, help="Go on as more comes, until Ctrl-C.")
@click.option("--start", "of_start", is_flag=True, help="The log of the latest failed start instead.")
@terminal_option
@remote
def logs(api: Any, *, name: str, board: str | None, follow: bool, of_start: bool, terminal: int) -> None:
    """Print what stood in a card's terminal lately; of one whose start failed, that start's log."""
    from vibenv_site.cli import logs as command
    from vibenv_site.cli import names

    sys.exit(command.show(api, names.card(api, name, board), follow, of_start, terminal))


COMMANDS = (attach, logs)
