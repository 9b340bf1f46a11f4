"""The one attach to a terminal's dtach socket: an interactive exec whose bytes the hub reads and writes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Sequence

from engines.current import engine
from engines.errors import EngineError
from sessions.launch import SOCKET
from sessions.terminals import RUN, START

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 3.0
READ_BYTES = 256 * 1024

# A web process that was killed leaves its attach in the container, and a second one makes dtach lose output: end it
# first. Builtins only, each fork would cost milliseconds. `-E`: no detach character, since any byte that dtach knows
# as one is a key that people could no longer type; the attach is ended by its pid instead. The shell may be about to start.
OURS = 'read -r old <"$pid" && read -r what <"/proc/$old/comm" && [ "$what" = dtach ]'
TAKE = f"""if {OURS}; then kill "$old"; fi 2>/dev/null
mkdir -p {RUN}; echo $$ >"$pid"
"""
MAIN = f"""pid={RUN}/attach.pid
{TAKE}n=0; until [ -S {SOCKET} ] || [ $n = 250 ]; do n=$((n + 1)); sleep 0.02; done
exec dtach -a {SOCKET} -E -z -r winch"""
# What is left of a program that ended is its history alone.
FURTHER = f"""({START})
pid={RUN}/attach-$1.pid m=
{{ read -r m <{RUN}/terminal-$1.pid && grep -qF "$2" "/proc/$m/cmdline"; }} 2>/dev/null || exit 0
{TAKE}exec dtach -a "$2" -E -z -r winch"""
END = f'pid=$1; {OURS} && kill "$old"'


def command(number: int, arguments: Sequence[str]) -> list[str]:
    """What attaches; `arguments` of a further terminal are those of `terminals.START`."""
    return ["sh", "-c", FURTHER, "attach", *arguments] if number else ["sh", "-c", MAIN]


class Attach:
    """An open attach. `read` and `write` are for one task each."""

    def __init__(self, container: str, number: int, exec_id: str, sock: socket.socket) -> None:
        self.container = container
        self._pid_file = f"{RUN}/attach-{number}.pid" if number else f"{RUN}/attach.pid"
        self._exec_id = exec_id
        self._sock = sock
        self._sock.setblocking(False)

    @classmethod
    async def open(cls, container: str, rows: int, cols: int, number: int = 0, arguments: Sequence[str] = ()) -> Attach:
        """Attach to a terminal of a running session. Raises `EngineError` when that cannot be."""
        call = asyncio.to_thread(engine().attach, container, command(number, arguments), rows, cols)
        opening = asyncio.ensure_future(call)
        try:
            made = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # A thread cannot be cancelled: whatever it still opens must be closed, or it would stay in the container.
            with contextlib.suppress(EngineError):
                made = await opening
                await cls(container, number, made.exec_id, made.sock).close()
            raise
        return cls(container, number, made.exec_id, made.sock)

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
                await asyncio.to_thread(engine().exec, self.container, ["sh", "-c", END, "end", self._pid_file])
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                while await self.read():
                    pass
        except TimeoutError:
            log.warning("the attach to %s did not end; the next one will end it", self.container)
        finally:
            self._sock.close()
