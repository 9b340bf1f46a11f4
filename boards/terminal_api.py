"""The HTTP API of a card's further terminals: a thin adapter over `sessions.terminals`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from boards import access
from boards.caller import FAULTS, user_of
from boards.models import Card
from boards.schemas import TerminalOut
from engines.errors import InvalidInput
from sessions import terminals
from sessions.models import Terminal

router = Router(tags=["terminals"])


class TerminalIn(Schema):
    """Without a `command` it is the session's shell; a command is for `sh -c`. A name is made of it where none is given."""

    name: str = ""
    command: str = ""


class NameIn(Schema):
    name: str = Field(max_length=200)


def _card(request: HttpRequest, card_id: str, need: access.Role = access.Role.EDITOR) -> Card:
    return access.card_of(user_of(request), card_id, need)


def _terminal(card: Card, number: int) -> Terminal:
    try:
        return terminals.of(card.session, number)
    except InvalidInput as error:
        raise access.NotFound(str(error)) from error


class RunningOut(TerminalOut):
    """`runs`: what would end with it, in words; empty where only a shell waits. Null where it was not asked for."""

    runs: str | None = None


@router.get("/cards/{card_id}/terminals", response={200: list[RunningOut], **FAULTS})
def list_terminals(request: HttpRequest, card_id: str, runs: bool = False) -> Any:
    """Those beside the main one, whose number is 0; with `runs`, also what runs in them.

    Sockets: `/ws/cards/<card>/terminals/<number>`.
    """
    session = _card(request, card_id, access.Role.VIEWER).session
    found = list(session.terminals.filter(closed_at=None))
    programs = terminals.programs(session, found) if runs else {}
    about = {number: terminals.in_words(each) for number, each in programs.items()}
    return [{"number": t.number, "name": t.name, "kind": t.kind, "runs": about.get(t.number)} for t in found]


@router.post("/cards/{card_id}/terminals", response={201: TerminalOut, **FAULTS})
def open_terminal(request: HttpRequest, card_id: str, given: TerminalIn) -> Any:
    """A further terminal of a session that runs. It is closed when its program ends, and begins again with the session."""
    session = _card(request, card_id).session
    made = terminals.open_terminal(session, actor=user_of(request).username, name=given.name, command=given.command)
    return Status(201, made)


@router.patch("/cards/{card_id}/terminals/{number}", response={200: TerminalOut, **FAULTS})
def rename_terminal(request: HttpRequest, card_id: str, number: int, given: NameIn) -> Any:
    """Give it another name."""
    terminal = _terminal(_card(request, card_id), number)
    terminals.rename(terminal, given.name)
    return terminal


@router.delete("/cards/{card_id}/terminals/{number}", response={204: None, **FAULTS})
def close_terminal(request: HttpRequest, card_id: str, number: int) -> Any:
    """End what runs in it, and take it away for everybody."""
    terminals.close(_terminal(_card(request, card_id), number), actor=user_of(request).username)
    return Status(204, None)
