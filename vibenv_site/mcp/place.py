"""Where a call works: the running session of a card, and one of its terminals; and as whom."""

from __future__ import annotations

from dataclasses import dataclass

from boards import access, work
from sessions.terminal.actor import Actor
from sessions.work.place import Place
from vibenv_site.mcp.caller import Ctx, caller, find_card, in_db


@dataclass(frozen=True, slots=True)
class At:
    """Whoever comes by MCP is an agent, whosever token it has: people have right of way, and may pause it."""

    place: Place
    actor: Actor
    board_id: str


async def at(ctx: Ctx, named: str, need: access.Role = access.Role.EDITOR, terminal: int = 0) -> At:
    """One that sleeps is woken. Raises as `work.reach` does, and `PolicyRejected` while people have paused its agents."""
    user = caller(ctx).user
    card = await in_db(find_card, user, named, need)
    place, actor = await work.reach(user, card.pk, need, terminal=terminal)
    return At(place, actor, card.board_id)
