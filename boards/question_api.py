"""The HTTP API of questions to people: a thin adapter over `questions` and `access`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from boards import access, questions, scopes
from boards.access import Forbidden
from boards.caller import FAULTS, user_of
from boards.paging import tell_next
from boards.people import name_of
from boards.questions import question_json
from boards.schemas import AnswerIn, QuestionIn, QuestionOut
from engines.errors import InvalidInput
from sessions.present import iso

router = Router(tags=["questions"])

LONGEST_WAIT_S = 300.0
NOT_BY_AGENTS = (
    "Only a person can answer. Wait for one: `GET /questions/{id}?wait_s=60` answers as soon as somebody did."
)


def _agent(user: User) -> str | None:
    """The name of the agent whose token this is; None for a person's."""
    scope = scopes.of(user)
    return str(scope.name) if scope is not None and scope.kind == "agent" else None


@router.post("/cards/{card_id}/questions", response={201: QuestionOut, **FAULTS})
def ask(request: HttpRequest, card_id: str, new: QuestionIn) -> Any:
    """Ask the people of the board; the card raises a hand until somebody answers. `options` are what they may choose
    from (they can answer in words of their own, too). Then wait: `GET /questions/{id}?wait_s=60`."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    agent = _agent(user)
    kind = "agent" if agent else "human"
    asked = questions.ask(card, new.text, new.options, asked_by=agent or name_of(user), kind=kind)
    return Status(201, question_json(asked))


@router.get("/cards/{card_id}/questions", response={200: list[QuestionOut], **FAULTS})
def list_questions(
    request: HttpRequest,
    response: HttpResponse,
    card_id: str,
    *,
    open: bool = False,
    before: datetime | None = None,
    limit: int = 50,
) -> Any:
    """The latest, the newest last; `open`: only what nobody answered yet. `before` a `created_at` gives older ones."""
    card = access.card_of(user_of(request), card_id)
    found = questions.page(card, only_open=open, before=before, limit=limit)
    tell_next(request, response, iso(found[0].created_at) if len(found) >= max(1, limit) else None, "before")
    return [question_json(each) for each in found]


@router.get("/questions/{question_id}", response={200: QuestionOut, **FAULTS})
async def read_question(request: HttpRequest, question_id: str, wait_s: float = 0) -> Any:
    """A question and its answer. With `wait_s` (up to 300) it comes as soon as there is one, or when the time is up."""
    if not 0 <= wait_s <= LONGEST_WAIT_S:
        raise InvalidInput(f"wait_s: must be from 0 to {LONGEST_WAIT_S:g} seconds; ask again to wait on.")
    found = await database_sync_to_async(access.question_by_id)(user_of(request), question_id)
    return question_json(await questions.answered(found.pk, wait_s) if wait_s else found)


@router.post("/questions/{question_id}/answer", response={200: QuestionOut, **FAULTS})
def answer_question(request: HttpRequest, question_id: str, given: AnswerIn) -> Any:
    """Answer for all: the first answer counts. A later one is refused with 409, which says what was answered."""
    user = user_of(request)
    found = access.question_by_id(user, question_id, access.Role.EDITOR)
    if _agent(user):
        raise Forbidden(NOT_BY_AGENTS)
    return question_json(questions.answer(found, user, given.answer))


@router.delete("/questions/{question_id}", response={204: None, **FAULTS})
def withdraw_question(request: HttpRequest, question_id: str) -> Any:
    """Nobody need answer it any more. It stays in the card's history."""
    user = user_of(request)
    questions.withdraw(access.question_by_id(user, question_id, access.Role.EDITOR), _agent(user) or user.username)
    return Status(204, None)
