"""Tools about a card's session as a whole: launch, sleep, snapshots, forks, links."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Literal

from django.contrib.auth.models import User
from pydantic import Field

from boards import access, actions, limits, links, session_life
from boards.models import Card, Column
from boards.present import link_url
from engines.errors import InvalidInput, PolicyRejected
from sessions.models import Session, Snapshot
from sessions.steps import LABELS
from vibenv_site.mcp import shapes
from vibenv_site.mcp.board_tools import BoardName, CardName
from vibenv_site.mcp.caller import Ctx, caller, column_for, find_board, find_card, in_db
from vibenv_site.mcp.tooling import lasting, tool

LOOK_S = 0.25
Seconds = Annotated[float, Field(ge=0, le=3600)]


@tool("Launch a card's session", again=True)
async def launch(
    card: CardName = "",
    title: Annotated[str, Field(description="For a new card instead of one that exists.")] = "",
    description: Annotated[str, Field(description="Of the new card: the task, in Markdown.")] = "",
    board: BoardName = "",
    timeout_s: Seconds = 120,
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """Have a session run, and wait for it: of a card that exists, or of a new one with `title`.

    The card goes to the first active column if it is in none. If it does not run in time, the answer's `status` and
    `note` say where it stands; calling it again waits on.
    """
    user = caller(ctx).user
    started = await in_db(_start, user, card, title, description, board)
    said = ""
    deadline = time.monotonic() + timeout_s
    async with lasting(ctx, started.board_id, lambda: said):
        while True:
            now = await in_db(_seen, started)
            if now.session.status in {"running", "failed"} or time.monotonic() > deadline:
                break
            said = await in_db(_step, now.session)
            await asyncio.sleep(LOOK_S)
    if now.session.status == "failed":
        raise PolicyRejected(f"The session failed: {now.session.reason} `launch` tries again; card {now.pk}.")
    return await in_db(shapes.card_out, now)


def _start(user: User, named: str, title: str, description: str, board: str) -> Card:
    if title and named:
        raise InvalidInput("card and title: give one of them, an existing card or the title of a new one.")
    if title:
        on = find_board(user, board, access.Role.EDITOR)
        made = actions.create_card(on, user, title=title, description=description)
        return actions.move_card(made, column_for(made, Column.Role.ACTIVE), None, user=user)
    card = find_card(user, named, access.Role.EDITOR)
    if card.column.role != Column.Role.ACTIVE:
        return actions.move_card(card, column_for(card, Column.Role.ACTIVE), None, user=user)
    return card if card.session.status in {"running", "starting"} else actions.start_card(card, user=user)


def _seen(card: Card) -> Card:
    found = Card.objects.select_related("board", "column", "session").filter(pk=card.pk).first()
    if found is None:
        raise access.NotFound("The card was deleted meanwhile.")
    return found


def _step(session: Session) -> str:
    step = session.steps.filter(finished_at=None).last()
    return f"{LABELS.get(step.name, step.name)} {step.detail}".strip() if step else session.status


@tool("Put a session to sleep", again=True)
async def sleep(
    card: CardName = "",
    how: Annotated[
        Literal["pause", "stop", "archive"],
        Field(description="pause keeps processes, stop keeps files, archive keeps a snapshot alone."),
    ] = "pause",
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """Let a session rest. `launch` has it go on where it was; so does the next `run` on it."""

    def rest() -> shapes.CardOut:
        found = find_card(caller(ctx).user, card, access.Role.EDITOR)
        return shapes.card_out(session_life.sleep(found, how, user=caller(ctx).user))

    return await in_db(rest)


@tool("Take a snapshot")
async def snapshot(
    card: CardName = "",
    note: Annotated[str, Field(description="What others read beside it.")] = "",
    timeout_s: Seconds = 60,
    *,
    ctx: Ctx,
) -> shapes.SnapshotOut:
    """Keep all that a session wrote, as it is now; it goes on meanwhile. `restore` takes it back to that."""

    found = await in_db(find_card, caller(ctx).user, card, access.Role.EDITOR)
    made = await in_db(session_life.snapshot, found, note, user=caller(ctx).user)
    deadline = time.monotonic() + timeout_s
    async with lasting(ctx, found.board_id, lambda: f"The snapshot is {made.state}."):
        while made.state in {Snapshot.State.MAKING, Snapshot.State.KEPT} and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_S)
            await in_db(made.refresh_from_db)
    return shapes.snapshot_out(made)


@tool("Take a session back to a snapshot", destroys=True)
async def restore(
    card: CardName = "",
    snapshot: Annotated[str, Field(description="Its id; empty: the latest that somebody took.")] = "",
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """The session's files become those of a snapshot; what runs in it ends. What it has now is kept as another snapshot."""

    def back() -> shapes.CardOut:
        user = caller(ctx).user
        found = find_card(user, card, access.Role.EDITOR)
        return shapes.card_out(session_life.restore(found, _chosen(user, found, snapshot), user=user))

    return await in_db(back)


