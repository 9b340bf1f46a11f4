"""`vibenv ls`, `sleep`, `done`, `rm`, `fork`."""

from __future__ import annotations

from typing import Any

import click

from vibenv_site.cli import names, output
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import NOT_FOUND, CliError

Json = dict[str, Any]


def listed(api: Api, board: str | None, everything: bool, as_json: bool) -> None:
    where = str(names.board(api, board)["id"]) if board or (not everything and api.get("/boards")) else None
    found = list(names.cards_of(api, where))
    if everything:
        found += _archived(api)
    if as_json:
        output.as_json(found)
        return
    head = ("CARD", "TITLE", "STATUS", "SINCE", "COLUMN", *(("BOARD",) if everything else ()), "CONTAINER")
    output.table([_row(card, everything) for card in found], head)


def _archived(api: Api) -> list[Json]:
    boards: list[Json] = api.all("/boards")
    return [
        card | {"board_name": board["name"], "column_name": "(archived)", "column_role": ""}
        for board in boards
        for card in api.all(f"/boards/{board['id']}/archive")
    ]


def _row(card: Json, with_board: bool) -> tuple[str, ...]:
    session = card["session"]
    status = session["status"] if session else "-"
    since = output.age(session["state_since"]) if session else ""
    board = (card["board_name"],) if with_board else ()
    container = session["container"] if session else ""
    return (card["id"], card["title"], f"{status}{_marks(card)}", since, card["column_name"], *board, container)


def _marks(card: Json) -> str:
    """What wants somebody's attention."""
    agent = card.get("agent") or {}
    marks = [f"agent {agent['state']}" if agent.get("state") else ""]
    marks += [f"{card['questions']} questions" if card.get("questions") else ""]
    marks += ["waits for you" if card["session"] and card["session"]["waiting"] else ""]
    said = ", ".join(filter(None, marks))
    return f" ({said})" if said else ""


def sleep(api: Api, name: str, board: str | None, how: str, as_json: bool) -> None:
    card = names.card(api, name, board)
    _tell(api.post(f"/cards/{card['id']}/sleep", how=how), as_json)


def done(api: Api, name: str, board: str | None, as_json: bool) -> None:
    card = names.card(api, name, board)
    whole = api.get(f"/boards/{card['board']}")
    place = next((column for column in whole["columns"] if column["role"] == "done"), None)
    if place is None:
        raise CliError(f"{output.one_line(whole['name'])} has no column for what is done.", "Add one.", NOT_FOUND)
    _tell(api.post(f"/cards/{card['id']}/move", column=place["id"]), as_json)


def remove(api: Api, card: Json) -> None:
    api.call("DELETE", f"/cards/{card['id']}")
    output.say(f"Deleted “{output.one_line(card['title'])}”.")


def fork(api: Api, card: Json, *, title: str | None, snapshot: str | None, column: str | None, as_json: bool) -> None:
    place = names.column(api.get(f"/boards/{card['board']}"), column)["id"] if column else None
    made = api.post(f"/cards/{card['id']}/fork", title=title, snapshot=snapshot, column=place)
    if as_json:
        output.as_json(made)
    else:
        click.echo(api.target.url + made["url"])


def _tell(card: Json, as_json: bool) -> None:
    if as_json:
        output.as_json(card)
    else:
        session = card["session"]
        output.say(f"“{output.one_line(card['title'])}” is {session['status'] if session else 'moved'}.")
