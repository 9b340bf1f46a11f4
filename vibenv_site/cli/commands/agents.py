"""Commands about agents, their questions, and further terminals."""

from __future__ import annotations

from typing import Any

import click

from vibenv_site.cli.commands.common import (
    any_board_option,
    json_option,
    name_argument,
    remote,
    timeout_option,
)


@click.command()
@name_argument
@click.argument("text")
@any_board_option
@click.option("--option", "options", multiple=True, metavar="TEXT", help="What may be chosen; as often as needed.")
@timeout_option
@json_option
@remote
def ask(
    api: Any,
    *,
    name: str,
    text: str,
    board: str | None,
    options: tuple[str, ...],
    timeout_s: float | None,
    as_json: bool,
) -> None:
    """Ask the people of a card's board, and wait for the answer, which is printed."""
    from vibenv_site.cli import asking, names

    asking.ask(api, names.card(api, name, board), text, options=options, timeout_s=timeout_s, as_json=as_json)


@click.command()
@name_argument
@click.argument("text", required=False)
@any_board_option
@click.option("--question", metavar="ID", help="Which one, where several are open.")
@json_option
@remote
def answer(api: Any, *, name: str, text: str | None, board: str | None, question: str | None, as_json: bool) -> None:
    """Answer what somebody asks on a card; without TEXT list what is open."""
    from vibenv_site.cli import asking, names

    asking.answer(api, names.card(api, name, board), text, question, as_json)


@click.command()
@name_argument
@click.argument("agent", required=False, metavar="[TEMPLATE|COMMAND]")
@any_board_option
@click.option("--stop", "verbs", flag_value="stop", multiple=True, help="End it.")
@click.option("--start", "verbs", flag_value="start", multiple=True, help="Have it begin, or begin again.")
@click.option("--pause", "verbs", flag_value="pause", multiple=True, help="Hold it, and all agents of the session.")
@click.option("--resume", "verbs", flag_value="resume", multiple=True, help="Let them go on.")
@json_option
@remote
def agent(api: Any, *, name: str, agent: str | None, board: str | None, verbs: tuple[str, ...], as_json: bool) -> None:
    """Say which agent works on a card and how far it is; name one, start, stop, pause it."""
    from vibenv_site.cli import asking, names

    asking.agent(api, names.card(api, name, board), agent, verbs=list(verbs), as_json=as_json)


@click.command()
@name_argument
@any_board_option
@click.option("--new", metavar="TITLE", help="Open one more, and print its number.")
@click.option("--command", default="", help="With --new: what runs in it (default: a shell).")
@click.option("--close", type=int, metavar="NUMBER", help="Close one, with what runs in it.")
@json_option
@remote
def terminals(
    api: Any, *, name: str, board: str | None, new: str | None, command: str, close: int | None, as_json: bool
) -> None:
    """List a session's further terminals; open one, close one. `attach --terminal NUMBER` goes into it."""
    from vibenv_site.cli import asking, names

    card = names.card(api, name, board)
    asking.terminals(api, card, new=new, command=command, close=close, as_json=as_json)


@click.command()
@name_argument
@any_board_option
@click.option("--cast", metavar="ID", help="Print this one, as asciicast.")
@click.option("--search", metavar="TEXT", help="Find a text in all of them.")
@json_option
@remote
def recordings(api: Any, *, name: str, board: str | None, cast: str | None, search: str | None, as_json: bool) -> None:
    """List what was recorded of a card's terminals."""
    from vibenv_site.cli import asking, names

    asking.recordings(api, names.card(api, name, board), cast=cast, search=search, as_json=as_json)


COMMANDS = (agent, ask, answer, terminals, recordings)
