"""The HTTP API of exports: a board's stack, or a card's session, as one ordinary image."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from boards import access
from boards.caller import FAULTS, user_of
from boards.models import Board
from layers import exports
from layers.models import Export
from sessions.exports import of_session, of_stack
from sessions.present import iso

router = Router(tags=["layers"])


class ExportIn(Schema):
    image: str = ""
    card: str | None = None


class ExportOut(Schema):
    id: int
    image: str
    state: str
    reason: str
    size_bytes: int | None
    asked_by: str
    created_at: datetime
    finished_at: datetime | None


@router.get("/boards/{board_id}/exports", response={200: list[ExportOut], **FAULTS})
def list_exports(request: HttpRequest, board_id: str) -> Any:
    """The newest first."""
    board = access.board_of(user_of(request), board_id)
    return [export_json(made) for made in exports.listed(board.pk)]


@router.post("/boards/{board_id}/exports", response={202: ExportOut, **FAULTS})
def export(request: HttpRequest, board_id: str, wanted: ExportIn) -> Any:
    """Make an image of the board's stack on the engine; with `card`, of its session with all that was written in it.

    It is called `vibenv-export/<image>`, and `docker run` of it has all layers. Made by a worker: look at the list.
    """
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.EDITOR)
    return Status(202, export_json(_ask(board, wanted, user.username)))


@router.delete("/boards/{board_id}/exports/{export_id}", response={204: None, **FAULTS})
def delete_export(request: HttpRequest, board_id: str, export_id: int) -> Any:
    """Remove an export with its image. Refused while a container was made from it."""
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    made = Export.objects.filter(scope=board.pk, pk=export_id).first()
    if made is None:
        raise access.NotFound("There is no such export.")
    exports.remove(made)
    return Status(204, None)


def _ask(board: Board, wanted: ExportIn, asked_by: str) -> Export:
    if wanted.card is not None:
        card = board.cards.select_related("session__stack").filter(pk=wanted.card).first()
        if card is None:
            raise access.NotFound("There is no such card on this board.")
        return of_session(card.session, name=wanted.image, asked_by=asked_by)
    if board.stack is None:
        raise access.NotFound("The board has no stack.")
    return of_stack(board.stack, name=wanted.image, asked_by=asked_by)


def export_json(made: Export) -> dict[str, Any]:
    return {
        "id": made.pk,
        "image": made.image,
        "state": made.state,
        "reason": made.reason,
        "size_bytes": made.size_bytes,
        "asked_by": made.asked_by,
        "created_at": iso(made.created_at),
        "finished_at": iso(made.finished_at),
    }
