"""Options that commands share, and the way to the API."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

data_dir_option = click.option(
    "--data-dir", metavar="DIR", help="Where everything is kept (default: the XDG data directory)."
)
yes_option = click.option("--yes", is_flag=True, help="Install what is missing without asking.")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
board_option = click.option("--board", metavar="NAME", help="A board's name or id (default: the first one).")
any_board_option = click.option("--board", metavar="NAME", help="Only a card of this board, by its name or id.")
terminal_option = click.option(
    "--terminal", type=click.IntRange(0, 99), default=0, help="Which of its terminals (0: the first)."
)
timeout_option = click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0.1, 24 * 3600), metavar="SECONDS", help="How long at most."
)


def _cards(context: click.Context, parameter: click.Parameter, begun: str) -> list[Any]:
    from vibenv_site.cli import completing

    return list(completing.cards(context, parameter, begun))


name_argument = click.argument("name", shell_complete=_cards)
passed_on: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": []}
rest_is_command: dict[str, Any] = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def remote(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `api` as first argument, by the options that say which vibenv."""

    @click.option("--profile", metavar="NAME", help="Which login (default: the one in use).")
    @click.option("--data-dir", metavar="DIR", help="The vibenv that runs here in this data directory.")
    @functools.wraps(command)
    def with_api(*arguments: Any, profile: str | None, data_dir: str | None, **options: Any) -> Any:
        from vibenv_site.cli import config
        from vibenv_site.cli.client import Api

        return command(Api(config.target(profile, data_dir)), *arguments, **options)

    return with_api


def agreed(question: str, yes: bool) -> bool:
    """Whether somebody says so. Nobody to ask means no, since what is asked about cannot be undone."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say --yes where nobody can be asked.")
    return click.confirm(question, default=False, err=True)
