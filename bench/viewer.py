"""A viewer of a card's terminal: speaks `sessions/protocol.py` as the page does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bench.stream import Stream
from bench.websocket import BINARY, TEXT, WebSocket, connect
from sessions.protocol import ACK_EVERY

ROWS, COLS = 24, 80


class Viewer(Stream):
    """Use `Viewer.open`, or `connect` and `hello` to time them apart."""

    def __init__(self) -> None:
        super().__init__()
        self.screens = 0  # how often it was given one; more than once means it was skipped forward
        self.stalled = False
        self._history_due = 0
        self._acked = 0
        self._complete = asyncio.Event()
        self._attached = asyncio.Event()
        self._socket: WebSocket

    @classmethod
    async def open(cls, url: str, token: str) -> Viewer:
        """Join, and wait until the screen is complete and the terminal live."""
        viewer = cls()
        await viewer.connect(url, token)
        await viewer.hello()
        await asyncio.wait_for(viewer._attached.wait(), 20)
        return viewer

    async def connect(self, url: str, token: str) -> None:
        self._socket = await connect(url, token, self._arrived)

    async def hello(self) -> None:
        """Say who we are; returns when the screen is complete."""
        self._tell(type="hello", rows=ROWS, cols=COLS)
        await asyncio.wait_for(self._complete.wait(), 20)

    async def type(self, data: bytes) -> None:
        self._socket.send(BINARY, data)

    async def close(self) -> None:
        await self._socket.close()

    def stall(self) -> None:
        """Stop reading and acknowledging, as a page in a laptop that was closed."""
        self.stalled = True
        self._socket.transport.pause_reading()

    def wake(self) -> None:
        self.stalled = False
        self._socket.transport.resume_reading()

    def _tell(self, **message: Any) -> None:
        self._socket.send(TEXT, json.dumps(message).encode())

    def _arrived(self, opcode: int, payload: bytes) -> None:
        if opcode == BINARY:
            self._output(payload)
        else:
            self._message(json.loads(payload))

    def _output(self, data: bytes) -> None:
        history = min(self._history_due, len(data))
        if history:
            self._history_due -= history
            self.show(data[:history])
            if not self._history_due:
                self._shown()
        if len(data) > history:
            self.feed(data[history:] if history else data)
        if self.position - self._acked >= ACK_EVERY // 2:
            self._acknowledge()

    def _message(self, message: dict[str, Any]) -> None:
        if message["type"] == "screen":
            self.screens += 1
            self.position, self._history_due = message["seq"], message["bytes"]
            if message["reset"]:
                self.tail.clear()
            if not self._history_due:
                self._shown()
        elif message["type"] == "session" and message["attached"]:
            self._attached.set()

    def _shown(self) -> None:
        self._acknowledge()
        self._complete.set()

    def _acknowledge(self) -> None:
        self._acked = self.position
        self._tell(type="ack", seq=self.position)
