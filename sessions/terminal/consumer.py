"""The WebSocket adapter between a viewer and the hub. No logic of terminals lives here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from sessions import protocol
from sessions.direct import DirectConsumer
from sessions.protocol import ClientMessage, Hello, Participant
from sessions.terminal import keys
from sessions.terminal.hub import Hub
from sessions.terminal.hubs import hubs
from sessions.terminal.messages import BadMessage, parse
from sessions.terminal.ring import RingBusy
from sessions.terminal.viewer import Frame, Viewer

log = logging.getLogger(__name__)

BUSY_PATIENCE_S = 15.0  # how long a former holder of the terminal may take to let go


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do what in which session's terminal; decided by `boards` and put into the scope as `terminal`."""

    session_id: str
    participant: Participant
    number: int = keys.MAIN  # of the terminal
    colours: Sequence[str] = ()  # of who has none of their own: the first that nobody else in the terminal has


@dataclass(frozen=True, slots=True)
class Denial:
    """Why the socket is closed again: a close code of the protocol, and words."""

    code: int
    reason: str


class TerminalConsumer(DirectConsumer):
    viewer: Viewer | None = None
    hub: Hub | None = None

    async def connect(self) -> None:
        await self.accept()
        self._tasks: list[asyncio.Task[None]] = []
        given: Grant | Denial = self.scope["terminal"]
        if isinstance(given, Denial):
            await self._hang_up(given.code, given.reason)
            return
        self.grant = given
        self._tasks.append(asyncio.create_task(self._expect_hello()))

    async def _expect_hello(self) -> None:
        await asyncio.sleep(protocol.HELLO_TIMEOUT_S)
        if self.viewer is None:
            await self._hang_up(protocol.HELLO_TIMEOUT, "no hello came")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if text_data is not None:
                await self._control(parse(text_data))
            else:
                await self._input(bytes_data or b"")
        except BadMessage as error:
            await self._hang_up(protocol.BAD_MESSAGE, str(error))

    async def _control(self, message: ClientMessage) -> None:
        if message["type"] == "hello":
            await self._hello(message)
            return
        if message["type"] == "ping":
            await self.send(text_data=f'{{"type":"pong","id":{message["id"]}}}')
            return
        if self.viewer is None or self.hub is None:
            raise BadMessage("the first message is hello")
        match message["type"]:
            case "resize":
                self.hub.resize(self.viewer, message["rows"], message["cols"])
            case "ack":
                self.hub.acknowledge(self.viewer, message["seq"])
            case "answer":
                self.hub.answer(self.viewer, message["data"].encode())
            case "hand":
                self.hub.room.hand(self.viewer, message["raised"], message.get("of"))
            case "chat":
                self.hub.room.say(self.viewer, message["text"])
            case "control":
                self.hub.control(self.viewer, message["take"])
            case "pause":
                self.hub.pause_agents(self.viewer, message["agents"])
            case "away":
                self.hub.away(self.viewer, message["away"])
            case other:
                assert_never(other)

    async def _input(self, data: bytes) -> None:
        if self.viewer is None or self.hub is None:
            raise BadMessage("the first message is hello")
        if len(data) > protocol.INPUT_FRAME_BYTES:
            await self._hang_up(protocol.TOO_BIG, f"a frame takes at most {protocol.INPUT_FRAME_BYTES} bytes")
            return
        await self.hub.type(self.viewer, data)

    async def _hello(self, hello: Hello) -> None:
        if self.viewer is not None:
            raise BadMessage("hello comes once")
        viewer = Viewer(self.grant.participant, self._deliver, self._hang_up)
        viewer.rows, viewer.cols, viewer.answers = hello["rows"], hello["cols"], hello.get("answers", True)
        self.viewer = viewer
        try:
            self.hub = await self._take_hub()
        except TimeoutError:
            await self._hang_up(protocol.SERVER_ERROR, "another process still holds this terminal; try again")
            return
        if self.grant.colours:
            viewer.participant["colour"] = self.hub.room.free_colour(self.grant.colours)
        viewer.tell({"type": "welcome", "you": viewer.participant, "limits": _LIMITS})
        self.hub.join(viewer, hello.get("epoch"), hello.get("seq"))
        self._tasks.append(asyncio.create_task(viewer.pump()))

    async def _take_hub(self) -> Hub:
        """The hub; waits a while for one that is being closed, here or in a process that is ending."""
        async with asyncio.timeout(BUSY_PATIENCE_S):
            while True:
                with contextlib.suppress(RingBusy):
                    return hubs.of(keys.key(self.grant.session_id, self.grant.number))
                await asyncio.sleep(0.1)

    async def _deliver(self, frame: Frame) -> None:
        kind = "bytes" if isinstance(frame, bytes) else "text"
        await self.base_send({"type": "websocket.send", kind: frame})

    async def _hang_up(self, code: int, reason: str) -> None:
        await self.close(code=code, reason=reason[:120])

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        for task in self._tasks:
            task.cancel()
        if self.viewer is not None and self.hub is not None:
            self.hub.leave(self.viewer)
            hubs.release(self.hub)


_LIMITS: dict[str, Any] = {
    "credit": protocol.CREDIT,
    "ack_every": protocol.ACK_EVERY,
    "input_frame": protocol.INPUT_FRAME_BYTES,
    "input_window": protocol.INPUT_WINDOW,
}
