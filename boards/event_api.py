"""The HTTP API of events: what happens, as server-sent events, for as long as the caller may see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from boards import access, people, scopes, tokens
from boards.caller import FAULTS, user_of
from boards.followers import Follower, event_stream, follow, frame
from boards.login_sessions import stored
from boards.socket_guard import Pass, guards
from layers import logs

router = Router(tags=["events"])

LOOK_EVERY_S: Final = 0.5
HEARTBEAT_LOOKS: Final = 30
STREAM: Final = {200: str, **FAULTS}


@router.get("/boards/{board_id}/events", response=STREAM)
async def follow_board(request: HttpRequest, board_id: str) -> Any:
    """What happens on the board, as `text/event-stream`: `card`, `card_deleted`, `board` (fetch it anew), `layers`.

    It begins with `hello` and the board's version. With `Last-Event-ID` it goes on from there, or says `reset` where that is
    too long ago: fetch anew. `end` says why it ends. A comment every 15 s shows that it is alive.
    """
    return await _follow(request, board_id=board_id)


@router.get("/cards/{card_id}/events", response=STREAM)
async def follow_card(request: HttpRequest, card_id: str) -> Any:
    """The same of one card: `card` whenever it or its session changes, `card_deleted` at last."""
    return await _follow(request, card_id=card_id)


async def _follow(request: HttpRequest, board_id: str = "", card_id: str | None = None) -> StreamingHttpResponse:
    heard = guards.heard
    user = user_of(request)
    board_id, person = await _admitted(user, board_id, card_id)
    last = request.headers.get("Last-Event-ID", "")
    follower = Follower(person, card_id, int(last) if last.isdecimal() else None)
    return follow(board_id, follower, _pass(request, user, board_id), heard, str(user.pk))


def _look_up(user: User, board_id: str, card_id: str | None) -> tuple[str, people.PersonJson]:
    found = access.card_of(user, card_id).board_id if card_id else access.board_of(user, board_id).pk
    return found, people.person_json(user)


_admitted = database_sync_to_async(_look_up)  # in the threads that requests in the event loop share


def _pass(request: HttpRequest, user: User, board_id: str) -> Pass:
    secret = tokens.bearer_of(request.headers.get("Authorization", ""))
    by_token = secret is not None and scopes.of(user) is not None
    return Pass(
        user_id=user.pk,
        board_id=board_id,
        role=None,
        login="" if by_token else stored(request.session.session_key or ""),
        token=tokens.digest(secret) if secret is not None and by_token else "",
    )


@router.get("/versions/{version_id}/events", response=STREAM)
async def follow_build(request: HttpRequest, version_id: int) -> Any:
    """The log of its build as it grows: `log` events, whose `id` is the byte to go on from (`Last-Event-ID`), then `end`."""
    heard = guards.heard
    user = user_of(request)
    board_id, *_ = await _part(user, version_id, 0)
    last = request.headers.get("Last-Event-ID", "")
    held = _pass(request, user, board_id)
    return event_stream(_log(user, version_id, int(last) if last.isdecimal() else 0, held, heard))


async def _log(user: User, version_id: int, offset: int, held: Pass, heard: int) -> AsyncIterator[bytes]:
    quiet = 0
    async with guards.watching(held, heard):
        while not held.ended.done():
            try:
                _, part, state = await _part(user, version_id, offset)
            except (access.NotFound, access.Forbidden) as gone:
                yield frame("end", {"reason": str(gone)})
                return
            if part["text"]:
                offset = part["offset"]
                yield frame("log", {"text": part["text"]}, offset)
                continue
            if part["ended"]:
                yield frame("end", {"reason": f"The build is {state}.", "state": state})
                return
            quiet += 1
            if quiet % HEARTBEAT_LOOKS == 0:
                yield b": still here\n\n"
            await asyncio.wait((held.ended,), timeout=LOOK_EVERY_S)
        yield frame("end", {"reason": held.ended.result().reason})


def _read_part(user: User, version_id: int, offset: int) -> tuple[str, dict[str, Any], str]:
    """Its board, the part of the log, and the build's state."""
    version = access.version_by_id(user, version_id)
    return version.recipe.scope, logs.part(version.build, offset), str(version.build.state)


_part = database_sync_to_async(_read_part)
