"""A WebSocket client that costs next to nothing, so that what is measured is the server.

Only what a bench against our own server needs: no TLS, no extensions, no fragments.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10


class WebSocket(asyncio.Protocol):
    """`arrived(opcode, payload)` is called for each message. Use `connect`."""

    def __init__(self, arrived: Callable[[int, bytes], None]) -> None:
        self._arrived = arrived
        self._buffer = bytearray()
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[str] = loop.create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done() and not self._handshake():
            return
        while (frame := _frame(self._buffer)) is not None:
            opcode, start, end = frame
            payload = bytes(memoryview(self._buffer)[start:end])
            del self._buffer[:end]
            self._take(opcode, payload)

    def _handshake(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        if head.split(b" ", 2)[1] != b"101":
            self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
            self.transport.close()
            return False
        self.opened.set_result(None)
        return True

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode in (TEXT, BINARY):
            self._arrived(opcode, payload)
        elif opcode == PING:
            self.send(PONG, payload)
        elif opcode == CLOSE:
            code = struct.unpack_from("!H", payload)[0] if len(payload) > 1 else 1005
            self._ended(f"{code} {payload[2:].decode(errors='replace')}")

    def connection_lost(self, error: Exception | None) -> None:
        self._ended(str(error or "the connection ended"))

    def _ended(self, why: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(why))
        if not self.closed.done():
            self.closed.set_result(why)

    def send(self, opcode: int, payload: bytes) -> None:
        """Send one message. The mask that the protocol wants is zero: nothing here needs hiding from a proxy."""
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
        self.transport.write(head + b"\0\0\0\0" + payload)

    async def close(self) -> None:
        """End it in order."""
        if not self.transport.is_closing() and not self.closed.done():
            self.transport.resume_reading()
            self.send(CLOSE, struct.pack("!H", 1000))
            await asyncio.wait([self.closed], timeout=2)
        self.transport.close()


def _frame(buffer: bytearray) -> tuple[int, int, int] | None:
    """Opcode, start and end of the first frame's payload; None while it is not whole."""
    if len(buffer) < 2:
        return None
    length, start = buffer[1] & 0x7F, 2
    if length >= 126:
        start = 4 if length == 126 else 10
        if len(buffer) < start:
            return None
        length = int.from_bytes(buffer[2:start], "big")
    if len(buffer) < start + length:
        return None
    if not buffer[0] & 0x80:
        raise ConnectionError("the server sent a fragmented message")
    return buffer[0] & 0x0F, start, start + length


async def connect(url: str, token: str, arrived: Callable[[int, bytes], None]) -> WebSocket:
    """Open `url` (ws://) as the bearer of `token`. Raises ConnectionError when refused."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: WebSocket(arrived), parts.hostname or "", parts.port or 80)
    key = base64.b64encode(os.urandom(16)).decode()
    socket.transport.write(
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    await asyncio.wait_for(socket.opened, 20)
    return socket
