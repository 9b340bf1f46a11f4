"""A command that runs in a container, read and written from an event loop as it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable

from engines.errors import EngineError

READ_BYTES = 256 * 1024
WRITE_BYTES = 64 * 1024
HEADER = struct.Struct(">BxxxL")  # stream, length


class DockerCommand:
    """A `RunningCommand` over the engine's frames."""

    def __init__(self, sock: socket.socket, doing: str, exit_code: Callable[[], int], kill: Callable[[], None]) -> None:
        self._sock = sock
        self._sock.setblocking(False)
        self._doing = doing
        self._exit_code = exit_code
        self._kill = kill
        self._held = b""
        self._left = 0  # bytes of the present frame that are still to come
        self._stream = 1

    async def read(self) -> tuple[int, bytes] | None:
        """Output as it comes, with its stream (1 or 2); None at the end."""
        while self._left == 0:
            if len(self._held) < HEADER.size:
                if not await self._more():
                    return None
                continue
            self._stream, self._left = HEADER.unpack_from(self._held)
            self._held = self._held[HEADER.size :]
        if not self._held and not await self._more():
            raise self._broken("it ended in the middle")
        data, self._held = self._held[: self._left], self._held[self._left :]
        self._left -= len(data)
        return self._stream, data

    async def _more(self) -> bool:
        try:
            data = await asyncio.get_running_loop().sock_recv(self._sock, READ_BYTES)
        except OSError as error:
            raise self._broken(str(error)) from error
        self._held += data
        return bool(data)

    async def write(self, data: bytes) -> None:
        """Returns when the engine has taken it. Raises `OSError` when the command reads no more."""
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    def end_input(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    async def exit_code(self) -> int:
        return await asyncio.to_thread(self._exit_code)

    async def kill(self) -> None:
        await asyncio.to_thread(self._kill)

    def close(self) -> None:
        self._sock.close()

    def _broken(self, why: str) -> EngineError:
        return EngineError(f"The connection to {self._doing} broke ({why}). Try again.")
