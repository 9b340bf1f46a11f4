"""What clients may put before a model without a call: a card's task, and its screen."""

from __future__ import annotations

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from boards import access, scopes
from engines.errors import VibenvError
from vibenv_site.mcp.caller import Ctx, caller, find_card, in_db
from vibenv_site.mcp.server import server


@server.resource("vibenv://card/{card}/task", title="A card's task", mime_type="text/markdown")
async def task(card: str, ctx: Ctx) -> str:
    """Title and description."""
    try:
        scopes.must(caller(ctx).user, "look")
        found = await in_db(find_card, caller(ctx).user, card)
    except access.NotFound as missing:
        raise ResourceNotFoundError(str(missing)) from missing
    except VibenvError as error:
        raise ResourceError(str(error)) from error
    return f"# {found.title}\n\n{found.description}\n"
