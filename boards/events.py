"""News of a board to every open page, through its channel-layer group. Numbered, so that a page notices what it missed."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.db.models import F

from boards.models import Board, Card
from boards.present import card_json
from sessions.news import publish


def group(board_id: str) -> str:
    return f"board.{board_id}"


def next_version(board_id: str) -> int:
    """Count one change of the board; within the transaction that makes it."""
    Board.objects.filter(pk=board_id).update(version=F("version") + 1)
    return Board.objects.values_list("version", flat=True).get(pk=board_id)


def _send(board_id: str, event: dict[str, Any]) -> None:
    # serialised once here, not once per page
    publish(group(board_id), {"type": "board.event", "text": json.dumps(event, separators=(",", ":"))})


def card_changed(card: Card) -> None:
    """Tell, on commit, what the card then is."""
    pk = card.pk
    transaction.on_commit(lambda: _send_card(pk))


def _send_card(card_id: str) -> None:
    card = Card.objects.select_related("session").prefetch_related("session__steps").filter(pk=card_id).first()
    if card is not None:
        _send(card.board_id, {"type": "card", "version": card.version, "card": card_json(card)})


def board_changed(board_id: str) -> None:
    """Count a change of name or columns and tell, on commit, that the board is to be fetched anew."""
    board_gone(board_id, next_version(board_id))


def board_gone(board_id: str, version: int) -> None:
    """Have pages fetch the board, which then tells them that there is none."""
    transaction.on_commit(lambda: _send(board_id, {"type": "board", "version": version}))


def card_deleted(board_id: str, card_id: str) -> None:
    version = next_version(board_id)
    event = {"type": "card_deleted", "version": version, "id": card_id}
    transaction.on_commit(lambda: _send(board_id, event))


def on_session_changed(session_id: str, **_: Any) -> None:
    """Receiver of `session_changed`: the session's card looks different now."""
    with transaction.atomic():
        card = Card.objects.filter(session_id=session_id).only("id", "board_id").first()
        if card is None:
            return
        Card.objects.filter(pk=card.pk).update(version=next_version(card.board_id))
        card_changed(card)
