"""Who may do what. Whoever is not a member of a board is told that it does not exist; a member, what its role lacks."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from boards.models import Board, Card, Column, Member
from engines.errors import VibenvError


class NotFound(VibenvError):
    """No such thing, or none that this user may know of."""


class Forbidden(VibenvError):
    """A member may see this, but not do it; the text says who can change that."""


Somebody = User | AnonymousUser
Role = Member.Role
RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}
LACKS = {
    Role.EDITOR: "You can look at this board, but not change it. An owner of the board can make you an editor.",
    Role.OWNER: "Only an owner of the board can do this.",
}


def boards_of(user: Somebody) -> QuerySet[Board]:
    return Board.objects.filter(member__user_id=user.pk or 0)


def role_of(user: Somebody, board_id: str) -> Role | None:
    """None for who is not a member."""
    found = Member.objects.filter(board_id=board_id, user_id=user.pk or 0).values_list("role", flat=True).first()
    return Role(found) if found else None


def _let_in(user: Somebody, board_id: str, need: Role, missing: str) -> None:
    role = role_of(user, board_id)
    if role is None:
        raise NotFound(missing)
    if RANK[role] < RANK[need]:
        raise Forbidden(LACKS[need])


def board_of(user: Somebody, board_id: str, need: Role = Role.VIEWER) -> Board:
    """Raises `NotFound`, and `Forbidden` for a member whose role is less than `need`."""
    missing = "There is no such board, or you are not a member of it."
    board = Board.objects.filter(pk=board_id).first()
    if board is None:
        raise NotFound(missing)
    _let_in(user, board.pk, need, missing)
    return board


def card_of(user: Somebody, card_id: str, need: Role = Role.VIEWER) -> Card:
    """With what its JSON wants loaded. Raises as `board_of` does."""
    missing = "There is no such card, or you are not a member of its board."
    found = Card.objects.filter(pk=card_id).select_related("board", "column", "session")
    card = found.prefetch_related("session__steps").first()
    if card is None:
        raise NotFound(missing)
    _let_in(user, card.board_id, need, missing)
    return card


def column_by_id(user: Somebody, column_id: str, need: Role = Role.VIEWER) -> Column:
    """Raises as `board_of` does."""
    missing = "There is no such column, or you are not a member of its board."
    column = Column.objects.filter(pk=column_id).select_related("board").first()
    if column is None:
        raise NotFound(missing)
    _let_in(user, column.board_id, need, missing)
    return column


def column_of(board: Board, column_id: str) -> Column:
    column = board.columns.filter(pk=column_id).first()
    if column is None:
        raise NotFound("There is no such column on this board.")
    return column
