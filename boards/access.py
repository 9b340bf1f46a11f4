"""Who may do what. Whoever is not a member of a board is told that it does not exist; a member, what its role lacks.

Who came by a token of one board or card finds nothing else (`scopes`).
"""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, QuerySet

from boards import scopes
from boards.models import Board, Card, Column, Label, Member, Question
from engines.errors import VibenvError
from layers.models import LayerVersion, Recipe
from sessions.models import Recording, Snapshot


class NotFound(VibenvError):
    """No such thing, or none that this user may know of."""


Forbidden = scopes.Forbidden
Somebody = User | AnonymousUser
Row = TypeVar("Row", Board, Card, Column, Label)
Role = Member.Role
RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}
LACKS = {
    Role.EDITOR: "You can look at this board, but not change it. An owner of the board can make you an editor.",
    Role.OWNER: "Only an owner of the board can do this.",
}


def within(rows: QuerySet[Row], user: Somebody, to_board: str) -> QuerySet[Row]:
    """Those of `rows` that the user's token reaches; `to_board` is the lookup from the row to its board."""
    scope = scopes.of(user)
    if scope is None:
        return rows
    if scope.card_id is not None:
        return rows.filter(pk=scope.card_id) if rows.model is Card else rows.none()
    return rows.filter(**{f"{to_board}pk": scope.board_id}) if scope.board_id is not None else rows


def boards_of(user: Somebody) -> QuerySet[Board]:
    return within(Board.objects.filter(member__user_id=user.pk or 0), user, "")


def cards_of(user: Somebody) -> QuerySet[Card]:
    """Of all boards, archived ones too."""
    return within(Card.objects.filter(board__member__user_id=user.pk or 0), user, "board__")


def role_of(user: Somebody, board_id: str) -> Role | None:
    """None for who is not a member. Asks nothing about tokens: whoever has the board, or a card of it, had to pass that."""
    found = Member.objects.filter(board_id=board_id, user_id=user.pk or 0).values_list("role", flat=True).first()
    return Role(found) if found else None


def _let_in(rows: QuerySet[Row], user: Somebody, to_board: str, need: Role, missing: str) -> Row:
    """The one of `rows`, with the user's role in the same query; `to_board` is the lookup from the row to its board."""
    mine = within(rows.filter(**{f"{to_board}member__user_id": user.pk or 0}), user, to_board)
    found = list(mine.annotate(my_role=F(f"{to_board}member__role")).order_by())
    if not found:
        raise NotFound(missing)
    if RANK[Role(found[0].my_role)] < RANK[need]:
        raise Forbidden(LACKS[need])
    return found[0]


def board_of(user: Somebody, board_id: str, need: Role = Role.VIEWER) -> Board:
    """Raises `NotFound`, and `Forbidden` for a member whose role is less than `need`."""
    rows = Board.objects.filter(pk=board_id)
    return _let_in(rows, user, "", need, "There is no such board, or you are not a member of it.")


def card_of(user: Somebody, card_id: str, need: Role = Role.VIEWER) -> Card:
    """With board, column and session. Raises as `board_of` does."""
    rows = Card.objects.filter(pk=card_id).select_related("board", "column", "session")
    return _let_in(rows, user, "board__", need, "There is no such card, or you are not a member of its board.")


def column_by_id(user: Somebody, column_id: str, need: Role = Role.VIEWER) -> Column:
    """With its board. Raises as `board_of` does."""
    rows = Column.objects.filter(pk=column_id).select_related("board")
    return _let_in(rows, user, "board__", need, "There is no such column, or you are not a member of its board.")


def label_by_id(user: Somebody, label_id: str, need: Role = Role.VIEWER) -> Label:
    """Raises as `board_of` does."""
    rows = Label.objects.filter(pk=label_id)
    return _let_in(rows, user, "board__", need, "There is no such label, or you are not a member of its board.")


def recipe_by_id(user: Somebody, recipe_id: int, need: Role = Role.VIEWER) -> tuple[Board, Recipe]:
    """With its board. Raises as `board_of` does."""
    missing = "There is no such layer, or you are not a member of its board."
    recipe = Recipe.objects.filter(pk=recipe_id).first()
    if recipe is None:
        raise NotFound(missing)
    return _let_in(Board.objects.filter(pk=recipe.scope), user, "", need, missing), recipe


def version_by_id(user: Somebody, version_id: int, need: Role = Role.VIEWER) -> LayerVersion:
    """With its recipe and build. Raises as `board_of` does."""
    missing = "There is no such version, or you are not a member of its board."
    version = LayerVersion.objects.select_related("recipe", "build").filter(pk=version_id).first()
    if version is None:
        raise NotFound(missing)
    _let_in(Board.objects.filter(pk=version.recipe.scope), user, "", need, missing)
    return version


def snapshot_by_id(user: Somebody, snapshot_id: str, need: Role = Role.VIEWER) -> tuple[Snapshot, Card]:
    """With its card. Raises as `board_of` does."""
    missing = "There is no such snapshot, or you are not a member of its board."
    snapshot = Snapshot.objects.filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound(missing)
    rows = Card.objects.filter(session=snapshot.session_id).select_related("board", "column", "session")
    return snapshot, _let_in(rows, user, "board__", need, missing)


def question_by_id(user: Somebody, question_id: str, need: Role = Role.VIEWER) -> Question:
    """With its card. Raises as `board_of` does."""
    missing = "There is no such question, or you are not a member of its board."
    question = Question.objects.select_related("card").filter(pk=question_id).first()
    if question is None:
        raise NotFound(missing)
    _let_in(Card.objects.filter(pk=question.card_id), user, "board__", need, missing)
    return question


def recording_by_id(user: Somebody, recording_id: str, need: Role = Role.VIEWER) -> tuple[Recording, Card]:
    """With its card. Raises as `board_of` does."""
    missing = "There is no such recording, or you are not a member of its board."
    recording = Recording.objects.filter(pk=recording_id).first()
    if recording is None:
        raise NotFound(missing)
    rows = Card.objects.filter(session=recording.session_id).select_related("board", "column", "session")
    return recording, _let_in(rows, user, "board__", need, missing)


def column_of(board: Board, named: str) -> Column:
    """By its id; else by its name, or by its role: then the first such column."""
    for lookup in ("pk", "name__iexact", "role"):
        column = board.columns.filter(**{lookup: named}).order_by("rank", "id").first()
        if column is not None:
            return column
    raise NotFound("There is no such column on this board. Name it by its id, its name or its role.")
