"""Keeps the peace in one terminal: whose input is taken when, who has control, who has paused the agents, who typed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from channels.db import database_sync_to_async

from sessions import pauses, pausing
from sessions.protocol import Participant
from sessions.terminal.floor import Floor, Somebody
from sessions.terminal.held_input import HeldInput
from sessions.terminal.journal import Journal, writer
from sessions.terminal.room import Room, same_person
from sessions.terminal.viewer import Viewer
from sessions.terminal.visits import Visitor

log = logging.getLogger(__name__)

NOT_YOURS: Final = "People who may type here take control and pause agents; you may not."
OFTEN: Final = "You did that often just now. Wait a few seconds."


class Moderator:
    """`put(viewer, data)` types an agent's input, `refuse` tells that so many bytes of somebody's were not taken."""

    def __init__(
        self,
        session_id: str,
        terminal: int,
        room: Room,
        viewers: Mapping[str, Viewer],
        *,
        full_screen: Callable[[], bool],
        put: Callable[[Viewer, bytes], None],
        refuse: Callable[[Viewer, int, str], None],
    ) -> None:
        self.session_id = session_id
        self.floor = Floor(self._tell, full_screen, lambda visitor: self.somebody(visitor_of(room, visitor)))
        self._room = room
        self._viewers = viewers
        self._held = HeldInput(self.floor, put, refuse)
        self._journal = Journal(terminal, writer(session_id))
        pauses.follow(session_id, self.floor.paused)

    # typing ---------------------------------------------------------------------------------------------
    def person_typed(self, viewer: Viewer, data: bytes) -> None:
        self.floor.person_typed(viewer.who, data)
        self._journal.typed(viewer.who.name, viewer.participant["kind"], data)

    def agent_types(self, viewer: Viewer, data: bytes) -> None:
        """Now or in a while, if at all."""
        self._held.add(viewer, data)

    def typed(self, who: Participant, data: bytes, command: str = "") -> None:
        """What was admitted is being typed; `command`: the line that an agent runs."""
        self.floor.typed(self.somebody(who), data)
        self._journal.typed(who["name"], who["kind"], data, command if who["kind"] == "agent" else "")

    def somebody(self, who: Participant) -> Somebody:
        return Somebody(who["id"], who["name"], who["kind"] == "agent")

    # control --------------------------------------------------------------------------------------------
    def control(self, viewer: Viewer, take: bool) -> None:
        """Take control or hand it over; in any window of who has it."""
        if not self._may(viewer):
            return
        if take:
            self.floor.take(viewer.who)
            return
        holder = self.floor.holder
        window = self._viewers.get(holder.id) if holder else None
        if window is not None and same_person(window.participant, viewer.participant):
            self.floor.hand_over(window.who)
        elif holder is not None:
            _refuse(viewer, f"{holder.name} has control, and hands it over. You can take it.")

    async def pause(self, viewer: Viewer, agents: bool) -> None:
        if not self._may(viewer):
            return
        try:
            changed = await (_pause if agents else _let_go_on)(self.session_id, viewer.who.name)
            pauses.tell(self.session_id)
            if changed:
                await _hold(self.session_id)
        except Exception:  # whatever database or disk says
            log.exception("cannot pause the agents of %s", self.session_id)
            _refuse(viewer, "That could not be kept just now. Try again.")

    def look(self) -> None:
        """The session changed: maybe somebody paused its agents elsewhere."""
        self.floor.paused(pauses.paused_by(self.session_id))

    def _may(self, viewer: Viewer) -> bool:
        if viewer.agent or not viewer.may_type:
            _refuse(viewer, NOT_YOURS)
        elif not viewer.control_rate.allows():
            _refuse(viewer, OFTEN)
        else:
            return True
        return False

    # who is here ----------------------------------------------------------------------------------------
    def joined(self, viewer: Viewer) -> None:
        viewer.tell(self.floor.message)

    def left(self, viewer: Viewer) -> None:
        self._held.left(viewer)
        self.floor.left(viewer.participant["id"])

    def _tell(self) -> None:
        for viewer in self._viewers.values():
            viewer.tell(self.floor.message)

    async def close(self) -> None:
        pauses.unfollow(self.session_id, self.floor.paused)
        self._held.close()
        self.floor.close()
        await self._journal.close()


def visitor_of(room: Room, visitor: Visitor) -> Participant:
    with room.visiting(visitor) as participant:
        return participant


def _refuse(viewer: Viewer, reason: str) -> None:
    viewer.tell({"type": "refused", "about": "floor", "reason": reason})


_pause = database_sync_to_async(pausing.pause, thread_sensitive=False)
_hold = database_sync_to_async(pausing.hold, thread_sensitive=False)
_let_go_on = database_sync_to_async(pausing.let_go_on, thread_sensitive=False)
