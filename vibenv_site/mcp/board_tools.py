"""Tools about boards and cards."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated

from django.contrib.auth.models import User
from django.db.models import Q
from pydantic import Field

from boards import access, actions, attachments, comments, editing
from boards.models import Board, Card, Label
from engines.errors import InvalidInput
from vibenv_site.mcp import shapes
from vibenv_site.mcp.caller import Ctx, caller, find_board, find_card, in_db
from vibenv_site.mcp.tooling import tool

MOST_LISTED = 200
LATEST_COMMENTS = 20
CardName = Annotated[
    str, Field(description="Id, address, session or exact title; empty: the card that this token is for.")
]
BoardName = Annotated[str, Field(description="Id, address or exact name; empty: the only one there is.")]
Limit = Annotated[int, Field(ge=1, le=MOST_LISTED)]


@tool("List boards", reads=True)
async def list_boards(*, ctx: Ctx) -> shapes.BoardsOut:
    """The boards that you may see, with their columns: names, roles (backlog, active, done) and numbers of cards."""
    return await in_db(_boards, caller(ctx).user)


def _boards(user: User) -> shapes.BoardsOut:
    boards = list(access.boards_of(user))
    seen = Card.objects.filter(board__in=boards, archived_at=None)
    counts = Counter(seen.values_list("column_id", flat=True))
    return shapes.BoardsOut(boards=[shapes.board_out(b, str(access.role_of(user, b.pk) or ""), counts) for b in boards])


@tool("List cards", reads=True)
async def list_cards(
    board: BoardName = "",
    column: Annotated[str, Field(description="A column's name, id or role: backlog, active, done.")] = "",
    status: Annotated[str, Field(description="Of the session: new, running, asleep, paused, archived, failed…")] = "",
    text: Annotated[str, Field(description="What title or description has in it.")] = "",
    limit: Limit = 50,
    *,
    ctx: Ctx,
) -> shapes.CardsOut:
    """Cards in the order of their columns, without the archived ones. Without `board` those of all boards."""
    return await in_db(_cards, caller(ctx).user, board=board, column=column, status=status, text=text, limit=limit)


def _cards(user: User, *, board: str, column: str, status: str, text: str, limit: int) -> shapes.CardsOut:
    found = access.cards_of(user).filter(archived_at=None).select_related("column", "session")
    if board:
        found = found.filter(board=find_board(user, board))
    if column:
        found = found.filter(Q(column__pk=column) | Q(column__name__iexact=column) | Q(column__role=column.lower()))
    if text:
        found = found.filter(Q(title__icontains=text) | Q(description__icontains=text))
    found = found.prefetch_related("session__agent_runs__terminal")
    fit = [c for c in found.order_by("board_id", "column__rank", "rank", "id") if status in ("", c.session.status)]
    return shapes.CardsOut(cards=[shapes.card_out(card) for card in fit[:limit]], more=max(0, len(fit) - limit))


@tool("Read a card", reads=True)
async def read_card(card: CardName = "", *, ctx: Ctx) -> shapes.CardDetailOut:
    """All of a card: its description (the task), comments, files, questions, and how its session is."""
    return await in_db(lambda: _detail(find_card(caller(ctx).user, card)))


def _detail(card: Card) -> shapes.CardDetailOut:
    names = dict(Label.objects.filter(board=card.board_id).values_list("pk", "name"))
    files = [
        shapes.FileOut(name=f["name"], path=f["path"], size_bytes=f["size_bytes"]) for f in attachments.present(card)
    ]
    return shapes.CardDetailOut(
        **shapes.card_fields(card),
        description=card.description,
        labels=[names[each] for each in card.label_ids if each in names],
        due_on=card.due_on.isoformat() if card.due_on else None,
        terminals=shapes.terminals_of(card.session),
        comments=shapes.comments_out(card, LATEST_COMMENTS),
        files=files,
        questions=shapes.questions_out(card),
    )


@tool("Create a card")
async def create_card(
    title: str,
    description: Annotated[str, Field(description="The task, in Markdown.")] = "",
    board: BoardName = "",
    column: Annotated[str, Field(description="Name, id or role; in an active one it starts at once.")] = "backlog",
    labels: Annotated[list[str] | None, Field(description="Names of labels that the board has.")] = None,
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """A new card at the end of a column. To have it start and wait for that, use `launch`."""
    return await in_db(
        _create, caller(ctx).user, board, column, title=title, description=description, labels=labels or []
    )


def _create(user: User, board: str, column: str, *, title: str, description: str, labels: list[str]) -> shapes.CardOut:
    on = find_board(user, board, access.Role.EDITOR)
    made = actions.create_card(
        on,
        user,
        title=title,
        description=description,
        column=access.column_of(on, column) if column else None,
        label_ids=_label_ids(on, labels),
    )
    return shapes.card_out(made)


@tool("Edit a card", again=True)
async def edit_card(
    card: CardName = "",
    title: str | None = None,
    description: str | None = None,
    labels: Annotated[list[str] | None, Field(description="Names; they replace what the card has.")] = None,
    due_on: Annotated[str | None, Field(description="YYYY-MM-DD; empty: none.")] = None,
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """Change what is given; what is left out stays. Of a text that others may have changed, `read_card` first."""
    return await in_db(
        _edit, caller(ctx).user, card, title=title, description=description, labels=labels, due_on=due_on
    )


def _edit(
    user: User, named: str, *, title: str | None, description: str | None, labels: list[str] | None, due_on: str | None
) -> shapes.CardOut:
    card = find_card(user, named, access.Role.EDITOR)
    given = editing.Fields()
    if title is not None:
        given["title"] = title
    if description is not None:
        given["description"] = description
    if labels is not None:
        given["labels"] = _label_ids(card.board, labels)
    if due_on is not None:
        given["due_on"] = _day(due_on)
    if not given:
        raise InvalidInput("Nothing was given to change: title, description, labels or due_on.")
    return shapes.card_out(editing.edit_card(card, given))


@tool("Move a card", again=True)
async def move_card(
    column: Annotated[str, Field(description="Name, id or role: backlog, active, done.")],
    card: CardName = "",
    before: Annotated[str, Field(description="The card that it goes ahead of; empty: to the end.")] = "",
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """Into an active column its session starts; out of one it stops and keeps its files; into done, as a snapshot."""
    return await in_db(_move, caller(ctx).user, card, column, before)


def _move(user: User, named: str, column: str, before: str) -> shapes.CardOut:
    card = find_card(user, named, access.Role.EDITOR)
    ahead_of = find_card(user, before) if before else None
    return shapes.card_out(actions.move_card(card, access.column_of(card.board, column), ahead_of, user=user))


@tool("Comment on a card")
async def comment(
    text: Annotated[str, Field(description="Markdown; `@username` tells that member of the board.")],
    card: CardName = "",
    *,
    ctx: Ctx,
) -> shapes.SaidOut:
    """Say something about a card, for people to read: what you did, what you found, what is left."""

    def add() -> shapes.SaidOut:
        found = find_card(caller(ctx).user, card, access.Role.EDITOR)
        comments.add(found, caller(ctx).user, text)
        return shapes.comments_out(found, 1)[0]

    return await in_db(add)


def _label_ids(board: Board, names: list[str]) -> list[str]:
    known = {label.name.lower(): label.pk for label in board.labels.all()}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        raise InvalidInput(f"labels: the board has no {unknown[0]!r}. It has {', '.join(known) or 'none'}.")
    return [known[name.lower()] for name in names]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise InvalidInput(f"due_on: {text!r} is no day; write it as 2026-11-25.") from wrong
