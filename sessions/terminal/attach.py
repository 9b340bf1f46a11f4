"""The one attach to a session's dtach socket: an interactive exec whose bytes the hub reads and writes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket

from engines.current import engine
from engines.errors import EngineError
from sessions.launch import SOCKET

log = logging.getLogger(__name__)

PID_FILE = "/run/vibenv/attach.pid"
CLOSE_TIMEOUT_S = 3.0
READ_BYTES = 256 * 1024

# A web process that was killed leaves its attach in the container, and a second one makes dtach lose output: end it
# first. Builtins only, each fork would cost milliseconds. `-E`: no detach character, since any byte that dtach knows
# as one is a key that people could no longer type; the attach is ended by its pid instead. The shell may be about to start.
OURS = f'read -r old <{PID_FILE} && read -r what <"/proc/$old/comm" && [ "$what" = dtach ]'
ATTACH = f"""if {OURS}; then kill "$old"; fi 2>/dev/null
mkdir -p /run/vibenv; echo $$ >{PID_FILE}
n=0; until [ -S {SOCKET} ] || [ $n = 250 ]; do n=$((n + 1)); sleep 0.02; done
exec dtach -a {SOCKET} -E -z -r winch"""
END = f'{OURS} && kill "$old"'


class Attach:
    """An open attach. `read` and `write` are for one task each."""

    def __init__(self, container: str, exec_id: str, sock: socket.socket) -> None:
        self.container = container
        self._exec_id = exec_id
        self._sock = sock
        self._sock.setblocking(False)

    @classmethod
    async def open(cls, container: str, rows: int, cols: int) -> Attach:
        """Attach to a running session. Raises `EngineError` when that cannot be."""
        call = asyncio.to_thread(engine().attach, container, ["sh", "-c", ATTACH], rows, cols)
        opening = asyncio.ensure_future(call)
        try:
            made = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # A thread cannot be cancelled: whatever it still opens must be closed, or it would stay in the container.
            with contextlib.suppress(EngineError):
                made = await opening
                await cls(container, made.exec_id, made.sock).close()
            raise
        return cls(container, made.exec_id, made.sock)

    async def read(self) -> bytes:
        """The next output, up to `READ_BYTES`; empty when the attach has ended."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._sock, READ_BYTES)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        """Type; returns when the terminal has taken all of it. Raises `OSError` when the attach has ended."""
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def resize(self, rows: int, cols: int) -> None:
        with contextlib.suppress(EngineError):
            await asyncio.to_thread(engine().resize, self._exec_id, rows, cols)

    async def close(self) -> None:
        """End the attach so that no process of it stays in the container; nobody may be reading any more."""
        try:
            with contextlib.suppress(EngineError):
                await asyncio.to_thread(engine().exec, self.container, ["sh", "-c", END])
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while await self.read():
                    pass
        except TimeoutError:
            log.warning("the attach to %s did not end; the next one will end it", self.container)
        finally:
            self._sock.close()
