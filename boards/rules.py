"""When sessions sleep: what a board changes of the installation's rules, and a card of its board's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from boards import actions, events
from boards.models import Board, Card
from sessions import history, lifetime, rules


def for_session(board: Board, card_rules: Mapping[str, int]) -> dict[str, int]:
    """What a card's session is to go by."""
    return rules.merged(board.rules, card_rules)


@transaction.atomic
def change_board(board: Board, change: Mapping[str, Any]) -> Board:
    """For all its cards, but where they have rules of their own. None gives a rule back to the installation.

    Raises `InvalidInput`.
    """
    events.lock(board.pk)
    board = Board.objects.get(pk=board.pk)
    board.rules = rules.changed(board.rules, change)
    board.save(update_fields=["rules"])
    cards = board.cards.select_related("session").defer("description", "session__log")
    lifetime.put_rules((card.session, for_session(board, card.rules)) for card in cards)
    events.board_changed(board.pk)
    return board


@transaction.atomic
def change_card(card: Card, change: Mapping[str, Any], *, user: User) -> Card:
    """For its session alone. None gives a rule back to the board. Raises `InvalidInput`."""
    card = actions.locked(card)
    card.rules = rules.changed(card.rules, change)
    board = Board.objects.get(pk=card.board_id)
    lifetime.put_rules([(card.session, for_session(board, card.rules))])
    history.record(card.session_id, "rules", actor=user.username, rules=card.rules)
    return actions.saved(card, "rules")


@transaction.atomic
def extend(card: Card, seconds: int, *, user: User) -> Card:
    """Have its session live longer. Raises `InvalidInput`, `PolicyRejected`."""
    card = actions.locked(card)
    card.session = lifetime.extend(card.session, seconds, actor=user.username)
    return actions.saved(card)
