"""All feeds of this web process, each as long as somebody is on its board or in one of its terminals."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from boards.feed import Feed, Page
from boards.models import Card

log = logging.getLogger(__name__)


class Feeds:
    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}
        self._places: dict[str, tuple[str, str] | None] = {}  # of sessions: board and card, which never change
        self._participants: dict[str, list[dict[str, Any]]] = {}  # by session, while its place is looked for
        self._tasks: set[asyncio.Task[None]] = set()

    def join(self, board_id: str, page: Page, *, shown: bool = True) -> Feed:
        feed = self._of(board_id)
        feed.join(page, shown=shown)
        return feed

    def leave(self, feed: Feed, page: Page, *, kept_s: float = 0.0) -> None:
        """Of a feed that is kept for a while longer, see `Feed.leave`."""
        feed.leave(page, kept_s=kept_s)
        if kept_s:
            self._aside(self._release_after(feed, kept_s))
        else:
            self._release(feed)

    async def _release_after(self, feed: Feed, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._release(feed)

    def on_participants_changed(self, session_id: str, participants: list[dict[str, Any]], **_: Any) -> None:
        """Receiver of `participants_changed`, in the event loop: their pictures go to the pages of the card's board."""
        looking = session_id in self._participants
        self._participants[session_id] = participants
        if not looking:
            self._aside(self._show_participants(session_id))

    async def _show_participants(self, session_id: str) -> None:
        place = await self._place(session_id)
        participants = self._participants.pop(session_id)
        if place is not None and (participants or place[0] in self._feeds):
            feed = self._of(place[0])
            feed.in_terminal(place[1], participants)
            self._release(feed)

    async def _place(self, session_id: str) -> tuple[str, str] | None:
        if session_id not in self._places:
            try:
                self._places[session_id] = await _place_of(session_id)
            except DatabaseError as error:  # told again when next somebody comes or goes
                log.warning("the board of session %s cannot be read: %s", session_id, error)
                return None
        return self._places[session_id]

    def _of(self, board_id: str) -> Feed:
        if board_id not in self._feeds:
            self._feeds[board_id] = Feed(board_id)
        return self._feeds[board_id]

    def _release(self, feed: Feed) -> None:
        if feed.idle and self._feeds.get(feed.board_id) is feed:
            del self._feeds[feed.board_id]
            self._aside(feed.close())

    def _aside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _find_place(session_id: str) -> tuple[str, str] | None:
    return Card.objects.filter(session_id=session_id).values_list("board_id", "pk").first()


_place_of = database_sync_to_async(_find_place, thread_sensitive=False)

feeds = Feeds()
