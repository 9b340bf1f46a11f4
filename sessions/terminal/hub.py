"""The hub of one terminal: the one attach, its history, and everybody who looks at it.

Lives in the web process's event loop; nothing here awaits a viewer, so one that stalls stalls nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from channels.db import database_sync_to_async

from engines.errors import EngineError, PolicyRejected
from sessions import agents, attention, history, metrics, terminals
from sessions.lifecycle import wake
from sessions.models import Session, Terminal
from sessions.present import related, session_json
from sessions.protocol import GONE, INPUT_FRAME_BYTES, INPUT_WINDOW, TOO_BIG, Participant
from sessions.recording.recorder import Recorder
from sessions.terminal import crowd, keys
from sessions.terminal.actor import Actor
from sessions.terminal.attach import Attach
from sessions.terminal.beacon import Beacon
from sessions.terminal.ears import Ear
from sessions.terminal.farewell import Farewell
from sessions.terminal.history import History
from sessions.terminal.lines import CLEAR
from sessions.terminal.moderator import Moderator
from sessions.terminal.pulse import Pulse
from sessions.terminal.ring import ring_path
from sessions.terminal.room import Room
from sessions.terminal.shell import Shell
from sessions.terminal.signs import Signs
from sessions.terminal.typing_queue import TypingQueue
from sessions.terminal.viewer import Viewer

log = logging.getLogger(__name__)

GAP_S = 0.003  # between two reads while output keeps coming: gathers it into large frames
QUIET_S = 0.008  # output after so long a silence is sent at once
SILENCES_S = (
    0.05,
    0.3,
    1.0,
)  # a shell that is going to paint its prompt has begun by then; a busy machine takes longer
RELOAD_S = 5.0  # how long a lost piece of news can go unnoticed
RETRY_S = (0.1, 0.2, 0.5, 1.0, 2.0)
LINGER_S = 3.0  # unattended: a reload of the page finds it still there
GREETING = b"\x1b[H\x1b[J"  # dtach clears the screen at an attach; our viewers' screens are right already
ASKED_S = 5.0  # a program that rings again and again is noted so often
NOT_CONNECTED = "The terminal is not connected, so what you typed was not taken."
FOCUS_REPORTS = frozenset({b"\x1b[I", b"\x1b[O"})  # sent by terminals, not by fingers


class Hub:
    """`join` and `leave` viewers; `close` ends the attach and gives back the history's file."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.session_id, self.number = keys.parse(key)
        self.history = History(ring_path(key))
        self.viewers: dict[str, Viewer] = {}
        self.onlookers = 0  # pages that show a miniature of it, calls that work in it
        self.lingers_s = LINGER_S
        self.shell = Shell(self.history.start)
        self.shell.feed(self.history.since(self.history.start) or b"")
        self.ears: set[Ear] = set()
        self.runs = asyncio.Lock()  # whoever types a whole command holds it until that has ended
        self.owner: str | None = None
        self.rows, self.cols = 24, 80
        self.session: dict[str, Any] | None = None
        self.container = ""
        self._started = ""  # when its container was started: another time means another shell
        self._answerer: str | None = None
        self._attach: Attach | None = None
        self._typing = TypingQueue(self._typed)
        self._signs = Signs()
        self._beacon = Beacon(self.session_id)
        self._pulse = Pulse(self.session_id)
        self.room = Room(key, self.viewers, self._presence_changed, self._came, self._left)
        self.recorder = Recorder(self.session_id, self.number, self._tell_recording)
        self._moderator = Moderator(
            self.session_id,
            self.number,
            self.room,
            self.viewers,
            full_screen=lambda: self.history.alternate,
            put=self._put_agents,
            refuse=self._refuse,
        )
        self.floor = self._moderator.floor
        self._news = asyncio.Event()
        self._running = asyncio.Event()
        self._asked_at = 0.0  # when what runs in it asked for somebody, who has not typed since
        self._known = False  # the session was read at least once
        self._arguments: Sequence[str] = ()  # of a further terminal: what starts it (`terminals.arguments`)
        self._over = False  # the program of a further terminal has ended, and is not started again
        self._asides: set[asyncio.Task[None]] = set()  # held here, or they could be collected while they run
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._live())]

    @property
    def attached(self) -> bool:
        return self._attach is not None

    @property
    def session_shell(self) -> str:
        """Tells its shells apart: another one after each start of the container."""
        return self._started

    @property
    def watched(self) -> bool:
        return bool(self.viewers) or self.onlookers > 0

    @property
    def _expected(self) -> bool:
        """The terminal is live, or will be in a moment: input can wait for it."""
        return self.attached or self._running.is_set() or not self._known

    # who is here ----------------------------------------------------------------------------------------
    def join(self, viewer: Viewer, epoch: str | None, seq: int | None) -> None:
        """Show a new viewer everything, or only what it missed since `seq` of `epoch`."""
        self.viewers[viewer.participant["id"]] = viewer
        metrics.VIEWERS.inc()
        self._beacon.clear()
        self._somebody()
        if len(self.viewers) == 1:
            self._set_size(viewer)
        viewer.tell({"type": "session", "session": self.session, "attached": self.attached})
        viewer.tell(self._size_message())
        viewer.tell(self.recorder.message)
        replay = self.history.resume(epoch, seq) if epoch is not None and seq is not None else None
        replay = replay or self.history.screen()
        viewer.show(replay, self.history.epoch)
        if not replay.complete and self.history.alternate and self._attach:
            self._aside(self._redraw(self._attach))
        self.room.joined(viewer)
        self._moderator.joined(viewer)
        self._came(viewer.participant)

    def _came(self, who: Participant) -> None:
        self._presence_changed()
        self.recorder.mark(f"→ {who['name']} joined")
        self._aside(_note_joined(self.session_id, who["name"], who["kind"], who["role"]))

    def leave(self, viewer: Viewer) -> None:
        if self.viewers.get(viewer.participant["id"]) is not viewer:
            return
        del self.viewers[viewer.participant["id"]]
        metrics.VIEWERS.dec()
        if self.owner == viewer.participant["id"]:
            self.owner = None
        self._moderator.left(viewer)
        self._left(viewer.participant)

    def _left(self, who: Participant) -> None:
        self.floor.left(who["id"])
        self.room.typist.left(who["id"])
        self.recorder.mark(f"← {who['name']} left")
        self._presence_changed()

    def away(self, viewer: Viewer, away: bool) -> None:
        """A viewer's page went out of sight, or came back: only who could see the terminal counts as somebody."""
        viewer.away = away
        if not away:
            self._somebody()

    def _somebody(self) -> None:
        """Somebody is here: the session is not idle."""
        self._pulse.person(idle=bool(self.session and self.session["idle_since"]))

    def _wants_somebody(self, words: str) -> None:
        """A program asks for a person, who is told by the board unless one is here already."""
        if not self.viewers and not self._beacon.lit:
            self._beacon.light(self._started, words)
        now = time.monotonic()
        if self.number and now - self._asked_at > ASKED_S:
            self._asked_at = now
            self._aside(_agent(agents.waits, self.session_id, words, self.number))

    def _has_somebody(self) -> None:
        """Somebody typed: what an agent rang for has been seen."""
        if self._asked_at:
            self._asked_at = 0.0
            self._aside(_agent(agents.goes_on, self.session_id, self.number))

    def _presence_changed(self) -> None:
        self.room.tell_participants()
        self._beacon.hands(self._started, self.room.unseen_hand())
        self._elect_answerer()
        crowd.tell(self.key, self.room.participants)

    def _elect_answerer(self) -> None:
        able = [v for v in self.viewers.values() if v.may_type and v.answers]
        ids = [v.participant["id"] for v in able]
        elected = self.owner if self.owner in ids else next(iter(ids), None)
        if elected == self._answerer:
            return
        for viewer in self.viewers.values():
            if viewer.participant["id"] in {elected, self._answerer}:
                viewer.tell({"type": "answerer", "you": viewer.participant["id"] == elected})
        self._answerer = elected

    def _tell_all(self, message: dict[str, Any]) -> None:
        for viewer in self.viewers.values():
            viewer.tell(message)

    # what viewers do ------------------------------------------------------------------------------------
    async def type(self, viewer: Viewer, data: bytes) -> None:
        """Input from a viewer; refused, with the reason, where it may not or cannot be taken."""
        viewer.typed += len(data)
        if viewer.typed - viewer.taken > INPUT_WINDOW + INPUT_FRAME_BYTES:
            await viewer.hang_up(TOO_BIG, "more input than the window allows; wait for input_ack")
            return
        if not viewer.may_type:
            self._refuse(viewer, len(data), "You are watching: this link does not let you type.")
        elif not self._expected:
            self._refuse(viewer, len(data), NOT_CONNECTED)
        elif data in FOCUS_REPORTS:
            self._typing.put(viewer, data)
        elif viewer.agent:
            self._moderator.agent_types(viewer, data)
        else:
            self._moderator.person_typed(viewer, data)
            self._has_somebody()
            self._put(viewer, data)

    def _put(self, viewer: Viewer, data: bytes) -> None:
        self._claim(viewer)
        self._somebody()
        self.room.typist.typed(viewer.who.id)
        self.recorder.typed(viewer.who.name, data)
        self._typing.put(viewer, data)

    def _put_agents(self, viewer: Viewer, data: bytes) -> None:
        """What was held back, it may be for a while."""
        if not self._expected:
            self._refuse(viewer, len(data), NOT_CONNECTED)
            return
        self._clear_left_over()
        self._moderator.typed(viewer.participant, data)
        self._put(viewer, data)

    def _clear_left_over(self) -> None:
        """What somebody began and gave up would be part of an agent's line."""
        if self.shell.at == "prompt" and self.floor.left_over:
            self._typing.put(None, CLEAR)

    def type_as(self, actor: Actor, data: bytes, command: str = "") -> None:
        """Input of somebody who has no socket here, right after `floor.admit`. `command`: the line that an agent runs, for
        the history. Raises `PolicyRejected` where there is no terminal.
        """
        if not self._expected:
            raise PolicyRejected(NOT_CONNECTED)
        if not command:  # `run` looks at the line itself
            self._clear_left_over()
        with self.room.visiting(actor) as who:
            self._moderator.typed(who, data, command)
        self._somebody()
        self.room.typist.typed(who["id"])
        self.recorder.typed(who["name"], data)
        self._typing.put(None, data)

    def control(self, viewer: Viewer, take: bool) -> None:
        self._moderator.control(viewer, take)

    def pause_agents(self, viewer: Viewer, paused: bool) -> None:
        self._aside(self._moderator.pause(viewer, paused))

    def answer(self, viewer: Viewer, data: bytes) -> None:
        """A terminal's reply to a query: from the elected answerer, or dropped."""
        if viewer.participant["id"] == self._answerer and self.attached:
            self._typing.put(None, data)

    def resize(self, viewer: Viewer, rows: int, cols: int) -> None:
        """A viewer's window changed; in force at once for whoever owns the size."""
        viewer.rows, viewer.cols = rows, cols
        if self.owner == viewer.participant["id"] or len(self.viewers) == 1:
            self._set_size(viewer)
            self._tell_all(self._size_message())

    def acknowledge(self, viewer: Viewer, seq: int) -> None:
        viewer.acknowledge(seq, self.history)

    def _claim(self, viewer: Viewer) -> None:
        if self.owner == viewer.participant["id"]:
            return
        self.owner = viewer.participant["id"]
        self._set_size(viewer)
        self._tell_all(self._size_message())
        self._elect_answerer()

    def _set_size(self, viewer: Viewer) -> None:
        if (self.rows, self.cols) != (viewer.rows, viewer.cols):
            self.rows, self.cols = viewer.rows, viewer.cols
            self.recorder.resized(self.rows, self.cols)
            if self._attach:
                self._typing.first(partial(self._attach.resize, self.rows, self.cols))

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    def _size_message(self) -> dict[str, Any]:
        return {"type": "size", "rows": self.rows, "cols": self.cols, "owner": self.owner}

    def _refuse(self, viewer: Viewer, count: int, reason: str) -> None:
        viewer.tell({"type": "refused", "reason": reason})
        self._typed(viewer, count)

    def _typed(self, viewer: Viewer | None, count: int) -> None:
        if viewer is not None:
            viewer.taken += count
            metrics.BYTES.labels(direction="in").inc(count)
            viewer.acknowledge_input()

    # the session ----------------------------------------------------------------------------------------
    def changed(self) -> None:
        """News of the session: read it again."""
        self._news.set()

    async def deleted(self, why: str = "the card was deleted") -> None:
        for viewer in list(self.viewers.values()):
            await viewer.hang_up(GONE, why)

    async def _closed(self) -> None:
        self._running.clear()
        await self.deleted("the terminal was closed")

    async def _follow(self) -> None:
        while True:
            self._news.clear()
            await self._reload()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), RELOAD_S)

    async def _reload(self) -> None:
        try:
            self.session, self.container, self._started, self._arguments, starts = await _load(
                self.session_id, self.number
            )
        except Session.DoesNotExist:
            await self.deleted()
            return
        except Terminal.DoesNotExist:
            await self._closed()
            return
        except Exception:  # the database is away: keep what is known, look again soon
            log.exception("cannot read session %s", self.session_id)
            return
        self._known = True
        self._moderator.look()
        self._aside(self.recorder.reload())
        if self._over:
            await self._see_whether_it_ended()
        if any(not viewer.away for viewer in self.viewers.values()):
            self._somebody()
        if starts and not self._over:
            self._running.set()
        else:
            self._running.clear()
            self._refuse_waiting()
        self._tell_status()

    def _tell_recording(self) -> None:
        self._tell_all(self.recorder.message)

    def _tell_status(self) -> None:
        self._tell_all({"type": "session", "session": self.session, "attached": self.attached})

    def _refuse_waiting(self) -> None:
        for viewer, count in self._typing.clear():
            self._refuse(viewer, count, "The terminal's connection ended before it took all you typed.")

    # the stream -----------------------------------------------------------------------------------------
    async def _live(self) -> None:
        """Attach whenever the session runs, and read until that ends."""
        failures = 0
        while True:
            await self._running.wait()
            try:
                attach = await Attach.open(self.container, self.rows, self.cols, self.number, self._arguments)
            except EngineError as error:
                log.warning("cannot attach to %s: %s", self.container, error)
                await self._lost(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
                continue
            began = time.monotonic()
            await self._stream(attach)
            if self.number:
                await self._see_whether_it_ended()
            failures = failures + 1 if time.monotonic() - began < 1 else 0
            await self._lost(RETRY_S[min(failures, len(RETRY_S) - 1)])

    async def _see_whether_it_ended(self) -> None:
        """The program of a further terminal, by itself: another start of the container may begin it again."""
        try:
            code = await _ended(self.session_id, self.number)
        except EngineError as error:
            log.warning("how terminal %s ended cannot be seen: %s", self.key, error)
            return
        news, self._over = (code is not None) != self._over, code is not None
        if self._over:
            self._running.clear()
        if news and self._over:
            self._tell_all({"type": "terminal_ended", "exit_code": code})

    async def _lost(self, pause_s: float) -> None:
        """The attach ended or could not be had: have the session looked at, and wait a little for news of it."""
        await asyncio.to_thread(wake, self.session_id)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), pause_s)
        await self._reload()

    async def _stream(self, attach: Attach) -> None:
        self._attach = attach
        self._pulse.painting()
        new = self.history.shell != self._started
        self.recorder.shell(self._started, self.rows, self.cols, new=new, earlier=self.history.earlier)
        if fresh := self.history.begin_shell(self._started):
            self._output(fresh)
            self.shell.reset()
        self._tell_status()
        writer = asyncio.create_task(self._typing.run(attach.write))
        try:
            await self._read(attach)
        finally:
            self._attach = None
            writer.cancel()
            self._refuse_waiting()
            self._tell_status()
            for ear in tuple(self.ears):
                ear.cut()

    async def _read(self, attach: Attach) -> None:
        last, greeted, farewell = 0.0, False, Farewell()
        while data := await attach.read():
            if not greeted:
                data, greeted = data.removeprefix(GREETING), True
                self._aside(self._paint(attach))
            self._output(farewell.feed(data))
            now = time.monotonic()
            if now - last < QUIET_S:
                await asyncio.sleep(GAP_S)
            last = time.monotonic()
        self._output(farewell.rest())

    def _output(self, data: bytes) -> None:
        if not data:
            return
        self.history.append(data)
        self.recorder.output(data)
        self._pulse.output()
        metrics.BYTES.labels(direction="out").inc(len(data))
        for viewer in self.viewers.values():
            viewer.output(data, self.history.seq)
        marks = self.shell.feed(data)
        if any(mark.kind == "end" for mark in marks):
            self.floor.command_ended()
        for ear in tuple(self.ears):
            ear.heard(data, self.history.seq, marks)
        if words := self._signs.feed(data, time.monotonic()):
            self._wants_somebody(words)

    async def _paint(self, attach: Attach) -> None:
        """Have the terminal paint itself after an attach, where the size told to it was not news and changed nothing."""
        before = self.history.seq
        if self.history.alternate:
            await self._redraw(attach)
        for silence_s in SILENCES_S:
            await asyncio.sleep(silence_s)
            if self._attach is not attach or self.history.seq != before:
                return
            await self._redraw(attach)

    async def _redraw(self, attach: Attach) -> None:
        """Have a full-screen program paint itself anew: only a real change of size makes all of them do it."""
        self._pulse.painting()
        await attach.resize(self.rows - 1, self.cols)
        await attach.resize(self.rows, self.cols)

    async def close(self) -> None:
        """End the attach, leaving no process of it in the container."""
        attach = self._attach
        self.room.typist.close()
        if self.room.visits.end():
            self._presence_changed()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if attach is not None:
            await attach.close()
        await self._moderator.close()
        await self.recorder.close()
        self.history.close()


