"""What tools answer: short, since whoever reads it pays for each word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from pydantic import BaseModel

from boards.models import Board, Card, Question
from boards.people import name_of
from sessions import attention
from sessions.agents import run_json
from sessions.models import Session, Snapshot


class ColumnOut(BaseModel):
    id: str
    name: str
    role: str
    cards: int


class BoardOut(BaseModel):
    id: str
    name: str
    url: str
    my_role: str
    columns: list[ColumnOut]


class BoardsOut(BaseModel):
    boards: list[BoardOut]


class CardOut(BaseModel):
    """`status` is the session's: new, starting, running, stopping, asleep, paused, archived, failed; `note` says why.
    `agent`: what the agent on the card does, empty where it has none."""

    id: str
    title: str
    board: str
    column: str
    column_role: str
    status: str
    note: str
    session: str
    url: str
    open_questions: int
    agent: str
    updated_at: datetime


class CardsOut(BaseModel):
    cards: list[CardOut]
    more: int  # that fit as well, but were not listed


class SaidOut(BaseModel):
    by: str
    text: str
    at: datetime


class FileOut(BaseModel):
    """`path` is where it lies in the session."""

    name: str
    path: str
    size_bytes: int


class QuestionOut(BaseModel):
    id: str
    text: str
    options: list[str]
    answer: str | None
    answered_by: str


class CardDetailOut(CardOut):
    description: str
    labels: list[str]
    due_on: str | None
    terminals: list[str]  # the numbers of all, with their names
    comments: list[SaidOut]  # the latest, the newest last
    files: list[FileOut]
    questions: list[QuestionOut]


class SnapshotOut(BaseModel):
    """`state`: making, kept (on the engine), ready (in the registry, and read back), failed (`problem`)."""

    id: str
    state: str
    note: str
    problem: str


class LinkOut(BaseModel):
    url: str
    role: str
    expires_at: datetime


def card_fields(card: Card) -> dict[str, Any]:
    """Wants column and session loaded."""
    return {
        "id": card.pk,
        "title": card.title,
        "board": card.board_id,
        "column": card.column.name,
        "column_role": card.column.role,
        "status": card.session.status,
        "note": _note(card.session),
        "session": card.session.container,
        "url": f"{settings.PUBLIC_URL}/c/{card.pk}",
        "open_questions": card.question_count,
        "agent": _agent(card),
        "updated_at": card.updated_at,
    }


def card_out(card: Card) -> CardOut:
    return CardOut(**card_fields(card))


def _agent(card: Card) -> str:
    """Such as `waiting: Which one?`, or `finished (0)`."""
    run = run_json(card.session)
    if run["state"] is None:
        return "not started" if card.agent else ""
    paused = " (paused)" if run["paused"] else ""
    code = f" ({run['exit_code']})" if run["exit_code"] is not None else ""
    words = f": {run['words']}" if run["words"] else ""
    return f"{run['state']}{paused}{code}{words}"


def _note(session: Session) -> str:
    waits = attention.words_of(session) if session.status == "running" else ""
    return f"Something in the terminal waits: {waits}" if waits else session.reason


def board_out(board: Board, my_role: str, counts: dict[str, int]) -> BoardOut:
    """`counts`: cards by column."""
    columns = [
        ColumnOut(id=c.pk, name=c.name, role=c.role, cards=counts.get(c.pk, 0))
        for c in board.columns.order_by("rank", "id")
    ]
    return BoardOut(
        id=board.pk, name=board.name, url=f"{settings.PUBLIC_URL}/b/{board.pk}", my_role=my_role, columns=columns
    )


def snapshot_out(made: Snapshot) -> SnapshotOut:
    return SnapshotOut(id=made.pk, state=made.state, note=made.note, problem=made.problem)


def comments_out(card: Card, most: int) -> list[SaidOut]:
    found = card.comments.select_related("author").order_by("-created_at", "-id")[:most]
    return [
        SaidOut(by=name_of(each.author) if each.author else "", text=each.text, at=each.created_at)
        for each in reversed(found)
    ]


def questions_out(card: Card) -> list[QuestionOut]:
    """The open ones first, then the latest answers."""
    found = card.questions.filter(withdrawn_at=None).order_by("-answered_at", "-created_at")[:20]
    return [question_out(each) for each in sorted(found, key=lambda each: each.answered_at is not None)]


def question_out(asked: Question) -> QuestionOut:
    return QuestionOut(
        id=str(asked.pk),
        text=asked.text,
        options=asked.options,
        answer=asked.answer if asked.answered_at else None,
        answered_by=asked.answered_by,
    )


def terminals_of(session: Session) -> list[str]:
    """`0` is the one that people look at first."""
    further = session.terminals.filter(closed_at=None).order_by("number")
    return ["0", *(f"{each.number}: {each.name}" for each in further)]
