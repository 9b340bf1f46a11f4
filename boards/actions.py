"""Everything people do to boards and cards: the one place where these rows are written.

Each action is one transaction: the rows, the board's version, and the news sent on commit.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from boards import columns, events, quotas, rank, secrets
from boards.models import Board, Card, Column, Member
from boards.text import checked
from engines.errors import InvalidInput, PolicyRejected
from layers import stacks
from sessions import agents as runs
from sessions import lifecycle, rules
from sessions.models import Session
from sessions.states import Desired

FIRST_COLUMNS = (("Backlog", Column.Role.BACKLOG), ("Active", Column.Role.ACTIVE), ("Done", Column.Role.DONE))


@transaction.atomic
def create_board(name: str, user: User) -> Board:
    """A board with its first columns, owned by `user`."""
    board = Board(name=checked("name", name, 120))
    board.stack = stacks.make_default(board.pk, actor=user.username)
    board.save(force_insert=True)
    Member.objects.create(board=board, user=user, role=Member.Role.OWNER)
    last = ""
    for title, role in FIRST_COLUMNS:
        last = rank.after_all(last)
        Column.objects.create(board=board, name=title, role=role, rank=last)
    return board


@transaction.atomic
def rename_board(board: Board, name: str) -> Board:
    board = Board.objects.select_for_update().get(pk=board.pk)
    board.name = checked("name", name, 120)
    board.save(update_fields=["name"])
    events.board_changed(board.pk)
    board.refresh_from_db()
    return board


@transaction.atomic
def delete_board(board: Board, user: User) -> None:
    """Remove a board without cards: a card's files are never lost by deleting something else."""
    board = Board.objects.select_for_update().get(pk=board.pk)
    count = board.cards.count()
    if count:
        cards = "1 card" if count == 1 else f"{count} cards"
        raise PolicyRejected(f"The board still has {cards}, archived ones included. Delete them first.")
    if not Member.objects.filter(user=user).exclude(board=board).exists():
        raise PolicyRejected("This is your only board. Create another one first.")
    pk, version = board.pk, board.version
    board.delete()
    stacks.forget(pk)
    events.board_gone(pk, version + 1)


@transaction.atomic
def create_card(
    board: Board,
    user: User,
    *,
    title: str,
    description: str = "",
    column: Column | None = None,
    before: Card | None = None,
    session: Session | None = None,
    **more: Any,
) -> Card:
    """A card in `column` (else the first one), ahead of its card `before` or at the end; `more` are fields of its row.

    Its `session` is a new one where none is given. In an active column it starts at once.
    """
    title = checked("title", title, 200)
    description = checked("description", description, 20_000, empty=True)
    events.lock(board.pk)
    board.refresh_from_db(fields=["rules"])
    column = columns.as_it_is(column) if column else board.columns.order_by("rank", "id")[0]
    columns.make_sure_of_room(column)
    if column.role == Column.Role.ACTIVE:
        quotas.make_sure_of_room(board.pk, user)
    card = Card(
        board=board,
        column=column,
        rank=rank_in(column.cards.filter(archived_at=None), before),
        title=title,
        description=description,
        created_by=user,
        session=session or lifecycle.create(title, board.stack, rules.merged(board.rules, more.get("rules", {}))),
        **more,
    )
    card.version = events.next_version(board.pk)
    card.save(force_insert=True)
    if board.secrets.exists():
        secrets.apply(board.pk, [card])
    events.card_changed(card)
    if card.agent:
        runs.want(card.session, **card.agent, asked_by=user.username)
    if column.role == Column.Role.ACTIVE:
        card.session = lifecycle.want(card.session, Desired.RUNNING, actor=user.username)
    return card


