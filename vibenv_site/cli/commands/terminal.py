"""Commands about what happens in a session's terminals."""

from __future__ import annotations

import sys
from typing import Any

import click

from vibenv_site.cli.commands.common import (
    any_board_option,
    json_option,
    name_argument,
    remote,
    terminal_option,
    timeout_option,
)


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
    Shift+F8 takes control or hands it over (agents do not type meanwhile), Shift+F9 pauses the agents or lets them go on.
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


words_argument = click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] COMMAND...")


@click.command("exec")
@name_argument
@words_argument
@any_board_option
@click.option("-i", "--interactive", is_flag=True, help="Give it what comes on standard input, to its end.")
@click.option("--cwd", default="", metavar="DIR", help="Where (default: /workspace).")
@timeout_option
@remote
def execute(
    api: Any,
    *,
    name: str,
    words: tuple[str, ...],
    board: str | None,
    interactive: bool,
    cwd: str,
    timeout_s: float | None,
) -> None:
    """Run a command in a session, not in its terminal: output and exit code are the command's own.

    COMMAND in one word is for a shell. Ctrl-C ends it; 124 says that it took too long.
    """
    from vibenv_site.cli import executing, names

    card = names.card(api, name, board)
    sys.exit(executing.execute(api, card, words, cwd=cwd, interactive=interactive, timeout_s=timeout_s))


@click.command("run")
@name_argument
@words_argument
@any_board_option
@terminal_option
@timeout_option
@json_option
@remote
def run(
    api: Any,
    *,
    name: str,
    words: tuple[str, ...],
    board: str | None,
    terminal: int,
    timeout_s: float | None,
    as_json: bool,
) -> None:
    """Type a command into a card's terminal, where everybody sees it, and wait for its end.

    Prints what it printed; the exit code is the command's own, 124 when it goes on after --timeout.
    """
    from vibenv_site.cli import executing, names

    card = names.card(api, name, board)
    sys.exit(executing.run(api, card, words, terminal=terminal, timeout_s=timeout_s, as_json=as_json))


@click.command("type")
@name_argument
@click.argument("text", default="")
@any_board_option
@click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="After the text: Enter, C-c, Up, Escape… As often as needed."
)
@click.option("--enter", is_flag=True, help="Enter after the text.")
@terminal_option
@remote
def type_text(
    api: Any, *, name: str, text: str, board: str | None, keys: tuple[str, ...], enter: bool, terminal: int
) -> None:
    """Type into a card's terminal, and wait for nothing."""
    from vibenv_site.cli import executing, names

    card = names.card(api, name, board)
    executing.type_text(api, card, text, keys=keys, enter=enter, terminal=terminal)


@click.command()
@name_argument
@any_board_option
@terminal_option
@click.option("--watch", is_flag=True, help="Again whenever it changes, until Ctrl-C.")
@json_option
@remote
def screen(api: Any, *, name: str, board: str | None, terminal: int, watch: bool, as_json: bool) -> None:
    """Print what stands on a card's screen, as text."""
    from vibenv_site.cli import executing, names

    executing.screen(api, names.card(api, name, board), terminal=terminal, watch=watch, as_json=as_json)


@click.command("cp")
@click.argument("source")
@click.argument("target")
@any_board_option
@remote
def copy(api: Any, *, source: str, target: str, board: str | None) -> None:
    """Copy a file or a directory into a session, or out of it. NAME:/path is one in a session, - a stream.

    \b
    vibenv cp notes.txt my-card:/workspace/
    vibenv cp my-card:/workspace/out ./out
    vibenv cp my-card:/etc/os-release - | head -1
    """
    from vibenv_site.cli import copying

    copying.copy(api, source, target, board)


COMMANDS = (attach, execute, run, type_text, screen, copy, logs)
