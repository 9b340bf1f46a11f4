"""A board's cards as a list, filtered: for those who want some of them, and not the whole board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from boards import access
from boards.models import Board, Card
from boards.paging import Page, page
from boards.present import of_cards

IN_ORDER = ("column__rank", "rank", "id")
ARCHIVED_LAST_FIRST = ("-archived_at", "id")


@dataclass(frozen=True, slots=True)
class Filter:
    """All that is given must hold. A column is named by id, name or role, a label by id or name; `q`: in title or description."""

    column: str | None = None
    status: str | None = None
    label: str | None = None
    q: str | None = None


def listed(board: Board, given: Filter, *, after: str | None, limit: int) -> Page[Card]:
    """From left to right and from top to bottom. Raises `InvalidInput`, and `NotFound` for a column or label that is none."""
    rows = board.cards.filter(archived_at=None).select_related("column", "session").prefetch_related(*of_cards())
    if given.column:
        rows = rows.filter(column__in=_columns(board, given.column))
    if given.q:
        rows = rows.filter(Q(title__icontains=given.q) | Q(description__icontains=given.q))
    return page(rows, IN_ORDER, after=after, limit=limit, wanted=_wanted(board, given))


def archived(board: Board, *, after: str | None, limit: int | None) -> Page[Card]:
    """The latest archived first."""
    rows = board.cards.exclude(archived_at=None).select_related("session").prefetch_related(*of_cards())
    return page(rows, ARCHIVED_LAST_FIRST, after=after, limit=limit)


def _columns(board: Board, named: str) -> list[str]:
    """The one of that id or name, or all of that role."""
    of_role = list(board.columns.filter(role=named).values_list("pk", flat=True))
    exact = board.columns.filter(Q(pk=named) | Q(name__iexact=named)).values_list("pk", flat=True)
    return list(exact) or of_role or [access.column_of(board, named).pk]


def _wanted(board: Board, given: Filter) -> Callable[[Card], bool] | None:
    label = _label(board, given.label) if given.label else None
    if not label and not given.status:
        return None
    return lambda card: (not label or label in card.label_ids) and given.status in {None, "", card.session.status}


def _label(board: Board, named: str) -> str:
    found = board.labels.filter(Q(pk=named) | Q(name__iexact=named)).first()
    if found is None:
        raise access.NotFound("There is no such label on this board.")
    return found.pk