@transaction.atomic
def move_card(card: Card, column: Column, before: Card | None, *, user: User) -> Card:
    """Put a card into `column`, ahead of `before` or at the end.

    Into an active column its session starts, out of one it stops; into a done one it is archived.
    """
    card = _on_board(card)
    if column.board_id != card.board_id:
        raise InvalidInput("column: belongs to another board; name one of this board's columns.")
    if before is not None and (before.column_id != column.pk or before.pk == card.pk):
        raise InvalidInput("before: is not another card of that column; leave it out to move to the end.")
    if before is not None:  # somebody may have moved, archived or deleted it meanwhile: then the end is as good a place
        before = column.cards.filter(pk=before.pk, archived_at=None).first()
    column = card.column if column.pk == card.column_id else columns.as_it_is(column)
    if column.pk != card.column_id:
        columns.make_sure_of_room(column)
    wanted = _wanted_by_move(card.column.role, column.role)
    if wanted == Desired.RUNNING:
        quotas.make_sure_of_room(card.board_id, user, card.session)
    card.column, card.rank = column, rank_in(column.cards.filter(archived_at=None).exclude(pk=card.pk), before)
    if wanted == Desired.RUNNING or (wanted is not None and card.session.wanted_at is not None):
        card.session = lifecycle.want(card.session, wanted, actor=user.username)  # what was never started rests already
    return saved(card, "column", "rank")


def _wanted_by_move(old: str, new: str) -> Desired | None:
    """What the move of a card from a column of one role into one of another says about its session."""
    role = Column.Role
    if old == new or (old, new) == (role.DONE, role.BACKLOG):  # what is archived stays so
        return None
    return {role.ACTIVE: Desired.RUNNING, role.BACKLOG: Desired.STOPPED, role.DONE: Desired.ARCHIVED}[role(new)]


@transaction.atomic
def start_card(card: Card, *, user: User) -> Card:
    """Start again a card that is in an active column: after it slept, after a failure, or after its shell ended."""
    card = _on_board(card)
    if card.column.role != Column.Role.ACTIVE:
        raise PolicyRejected("Only a card in an active column can be started. Move it there.")
    quotas.make_sure_of_room(card.board_id, user, card.session)
    card.session = lifecycle.want(card.session, Desired.RUNNING, actor=user.username)
    return card


@transaction.atomic
def delete_card(card: Card, *, user: User) -> None:
    """Remove the card now, its container and data as soon as the engine lets it."""
    card = locked(card)
    pk, board_id, session = card.pk, card.board_id, card.session
    card.delete()
    events.card_deleted(board_id, pk)
    lifecycle.want(session, Desired.DELETED, actor=user.username)


def locked(card: Card) -> Card:
    """The card as it is now, with its board locked: changes to one board happen one after the other."""
    events.lock(card.board_id)
    return Card.objects.select_related("column", "session").get(pk=card.pk)


def _on_board(card: Card) -> Card:
    """`locked`, and in its column. Raises `PolicyRejected` for an archived card."""
    card = locked(card)
    if card.archived_at is not None:
        raise PolicyRejected(
            "The card is archived. Restore it first: Archived cards, in the menu beside the board's name."
        )
    return card


def saved(card: Card, *fields: str) -> Card:
    """Write what was changed of a card that `locked` gave, count and tell it."""
    card.version, card.updated_at = events.next_version(card.board_id), timezone.now()
    card.save(update_fields=[*fields, "version", "updated_at"])
    events.card_saved(card)
    return card


def next_of(card: Card) -> Card | None:
    """The card after it in its column."""
    others = card.column.cards.filter(archived_at=None, rank__gte=card.rank).exclude(pk=card.pk)
    return next((each for each in others.order_by("rank", "id") if (each.rank, each.pk) > (card.rank, card.pk)), None)


def rank_in(others: QuerySet[Card], before: Card | None) -> str:
    """A rank ahead of `before` among a column's other cards, or after all of them; reads one of them, however many."""
    if before is not None:
        others = others.filter(Q(rank__lt=before.rank) | Q(rank=before.rank, pk__lt=before.pk))
    last = others.order_by("-rank", "-id").values_list("rank", flat=True).first() or ""
    return rank.after_all(last) if before is None else rank.between(last, before.rank)
