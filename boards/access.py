"""Who may do what. Whoever is not a member of a board is told that it does not exist."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from boards.models import Board, Card, Column
from engines.errors import VibenvError


class NotFound(VibenvError):
    """No such thing, or none that this user may know of."""


Somebody = User | AnonymousUser


def boards_of(user: Somebody) -> QuerySet[Board]:
    return Board.objects.filter(member__user_id=user.pk or 0)


def board_of(user: Somebody, board_id: str) -> Board:
    board = boards_of(user).filter(pk=board_id).first()
    if board is None:
        raise NotFound("There is no such board, or you are not a member of it.")
    return board


def card_of(user: Somebody, card_id: str) -> Card:
    found = Card.objects.filter(pk=card_id, board__in=boards_of(user))
    card = found.select_related("board", "column", "session").prefetch_related("session__steps").first()
    if card is None:
        raise NotFound("There is no such card, or you are not a member of its board.")
    return card


def column_by_id(user: Somebody, column_id: str) -> Column:
    column = Column.objects.filter(pk=column_id, board__in=boards_of(user)).select_related("board").first()
    if column is None:
        raise NotFound("There is no such column, or you are not a member of its board.")
    return column


def column_of(board: Board, column_id: str) -> Column:
    column = board.columns.filter(pk=column_id).first()
    if column is None:
        raise NotFound("There is no such column on this board.")
    return column
