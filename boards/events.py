"""News of a board to every open page, through its channel-layer group. Numbered, so that a page notices what it missed."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, transaction

from boards.layer_present import layers_json
from boards.models import Board, Card
from boards.present import card_json
from layers.models import Recipe
from sessions.news import publish

PEOPLE = "people"  # the group of news for one person's pages, whatever board they show


_COUNT_ONE = f'UPDATE "{Board._meta.db_table}" SET "version" = "version" + 1 WHERE "id" = %s RETURNING "version"'  # noqa: S608


def group(board_id: str) -> str:
    return f"board.{board_id}"


def lock(board_id: str) -> None:
    """Within a transaction: changes of one board happen one after the other. In SQLite they do so already, since its
    transactions hold the whole database from their start."""
    if connection.features.has_select_for_update:
        list(Board.objects.select_for_update().filter(pk=board_id).values_list("pk"))


def next_version(board_id: str) -> int:
    """Count one change of the board; within the transaction that makes it."""
    with connection.cursor() as cursor:  # in one statement, which Django's own language cannot say
        cursor.execute(_COUNT_ONE, [board_id])
        row = cursor.fetchone()
    if row is None:
        raise Board.DoesNotExist("The board was deleted meanwhile.")
    return int(row[0])


def _send(board_id: str, event: dict[str, Any], card: str = "") -> None:
    """`card`: whom it is about; of several events about one card a feed passes on the latest alone."""
    # serialised once here, not once per page
    text = json.dumps(event, separators=(",", ":"))
    publish(group(board_id), {"type": "board.event", "version": event["version"], "card": card, "text": text})


def card_changed(card: Card) -> None:
    """Tell, on commit, what the card then is."""
    pk = card.pk
    transaction.on_commit(lambda: _send_card(pk))


def card_saved(card: Card) -> None:
    """Tell, on commit, what the card is: as `card_changed`, for one that was read with its session under the board's lock."""
    event = {"type": "card", "version": card.version, "card": card_json(card)}
    transaction.on_commit(lambda: _send(card.board_id, event, card.pk))


def _send_card(card_id: str) -> None:
    card = Card.objects.select_related("session").filter(pk=card_id).first()
    if card is not None:
        _send(card.board_id, {"type": "card", "version": card.version, "card": card_json(card)}, card.pk)


def board_changed(board_id: str) -> None:
    """Count a change of name or columns and tell, on commit, that the board is to be fetched anew."""
    board_gone(board_id, next_version(board_id))


def board_gone(board_id: str, version: int) -> None:
    """Have pages fetch the board, which then tells them that there is none."""
    transaction.on_commit(lambda: _send(board_id, {"type": "board", "version": version}))


def card_deleted(board_id: str, card_id: str) -> None:
    version = next_version(board_id)
    event = {"type": "card_deleted", "version": version, "id": card_id}
    transaction.on_commit(lambda: _send(board_id, event, card_id))


def on_recipes_changed(scope: str, **_: Any) -> None:
    """Receiver of `recipes_changed`: tell what the board's layers are now. Not numbered: each says all of it."""
    board = Board.objects.select_related("stack").filter(pk=scope).first()
    if board is not None:
        text = json.dumps({"type": "layers", **layers_json(board)}, separators=(",", ":"))
        publish(group(scope), {"type": "board.layers", "text": text})


def on_build_changed(build_id: int, **_: Any) -> None:
    """Receiver of `build_changed`: the same, for the boards that have a version of it."""
    scopes = Recipe.objects.filter(versions__build_id=build_id).values_list("scope", flat=True).distinct()
    for scope in scopes:
        on_recipes_changed(scope)


def mentions_changed(user_id: int) -> None:
    """Have a person's pages ask, on commit, where they are mentioned now."""
    message = {"type": "person.event", "person": str(user_id), "text": '{"type":"mentions"}'}
    transaction.on_commit(lambda: publish(PEOPLE, message))


def on_session_changed(session_id: str, **_: Any) -> None:
    """Receiver of `session_changed`: the session's card looks different now."""
    with transaction.atomic():
        card = Card.objects.filter(session_id=session_id).only("id", "board_id").first()
        if card is None:
            return
        Card.objects.filter(pk=card.pk).update(version=next_version(card.board_id))
        card_changed(card)