def _read_session(session_id: str, number: int) -> tuple[dict[str, Any] | None, str, str, Sequence[str], bool]:
    """The last: whether its terminal is there, or will be in a moment. One that starts may not bear its name yet."""
    session = Session.objects.prefetch_related(*related()).get(pk=session_id)
    further = session.terminals.get(number=number, closed_at=None) if number else None
    starts = session.starts_now and not number
    container = session.container_id if starts else session.container
    arguments = terminals.arguments(further, session) if further else ()
    there = starts or session.status == "running"
    return session_json(session), container, attention.shell_of(session), arguments, there


def _see_end(session_id: str, number: int) -> int | None:
    """Of a further terminal; tells others, once."""
    session = Session.objects.get(pk=session_id)
    code = terminals.exit_code(session, number)
    if code is not None:
        terminals.has_ended(session_id, number, code)
    return code


async def _agent(tell: Callable[..., None], *about: object) -> None:
    try:
        await database_sync_to_async(tell, thread_sensitive=False)(*about)
    except Exception:  # the database is away: what the agent does is told a little wrong until its next news
        log.exception("cannot note what an agent does")


async def _note_joined(*about: str) -> None:
    try:
        await _joined(*about)
    except Exception:  # the database is away: the history has one line less
        log.exception("cannot note who joined")


# Closes connections that the database ended; not in the one thread that all views share, behind whatever is slow there.
_joined = database_sync_to_async(history.joined, thread_sensitive=False)
_load = database_sync_to_async(_read_session, thread_sensitive=False)
_ended = database_sync_to_async(_see_end, thread_sensitive=False)
