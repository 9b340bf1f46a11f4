"""All hubs of this web process: made when somebody looks, ended when nobody does and nothing runs.

A terminal without viewers is let go only when its shell is idle: while a program runs in it (an agent, a build),
the hub goes on reading, since dtach throws away what nobody reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import Process
from sessions import terminals
from sessions.activity import ATTACH, own_processes, pulse_path
from sessions.attention import mark_path
from sessions.models import AgentRun, Session, Terminal
from sessions.news import SESSIONS
from sessions.pauses import pause_path
from sessions.states import State
from sessions.terminal import keys
from sessions.terminal.chat_log import chat_path
from sessions.terminal.hub import Hub
from sessions.terminal.ring import RingBusy, ring_path

log = logging.getLogger(__name__)

BUSY_S = (5.0, 10.0, 20.0, 40.0)  # when to look again at a busy terminal that nobody looks at


def idle(processes: Sequence[Process]) -> bool:
    """Nothing but the session's own shell runs (an attach does not count)."""
    others = [p for p in processes if not p.command.startswith(ATTACH)]
    return len(others) <= own_processes(processes)


class Hubs:
    """The registry. One per process, in its event loop."""

    def __init__(self) -> None:
        self._hubs: dict[str, Hub] = {}
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen for news, and take up again the busy terminals that a former process read. Harmless when repeated."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
            self._resumer = asyncio.create_task(self._resume())

    def of(self, key: str) -> Hub:
        """The hub of a terminal. Raises `RingBusy` while another process has it."""
        self.start()
        watch = self._watching.pop(key, None)
        if watch is not None:
            watch.cancel()
        hub = self._hubs.get(key)
        if hub is None:
            hub = self._hubs[key] = Hub(key)
        return hub

    def of_session(self, session_id: str) -> list[Hub]:
        """Those that there are."""
        return [hub for hub in self._hubs.values() if hub.session_id == session_id]

    def release(self, hub: Hub) -> None:
        """A viewer or a miniature left: let the hub go once nobody looks and nothing runs."""
        if not hub.watched and self._hubs.get(hub.key) is hub:
            self._unattended(hub)

    def _unattended(self, hub: Hub) -> None:
        task = asyncio.create_task(self._let_go_when_idle(hub))
        self._watching[hub.key] = task

    async def _let_go_when_idle(self, hub: Hub) -> None:
        waits = iter(BUSY_S)
        wait = hub.lingers_s
        while True:
            await asyncio.sleep(wait)
            if not hub.attached or (not hub.room.visits.participants and await self._idle(hub)):
                break
            wait = next(waits, BUSY_S[-1])
        # From here on nobody may cancel half-way: a viewer that comes now gets a new hub once this one is closed.
        self._watching.pop(hub.key, None)
        await asyncio.shield(self._end(hub))

    async def _idle(self, hub: Hub) -> bool:
        try:
            return idle(await asyncio.to_thread(engine().processes, hub.container))
        except EngineError:
            return False

    async def _end(self, hub: Hub) -> None:
        del self._hubs[hub.key]
        await hub.close()

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(SESSIONS, channel)
                while True:
                    await self._heard(await layer.receive(channel))
            except Exception as error:  # whatever the layer raises while Redis is away; hubs re-read meanwhile
                log.warning("news of sessions cannot be heard: %s", error)
                await asyncio.sleep(1)

    async def _heard(self, message: dict[str, str]) -> None:
        concerned = self.of_session(message["id"])
        if message["type"] == "session.deleted":
            _forget(message["id"])
            for hub in concerned:
                await hub.deleted()
            return
        for hub in concerned:
            hub.changed()
        await self._attend_agents(message["id"])

    async def _attend_agents(self, session_id: str) -> None:
        """What an agent prints is to be kept from its beginning, whoever looks."""
        for key in await _agents_of(session_id):
            if key not in self._hubs:
                with contextlib.suppress(RingBusy):
                    self._unattended(self.of(key))

    async def _resume(self) -> None:
        await database_sync_to_async(_forget_strays, thread_sensitive=False)()
        for session_id, container in await database_sync_to_async(_running_sessions, thread_sensitive=False)():
            try:
                if not idle(await asyncio.to_thread(engine().processes, container)):
                    for key in await _keys_of(session_id):
                        self._unattended(self.of(key))
            except (EngineError, RingBusy) as error:
                log.warning("the terminal of %s is not taken up: %s", container, error)

    async def close(self) -> None:
        """End every attach; the web process is about to stop."""
        for task in [*self._watching.values(), *filter(None, [self._listener])]:
            task.cancel()
        hubs, self._hubs = list(self._hubs.values()), {}
        with contextlib.suppress(Exception):
            await asyncio.gather(*(hub.close() for hub in hubs), return_exceptions=True)


def _running_sessions() -> list[tuple[str, str]]:
    return [(s.pk, s.container) for s in Session.objects.filter(state=State.RUNNING)]


def _forget_strays() -> None:
    """Remove the histories of sessions that were deleted while nobody heard of it."""
    found = list(ring_path("any").parent.glob("*.*"))  # ahead of the rows: one that is new by then has its row
    known = set(Session.objects.values_list("pk", flat=True))
    for path in found:
        if keys.parse(path.stem)[0] not in known:
            path.unlink(missing_ok=True)


def _forget(session_id: str) -> None:
    """Remove what is kept of a session's terminal."""
    paths = (ring_path, mark_path, pulse_path, chat_path, pause_path)
    for path in (path_of(session_id) for path_of in paths):
        path.unlink(missing_ok=True)
    for path in ring_path(session_id).parent.glob(f"{session_id}-*"):
        path.unlink(missing_ok=True)


def _terminals_of(session_id: str) -> list[str]:
    found = Terminal.objects.filter(session=session_id, closed_at=None)
    return [session_id, *(terminals.key_of(each) for each in found)]


def _live_agents_of(session_id: str) -> list[str]:
    runs = AgentRun.objects.filter(session=session_id, state__in=AT_WORK, session__state=State.RUNNING)
    return [terminals.key_of(run.terminal) for run in runs.select_related("terminal") if run.terminal is not None]


AT_WORK = (AgentRun.State.STARTING, AgentRun.State.WORKING, AgentRun.State.WAITING)
_keys_of = database_sync_to_async(_terminals_of, thread_sensitive=False)
_agents_of = database_sync_to_async(_live_agents_of, thread_sensitive=False)
hubs = Hubs()
