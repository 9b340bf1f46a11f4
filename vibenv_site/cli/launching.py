"""`vibenv launch` and `resume`: a card's session runs when they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from vibenv_site.cli import asking, names, output, progress
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, NOT_FOUND, CliError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`agent` is the name of a template, or a command."""

    name: str
    board: str | None = None
    description: str | None = None
    column: str | None = None
    agent: str | None = None


def launch(api: Api, wanted: Wanted, timeout_s: float) -> Json:
    """Raises `CliError` when it does not run."""
    card = names.find(api, wanted.name, wanted.board, whole_titles=True)
    whole = api.get(f"/boards/{card['board']}") if card else names.whole_board(api, wanted.board)
    place = _place(whole, wanted.column)
    if card is None:
        card = _made(api, whole, wanted)
    elif wanted.description is not None:
        card = api.call("PATCH", f"/cards/{card['id']}", {"description": wanted.description})
    runs = bool(card["session"]) and card["session"]["status"] == "running"
    if wanted.agent:
        card = asking.name_agent(api, card, wanted.agent)
    card = _wake(api, card, place, whole)
    card = progress.until_running(api, card["id"], timeout_s)
    if wanted.agent and runs:  # else it began with the session
        card = dict(api.post(f"/cards/{card['id']}/agent/start"))
    return card


def _made(api: Api, whole: Json, wanted: Wanted) -> Json:
    made = api.post(f"/boards/{whole['id']}/cards", title=wanted.name, description=wanted.description or "")
    output.say(f"Made “{output.one_line(made['title'])}” on {output.one_line(whole['name'])}.")
    return dict(made)


def _place(whole: Json, name: str | None) -> Json:
    if name is not None:
        place = names.column(whole, name)
        if place["role"] != "active":
            raise CliError(f"Cards do not run in {place['name']}.", "Name an active column.", FAILED)
        return place
    for column in whole["columns"]:
        if column["role"] == "active":
            return dict(column)
    raise CliError(f"{output.one_line(whole['name'])} has no active column.", "Add one on the page.", NOT_FOUND)


def _wake(api: Api, card: Json, place: Json, whole: Json) -> Json:
    """Into an active column, or on where it is; the session is wanted to run then."""
    if card["archived_at"]:
        card = api.post(f"/cards/{card['id']}/restore")
    active = {column["id"] for column in whole["columns"] if column["role"] == "active"}
    session = card["session"]
    if card["column"] not in active:
        return dict(api.post(f"/cards/{card['id']}/move", column=place["id"]))
    if not session or session["desired"] != "running" or session["status"] == "failed":
        return dict(api.post(f"/cards/{card['id']}/start"))
    return card


def resume(api: Api, name: str, board: str | None, timeout_s: float) -> Json:
    card = names.card(api, name, board)
    whole = api.get(f"/boards/{card['board']}")
    return progress.until_running(api, _wake(api, card, _place(whole, None), whole)["id"], timeout_s)


def tell(api: Api, card: Json, as_json: bool) -> None:
    """The address and the container, a line each."""
    if as_json:
        output.as_json(card)
        return
    click.echo(api.target.url + card["url"])
    click.echo(card["session"]["container"])
