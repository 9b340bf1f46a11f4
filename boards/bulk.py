"""What people do to several cards of a board at once: to all of them, or to none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from boards import actions, archive, columns, editing, events, quotas
from boards.access import NotFound
from boards.models import Board, Card, Column
from engines.errors import InvalidInput

MOST_CARDS = 500


@dataclass
class ListChange:
    """Of labels or assignees."""

    add: list[str]
    remove: list[str]

    def of(self, now: Iterable[str]) -> list[str]:
        kept = [each for each in now if each not in self.remove]
        return [*kept, *(each for each in self.add if each not in kept)]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one card: `refused` says why it stayed where it was."""

    card: Card
    refused: str = ""


@transaction.atomic
def move(board: Board, ids: list[str], column: Column, before: Card | None, *, user: User) -> list[Moved]:
    """Put cards into `column` in the order given, ahead of `before` or at the end. All of them must fit into it.

    Where no more sessions may run than some of them, those go and the others stay; raises `Full` where none could go.
    """
    cards = _found(board, ids)
    if before is not None and before.pk in ids:
        raise InvalidInput("before: is one of the cards that are moved; name another, or leave it out.")
    column = columns.as_it_is(column)
    columns.make_sure_of_room(column, sum(card.column_id != column.pk for card in cards))
    moved = [_moved(card, column, before, user) for card in cards]
    if all(each.refused for each in moved):
        raise quotas.Full(moved[0].refused)
    return moved


def _moved(card: Card, column: Column, before: Card | None, user: User) -> Moved:
    try:
        return Moved(actions.move_card(card, column, before, user=user))
    except quotas.Full as full:
        return Moved(card, str(full))


@transaction.atomic
def archive_all(board: Board, ids: list[str], *, user: User) -> list[Card]:
    return [archive.archive(card, user=user) for card in _found(board, ids)]


@transaction.atomic
def restore_all(board: Board, ids: list[str], *, user: User) -> list[Card]:
    return [archive.restore(card, user=user) for card in _found(board, ids)]


@transaction.atomic
def delete_all(board: Board, ids: list[str], *, user: User) -> None:
    for card in _found(board, ids):
        actions.delete_card(card, user=user)


@transaction.atomic
def edit_all(board: Board, ids: list[str], *, labels: ListChange, assignees: ListChange) -> list[Card]:
    """Add and remove labels and assignees."""
    cards = _found(board, ids)
    editing.labels_of(board, labels.add)
    editing.assignees_of(board, assignees.add)
    changes: list[editing.Fields] = [
        {"labels": labels.of(card.label_ids), "assignees": assignees.of(card.assignee_ids)} for card in cards
    ]
    was: list[editing.Fields] = [{"labels": card.label_ids, "assignees": card.assignee_ids} for card in cards]
    return [editing.edit_card(*each) for each in zip(cards, changes, was, strict=True)]


def _found(board: Board, ids: list[str]) -> list[Card]:
    """These cards of the board, in the order of `ids`, with the board locked. Raises `NotFound`, `InvalidInput`."""
    if not 1 <= len(ids) <= MOST_CARDS:
        raise InvalidInput(f"cards: has {len(ids)}; name 1 to {MOST_CARDS}.")
    if len(set(ids)) < len(ids):
        raise InvalidInput("cards: names one card twice.")
    events.lock(board.pk)
    found = Card.objects.filter(board=board).select_related("board", "column", "session").in_bulk(ids)
    missing = len(ids) - len(found)
    if missing:
        gone = "One of the cards is" if missing == 1 else f"{missing} of the cards are"
        raise NotFound(f"{gone} not on this board; perhaps deleted meanwhile. Nothing was changed.")
    return [found[pk] for pk in ids]