def _chosen(user: User, card: Card, snapshot_id: str) -> Snapshot:
    if snapshot_id:
        return access.snapshot_by_id(user, snapshot_id, access.Role.EDITOR)[0]
    usable = (Snapshot.State.KEPT, Snapshot.State.READY)
    taken = card.session.snapshots.filter(kind=Snapshot.Kind.ASKED, state__in=usable)
    latest = taken.order_by("-created_at", "-id").first()
    if latest is None:
        raise PolicyRejected("Nobody took a snapshot of this session yet. `snapshot` takes one.")
    return latest


@tool("Fork a card")
async def fork(
    card: CardName = "",
    title: Annotated[str, Field(description="Of the new card; empty: the old one's with (fork).")] = "",
    snapshot: Annotated[str, Field(description="Fork that one instead of what there is now.")] = "",
    *,
    ctx: Ctx,
) -> shapes.CardOut:
    """A new card with a copy of all that the session wrote: to try something without risk for the original."""

    def copy() -> shapes.CardOut:
        user = caller(ctx).user
        found = find_card(user, card, access.Role.EDITOR)
        of = access.snapshot_by_id(user, snapshot, access.Role.EDITOR)[0] if snapshot else None
        return shapes.card_out(session_life.fork(found, user=user, title=title or None, of=of))

    return await in_db(copy)


@tool("Finish a card", again=True, verb="move_card")
async def done(card: CardName = "", *, ctx: Ctx) -> shapes.CardOut:
    """Move a card to the first column for done ones: its session is kept as a snapshot and its container goes."""

    def finish() -> shapes.CardOut:
        found = find_card(caller(ctx).user, card, access.Role.EDITOR)
        if found.column.role == Column.Role.DONE:
            return shapes.card_out(found)
        return shapes.card_out(
            actions.move_card(found, column_for(found, Column.Role.DONE), None, user=caller(ctx).user)
        )

    return await in_db(finish)


@tool("Share a terminal")
async def share(
    card: CardName = "",
    role: Annotated[Literal["watch", "type"], Field(description="What whoever has the link may do.")] = "watch",
    expires_in_s: Annotated[int, Field(ge=1, le=30 * links.DAY_S)] = links.DAY_S,
    *,
    ctx: Ctx,
) -> shapes.LinkOut:
    """A link into a card's terminal, for somebody without an account. It is told here only."""

    def link() -> shapes.LinkOut:
        user = caller(ctx).user
        found = find_card(user, card, access.Role.EDITOR)
        limits.hit(limits.NEW_LINK, str(user.pk))
        made, secret = links.create(found, user, role=role, expires_in_s=expires_in_s)
        return shapes.LinkOut(url=link_url(secret), role=made.role, expires_at=made.expires_at)

    return await in_db(link)
