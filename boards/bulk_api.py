"""The HTTP API of several cards at once: a thin adapter over `bulk` and `access`. All of them change, or none."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, bulk
from boards.caller import FAULTS, user_of
from boards.models import Board
from boards.present import card_json
from boards.schemas import BulkMoveIn, BulkPatch, CardOut, CardsIn, ListChangeIn, MovedOut
from engines.errors import InvalidInput

router = Router(tags=["several cards"])


def _board(request: HttpRequest, board_id: str) -> Board:
    return access.board_of(user_of(request), board_id, access.Role.EDITOR)


@router.post("/boards/{board_id}/cards/edit", response={200: list[CardOut], **FAULTS})
def edit_cards(request: HttpRequest, board_id: str, patch: BulkPatch) -> Any:
    """Add and remove labels and assignees."""
    board = _board(request, board_id)
    labels, assignees = (_change(each) for each in (patch.labels, patch.assignees))
    return [card_json(card) for card in bulk.edit_all(board, patch.cards, labels=labels, assignees=assignees)]


def _change(given: ListChangeIn) -> bulk.ListChange:
    return bulk.ListChange(given.add, given.remove)


@router.post("/boards/{board_id}/cards/move", response={202: list[MovedOut], **FAULTS})
def move_cards(request: HttpRequest, board_id: str, to: BulkMoveIn) -> Any:
    """Into a column, in the order given, ahead of the card `before` or at the end. Refused when not all of them fit.

    Where no more sessions may run than some of them, the others stay where they are; `refused` says why.
    """
    board = _board(request, board_id)
    column = access.column_of(board, to.column)
    before = column.cards.filter(pk=to.before, archived_at=None).first() if to.before else None
    if to.before and before is None:
        raise InvalidInput("before: is not a card of that column; leave it out to move to the end.")
    moved = bulk.move(board, to.cards, column, before, user=user_of(request))
    return Status(202, [{**card_json(each.card), "refused": each.refused} for each in moved])


@router.post("/boards/{board_id}/cards/archive", response={202: list[CardOut], **FAULTS})
def archive_cards(request: HttpRequest, board_id: str, given: CardsIn) -> Any:
    """Off the board: their sessions stop and keep their files."""
    cards = bulk.archive_all(_board(request, board_id), given.cards, user=user_of(request))
    return Status(202, [card_json(card) for card in cards])


@router.post("/boards/{board_id}/cards/restore", response={202: list[CardOut], **FAULTS})
def restore_cards(request: HttpRequest, board_id: str, given: CardsIn) -> Any:
    """Back to where they were archived from."""
    cards = bulk.restore_all(_board(request, board_id), given.cards, user=user_of(request))
    return Status(202, [card_json(card) for card in cards])


@router.post("/boards/{board_id}/cards/delete", response={202: None, **FAULTS})
def delete_cards(request: HttpRequest, board_id: str, given: CardsIn) -> Any:
    """Remove the cards with their containers and all files in them. Cannot be undone."""
    bulk.delete_all(_board(request, board_id), given.cards, user=user_of(request))
    return Status(202, None)
