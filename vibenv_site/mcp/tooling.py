"""How a function becomes a tool: who may use it, what they are told when it fails, and while it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from boards import access, scopes, tokens, verbs
from boards.socket_guard import Pass, guards
from engines.errors import VibenvError
from sessions.work.errors import CutOff
from vibenv_site.mcp.caller import Ctx, caller
from vibenv_site.mcp.server import server

UNTIL_THEN: Final = 16_000  # characters of an output that was cut off
PROGRESS_S: Final = 5.0  # between two notes; clients give up on what is silent for a minute
Tool = TypeVar("Tool", bound=Callable[..., Awaitable[Any]])


def tool(
    title: str, *, reads: bool = False, destroys: bool = False, again: bool = False, verb: str | None = None
) -> Callable[[Tool], Tool]:
    """Offer a coroutine function under its own name; its docstring is what agents read.

    `reads`: it changes nothing; `destroys`: what it changes may be lost; `again`: twice is as once. `verb` names the tool
    as whose verb it counts, where that is another one; empty: it asks for its callers' verbs itself.
    """

    def offer(work: Tool) -> Tool:
        @functools.wraps(work)
        async def told(*args: Any, ctx: Ctx, **kwargs: Any) -> Any:
            try:
                if verb != "":
                    scopes.must_verb(caller(ctx).user, verbs.of_tool(verb or work.__name__))
                return await work(*args, ctx=ctx, **kwargs)
            except CutOff as error:
                said = f"{error}\nIts output until then:\n{error.output[-UNTIL_THEN:]}" if error.output else str(error)
                raise ToolError(said) from error
            except VibenvError as error:
                raise ToolError(str(error)) from error

        hints = ToolAnnotations(
            title=title,
            read_only_hint=reads,
            destructive_hint=destroys,
            idempotent_hint=reads or again,
            open_world_hint=False,
        )
        server.add_tool(told, title=title, annotations=hints)
        return work

    return offer


@contextlib.asynccontextmanager
async def lasting(ctx: Ctx, board_id: str, words: Callable[[], str]) -> AsyncIterator[None]:
    """Around what may take long: every few seconds its caller is told that it goes on, and what `words` says of it.

    It ends with the token or the membership that let it begin: raises `Forbidden`.
    """
    heard = guards.heard
    held = _pass(ctx, board_id)
    telling = asyncio.create_task(_tell(ctx, words))
    try:
        async with guards.watching(held, heard):
            yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or not held.ended.done():
            raise
        task.uncancel()
        raise access.Forbidden(held.ended.result().reason) from None
    finally:
        telling.cancel()
        held.ended.cancel()


def _pass(ctx: Ctx, board_id: str) -> Pass:
    """Whose end cancels the task that this is called in."""
    who = caller(ctx)
    held = Pass(who.user.pk, board_id, role=None, login="", token=tokens.digest(who.token))
    task = asyncio.current_task()
    held.ended.add_done_callback(lambda ended: task.cancel() if task and not ended.cancelled() else None)
    return held


async def _tell(ctx: Ctx, words: Callable[[], str]) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(PROGRESS_S)
        await ctx.report_progress(round(time.monotonic() - began, 1), message=words())
