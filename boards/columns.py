"""What people do to columns. A board keeps one column where cards run, and one where they rest.

Each action is one transaction with the board locked; pages are told to fetch the board anew.
"""

from __future__ import annotations

from django.db import transaction

from boards import events, rank
from boards.access import NotFound
from boards.models import Board, Card, Column
from boards.text import checked
from engines.errors import InvalidInput, PolicyRejected

MOST_COLUMNS = 30
LARGEST_LIMIT = 999


@transaction.atomic
def add(board: Board, *, name: str, role: str, wip_limit: int | None = None) -> Column:
    """A column after all others."""
    events.lock(board.pk)
    others = list(board.columns.order_by("rank", "id"))
    if len(others) >= MOST_COLUMNS:
        raise PolicyRejected(f"A board has at most {MOST_COLUMNS} columns. Delete an empty one first.")
    column = Column.objects.create(
        board=board,
        name=checked("name", name, 60),
        role=_role(role),
        wip_limit=_limit(wip_limit),
        rank=rank.after_all(others[-1].rank if others else ""),
    )
    events.board_changed(board.pk)
    return column


@transaction.atomic
def rename(column: Column, name: str) -> Column:
    column = locked(column)
    column.name = checked("name", name, 60)
    return _saved(column, "name")


@transaction.atomic
def limit(column: Column, wip_limit: int | None) -> Column:
    """Bound how many cards may be in it; None for no bound. Cards beyond it stay: it holds for those that come."""
    column = locked(column)
    column.wip_limit = _limit(wip_limit)
    return _saved(column, "wip_limit")


@transaction.atomic
def change_role(column: Column, role: str) -> Column:
    """Say anew what being in the column means. Never starts or stops sessions: then it must be empty."""
    column = locked(column)
    changes_running = (column.role == Column.Role.ACTIVE) != (_role(role) == Column.Role.ACTIVE)
    if changes_running:
        count = in_sight(column)
        if count:
            verb = "start" if role == Column.Role.ACTIVE else "stop"
            raise PolicyRejected(f"That would {verb} {_cards(count)} at once. Move them out of “{column.name}” first.")
        _keep_both_kinds(column)
    column.role = role
    return _saved(column, "role")


@transaction.atomic
def move(column: Column, before: Column | None) -> Column:
    """Put a column ahead of `before`, or last."""
    column = locked(column)
    if before is not None and before.pk == column.pk:
        raise InvalidInput("before: is the column itself; name another, or leave it out to move to the end.")
    others = list(Column.objects.filter(board=column.board_id).exclude(pk=column.pk).order_by("rank", "id"))
    at = next((n for n, other in enumerate(others) if before is not None and other.pk == before.pk), len(others))
    low = others[at - 1].rank if at else ""
    column.rank = rank.between(low, others[at].rank) if at < len(others) else rank.after_all(low)
    return _saved(column, "rank")


@transaction.atomic
def delete(column: Column) -> None:
    """Remove an empty column."""
    column = locked(column)
    count = in_sight(column)
    if count:
        raise PolicyRejected(f"“{column.name}” still has {_cards(count)}. Move or delete them first.")
    _keep_both_kinds(column)
    _hand_over_archive(column)
    column.delete()
    events.board_changed(column.board_id)


def locked(column: Column) -> Column:
    """The column as it is now, with its board locked."""
    events.lock(column.board_id)
    return as_it_is(column)


def as_it_is(column: Column) -> Column:
    """Read again, with the board locked. Raises `NotFound`."""
    found = Column.objects.filter(pk=column.pk).first()
    if found is None:
        raise NotFound("That column was deleted meanwhile. Choose another one.")
    return found


def make_sure_of_room(column: Column, coming: int = 1) -> None:
    """Raise `PolicyRejected` when so many cards more would be beyond the column's limit. Wants the board locked."""
    if column.wip_limit is None:
        return
    count = in_sight(column)
    room = max(column.wip_limit - count, 0)
    if coming > room:
        full = f"“{column.name}” is limited to {_cards(column.wip_limit)} and has {count}"
        more = f": {room} of these {coming} fit. Choose fewer" if coming > 1 else ". Move one out first"
        raise PolicyRejected(f"{full}{more}, or raise the limit in the column's menu.")


def in_sight(column: Column) -> int:
    """How many cards people see in it."""
    return Card.objects.filter(column=column, archived_at=None).count()


def _hand_over_archive(column: Column) -> None:
    """Archived cards would go with their column: another one takes them, where they rest when restored."""
    others = Column.objects.filter(board=column.board_id).exclude(pk=column.pk).order_by("rank", "id")
    heir = others.exclude(role=Column.Role.ACTIVE).first() or others[0]
    Card.objects.filter(column=column).update(column=heir)


def _saved(column: Column, *fields: str) -> Column:
    column.save(update_fields=fields)
    events.board_changed(column.board_id)
    return column


def _cards(count: int) -> str:
    return "1 card" if count == 1 else f"{count} cards"


def _role(role: str) -> str:
    if role not in Column.Role.values:
        raise InvalidInput(f"role: is {role!r}; it takes {', '.join(Column.Role.values)}.")
    return role


def _limit(wip_limit: int | None) -> int | None:
    if wip_limit is not None and not 1 <= wip_limit <= LARGEST_LIMIT:
        raise InvalidInput(f"wip_limit: is {wip_limit}; it takes 1 to {LARGEST_LIMIT}, or null for no limit.")
    return wip_limit


def _keep_both_kinds(leaving: Column) -> None:
    """Without a column to run in nothing could be started, and without another nothing stopped."""
    active = leaving.role == Column.Role.ACTIVE
    others = Column.objects.filter(board=leaving.board_id).exclude(pk=leaving.pk)
    if active and not others.filter(role=Column.Role.ACTIVE).exists():
        raise PolicyRejected(
            f"“{leaving.name}” is the only active column: no card could be started. Add another first."
        )
    if not active and not others.exclude(role=Column.Role.ACTIVE).exists():
        raise PolicyRejected(
            f"“{leaving.name}” is the only column that is not active: no card could be stopped. Add another first."
        )
