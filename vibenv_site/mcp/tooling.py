"""How a function becomes a tool: what callers may use it, what they are told when it fails, progress while it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from boards import scopes, verbs
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
async def progress(ctx: Ctx, words: Callable[[], str]) -> AsyncIterator[None]:
    """Tell the caller every few seconds that the work goes on, and what `words` says of it."""

    async def tell() -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(PROGRESS_S)
            await ctx.report_progress(round(time.monotonic() - began, 1), message=words())

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
