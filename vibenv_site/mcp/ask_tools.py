"""The tool by which an agent asks people."""

from __future__ import annotations

from typing import Annotated

from django.contrib.auth.models import User
from pydantic import Field

from boards import access, actors, questions
from boards.models import Question
from vibenv_site.mcp import shapes
from vibenv_site.mcp.board_tools import CardName
from vibenv_site.mcp.caller import Ctx, caller, find_card, in_db
from vibenv_site.mcp.tooling import lasting, tool


class AskedOut(shapes.QuestionOut):
    """`hint` says what to do while there is no answer."""

    hint: str = ""


@tool("Ask the people on a card")
async def ask_human(
    text: Annotated[str, Field(description="One clear question, with what they need to know to answer it.")] = "",
    options: Annotated[list[str] | None, Field(description="Up to 8 likely answers; they become buttons.")] = None,
    card: CardName = "",
    question: Annotated[str, Field(description="Instead of `text`: one that was asked before, to wait on.")] = "",
    timeout_s: Annotated[float, Field(ge=0, le=86_400)] = 600,
    *,
    ctx: Ctx,
) -> AskedOut:
    """Raise a hand on the card and wait for somebody's answer. They see the question on the board and in the terminal.

    Without an answer in time, `answer` is null and the question stays open: call this again with `question` to wait on.
    """
    who = caller(ctx)
    asked = await in_db(_find if question else _ask, who.user, question or text, options or [], card)
    async with lasting(ctx, asked.card.board_id, lambda: "Nobody has answered yet."):
        asked = await questions.answered(asked.pk, timeout_s)
    hint = "" if asked.answered_at else f"Nobody has answered yet. To wait on: ask_human with question={asked.pk}."
    if asked.withdrawn_at:
        hint = "It was withdrawn: nobody will answer it."
    return AskedOut(**shapes.question_out(asked).model_dump(), hint=hint)


def _ask(user: User, text: str, options: list[str], card: str) -> Question:
    return questions.ask(find_card(user, card, access.Role.EDITOR), text, options, actors.actor_of(user).name)


def _find(user: User, question: str, options: list[str], card: str) -> Question:  # noqa: ARG001  (as `_ask`)
    return access.question_by_id(user, question, access.Role.EDITOR)
