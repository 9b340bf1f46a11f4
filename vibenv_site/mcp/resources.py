"""What clients may put before a model without a call: a card's task, and its screen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from boards import access, scopes
from engines.errors import VibenvError
from sessions.work.screen import screen
from vibenv_site.mcp.caller import Ctx, caller, find_card, in_db
from vibenv_site.mcp.place import at
from vibenv_site.mcp.server import server
from vibenv_site.mcp.terminal_tools import screen_out


@contextlib.contextmanager
def looked_at(ctx: Ctx) -> Iterator[None]:
    """What may be looked at, by whom; what goes wrong, as clients are told it."""
    try:
        scopes.must(caller(ctx).user, "look")
        yield
    except access.NotFound as missing:
        raise ResourceNotFoundError(str(missing)) from missing
    except VibenvError as error:
        raise ResourceError(str(error)) from error


@server.resource("vibenv://card/{card}/task", title="A card's task", mime_type="text/markdown")
async def task(card: str, ctx: Ctx) -> str:
    """Title and description."""
    with looked_at(ctx):
        found = await in_db(find_card, caller(ctx).user, card)
        return f"# {found.title}\n\n{found.description}\n"


@server.resource("vibenv://card/{card}/screen", title="A card's terminal", mime_type="text/plain")
async def terminal(card: str, ctx: Ctx) -> str:
    """What its first terminal shows just now."""
    with looked_at(ctx):
        there = await at(ctx, card, access.Role.VIEWER)
        return screen_out(await screen(there.place)).text or ""
