"""What agents ask people. The only writer of these rows; an open question is told on its card until it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from boards.access import NotFound
from boards.actions import locked, saved
from boards.models import Card, Question
from boards.people import name_of
from boards.text import checked
from engines.errors import InvalidInput, PolicyRejected
from sessions import agents as runs
from sessions import history
from sessions.news import publish
from sessions.present import iso
from sessions.transitions import announce

log = logging.getLogger(__name__)

LONGEST: Final = 2_000
LONGEST_ANSWER: Final = 10_000
LONGEST_OPTION: Final = 200
MOST_OPTIONS: Final = 8
MOST_OPEN: Final = 20  # on one card: more are a program's fault, and nobody would read them
LOOK_S: Final = 5.0  # how long lost news of an answer can go unnoticed
MISSING: Final = "There is no such question, or you are not a member of its board."


@transaction.atomic
def ask(card: Card, text: str, options: Sequence[str] = (), asked_by: str = "", kind: str = "agent") -> Question:
    """Raise a hand on the card. Raises `InvalidInput`, and `PolicyRejected` where too many are open already."""
    text = checked("text", text, LONGEST)
    card = locked(card)
    if card.question_count >= MOST_OPEN:
        raise PolicyRejected(f"{MOST_OPEN} questions of this card are open. Wait for an answer, or withdraw one.")
    fields = {"options": _options(options), "asked_by": asked_by[:150], "kind": kind}
    question = Question.objects.create(card=card, text=text, **fields)
    _note(question, "question", asked_by, text=text[:300])
    _count(card)
    if kind == "agent":
        runs.waits(card.session_id, f"Asks: {text}")
    return question


def _options(given: Sequence[str]) -> list[str]:
    if len(given) > MOST_OPTIONS:
        raise InvalidInput(f"options: has {len(given)}; it takes at most {MOST_OPTIONS}.")
    made = [checked("options", each, LONGEST_OPTION) for each in given]
    return list(dict.fromkeys(made))


@transaction.atomic
def answer(question: Question, user: User, text: str) -> Question:
    """Once. Raises `PolicyRejected` where somebody else was first, or it was withdrawn."""
    text = checked("answer", text, LONGEST_ANSWER)
    question, card = _locked(question)
    _make_sure_it_is_open(question)
    question.answer, question.answered_by, question.answered_at = text, name_of(user), timezone.now()
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    _note(question, "answer", user.username, text=question.text[:300], answer=text[:300])
    _closed(question, card)
    return question


@transaction.atomic
def withdraw(question: Question, actor: str) -> None:
    """Nobody need answer it any more. One that is not open stays as it is."""
    question, card = _locked(question)
    if not is_open(question):
        return
    question.withdrawn_at = timezone.now()
    question.save(update_fields=["withdrawn_at"])
    _note(question, "withdrawn", actor, text=question.text[:300])
    _closed(question, card)


def withdraw_all(card: Card, kind: str, actor: str) -> None:
    """Of those who ask no more: an agent that has ended."""
    for question in card.questions.filter(answered_at=None, withdrawn_at=None, kind=kind):
        withdraw(question, actor)


def is_open(question: Question) -> bool:
    return question.answered_at is None and question.withdrawn_at is None


def _make_sure_it_is_open(question: Question) -> None:
    if question.answered_at is not None:
        raise PolicyRejected(f"{question.answered_by} has answered it already: {question.answer[:200]}")
    if question.withdrawn_at is not None:
        raise PolicyRejected("The question was withdrawn; nobody waits for an answer any more.")


def _locked(question: Question) -> tuple[Question, Card]:
    try:
        card = locked(question.card)
        return Question.objects.get(pk=question.pk), card
    except (Card.DoesNotExist, Question.DoesNotExist) as gone:
        raise NotFound(MISSING) from gone


def _note(question: Question, kind: str, actor: str, **detail: Any) -> None:
    session_id = question.card.session_id
    history.record(session_id, kind, actor=actor, question=question.pk, asked_by=question.asked_by, **detail)


def _count(card: Card) -> None:
    card.question_count = card.questions.filter(answered_at=None, withdrawn_at=None).count()
    saved(card, "question_count")
    announce(card.session_id)  # guests hear of it by the terminal


def _closed(question: Question, card: Card) -> None:
    _count(card)
    if question.kind == "agent" and not card.question_count:
        runs.goes_on(card.session_id)
    pk = question.pk
    transaction.on_commit(lambda: publish(_group(pk), {"type": "question.closed"}))


# waiting for an answer ------------------------------------------------------------------------------------
def _group(question_id: str) -> str:
    return f"question.{question_id}"


async def answered(question_id: str, timeout_s: float) -> Question:
    """The question as soon as it is answered or withdrawn; as it is when the time is up. Raises `NotFound`."""
    deadline = time.monotonic() + timeout_s
    async with _listening(_group(question_id)) as heard:
        while True:
            question: Question = await _read(question_id)
            left = deadline - time.monotonic()
            if not is_open(question) or left <= 0:
                return question
            await heard(min(left, LOOK_S))


@contextlib.asynccontextmanager
async def _listening(group: str) -> AsyncIterator[Callable[[float], Awaitable[None]]]:
    """Gives a function that returns upon news to the group, or after so many seconds: also while Redis is away."""
    layer = get_channel_layer()
    channel = ""
    try:
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
    except Exception as error:  # whatever the layer raises while Redis is away
        log.warning("news of an answer cannot be heard: %s", error)

    async def heard(timeout_s: float) -> None:
        try:
            await asyncio.wait_for(layer.receive(channel), timeout_s)
        except TimeoutError:
            return
        except Exception as error:  # as above
            log.warning("news of an answer cannot be heard: %s", error)
            await asyncio.sleep(min(timeout_s, 1))

    try:
        yield heard
    finally:
        with contextlib.suppress(Exception):
            await layer.group_discard(group, channel)


def _get(question_id: str) -> Question:
    question = Question.objects.filter(pk=question_id).first()
    if question is None:
        raise NotFound(MISSING)
    return question


_read = database_sync_to_async(_get, thread_sensitive=False)


# as people see it -----------------------------------------------------------------------------------------
def page(card: Card, *, only_open: bool = False, before: datetime | None = None, limit: int = 50) -> list[Question]:
    """The latest `limit` (up to 200), or the latest of those older than `before`; the newest is last."""
    found = card.questions.all()
    if only_open:
        found = found.filter(answered_at=None, withdrawn_at=None)
    if before is not None:
        found = found.filter(created_at__lt=before)
    return list(found.order_by("-created_at", "-id")[: max(1, min(limit, 200))])[::-1]


def question_json(question: Question) -> dict[str, Any]:
    """Shape: `QuestionOut`."""
    return {
        "id": question.pk,
        "card": question.card_id,
        "text": question.text,
        "options": question.options,
        "asked_by": question.asked_by,
        "kind": question.kind,
        "created_at": iso(question.created_at),
        "answer": question.answer,
        "answered_by": question.answered_by,
        "answered_at": iso(question.answered_at),
        "withdrawn_at": iso(question.withdrawn_at),
        "open": is_open(question),
    }
