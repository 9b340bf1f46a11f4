"""Cards taken off the board, and brought back. Nothing of them is lost meanwhile."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from boards import columns, quotas, rank
from boards.actions import locked, saved
from boards.models import Card, Column
from sessions import lifecycle
from sessions.states import Desired


@transaction.atomic
def archive(card: Card, *, user: User) -> Card:
    """Take a card off the board; its session stops and keeps its files. Asking again is harmless."""
    card = locked(card)
    if card.archived_at is not None:
        return card
    card.archived_at = timezone.now()
    if card.column.role == Column.Role.ACTIVE:
        card.session = lifecycle.want(card.session, Desired.STOPPED, actor=user.username)
    return saved(card, "archived_at")


@transaction.atomic
def restore(card: Card, *, user: User) -> Card:
    """Put a card back to its place; in an active column its session starts. Asking again is harmless."""
    card = locked(card)
    if card.archived_at is None:
        return card
    columns.make_sure_of_room(card.column)
    if card.column.role == Column.Role.ACTIVE:
        quotas.make_sure_of_room(card.board_id, user, card.session)
    card.archived_at, card.rank = None, _old_place(card)
    if card.column.role == Column.Role.ACTIVE:
        card.session = lifecycle.want(card.session, Desired.RUNNING, actor=user.username)
    return saved(card, "archived_at", "rank")


def _old_place(card: Card) -> str:
    """Its rank; right behind whoever took that meanwhile."""
    taken = sorted(card.column.cards.filter(archived_at=None).values_list("rank", flat=True))
    if card.rank not in taken:
        return card.rank
    return rank.between(card.rank, next((other for other in taken if other > card.rank), ""))
