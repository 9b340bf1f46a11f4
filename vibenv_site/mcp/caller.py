"""Who calls a tool, and what of boards and cards they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from mcp.server.mcpserver import Context

from boards import access, scopes
from boards.models import Board, Card, Column
from engines.errors import InvalidInput, PolicyRejected

KEY: Final = "vibenv.caller"  # where the ASGI scope has it
Ctx = Context[Any, Any]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is. `api` is the ASGI application of `/api/v1`."""

    user: User
    token: str
    api: Any


def caller(ctx: Ctx) -> Caller:
    request: Any = ctx.request_context.request
    found: Caller = request.scope[KEY]
    return found


async def in_db(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """In a thread with a connection of its own."""
    result: T = await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
    return result


def find_card(user: User, named: str, need: access.Role = access.Role.VIEWER) -> Card:
    """By id, address, session or title; of a card's own token that card, where none is named.

    Raises `InvalidInput`, and as `access.card_of` does.
    """
    named = named.strip()
    scope = scopes.of(user)
    own = scope.card_id if scope else None
    if not named and not own:
        raise InvalidInput("card: name one: its id, address, session or title; `list_cards` lists them.")
    try:
        return access.card_of(user, _id_in(named) if named else str(own), need)
    except access.NotFound:
        return access.card_of(user, _by_name(user, named), need)


def _id_in(named: str) -> str:
    """What an address of ours ends with; anything else as it is."""
    return urlsplit(named).path.rstrip("/").removesuffix("/full").rsplit("/", 1)[-1] if "://" in named else named


def _by_name(user: User, named: str) -> str:
    seen = access.cards_of(user).filter(archived_at=None)
    found = list(seen.filter(session__name=named.removeprefix("vibenv-"))[:1]) or list(seen.filter(title=named)[:2])
    if len(found) > 1:
        raise InvalidInput(f"card: several are called {named!r}; name one by its id, from `list_cards`.")
    if not found:
        raise access.NotFound("There is no such card, or you may not see it. `list_cards` lists those that you may.")
    return found[0].pk


def find_board(user: User, named: str, need: access.Role = access.Role.VIEWER) -> Board:
    """By id, address or name; the only one where none is named. Raises `InvalidInput`, and as `access.board_of` does."""
    named = _id_in(named.strip())
    seen = access.boards_of(user)
    found = list(seen.filter(pk=named) or seen.filter(name=named) if named else seen)
    if len(found) > 1:
        raise InvalidInput("board: name one by its id; `list_boards` lists them.")
    if not found:
        raise access.NotFound("There is no such board, or you are not a member of it. `list_boards` lists yours.")
    return access.board_of(user, found[0].pk, need)


def column_for(card: Card, role: str) -> Column:
    """The first column of that role on the card's board. Raises `PolicyRejected`."""
    column = card.board.columns.filter(role=role).order_by("rank", "id").first()
    if column is None:
        raise PolicyRejected(f"The board has no {role} column. Somebody has to make one first.")
    return column
