"""The floor: a container like the session's, and attaches to its terminal with no server of ours in between."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from typing import Any

import docker
from docker.utils.socket import SocketError

from bench.stream import Stream
from bench.viewer import COLS, ROWS

SOCKET = "/tmp/vibenv.sock"  # in the container: the address that people attach to by hand
DETACH = b"\x1c"
READ_BYTES = 256 * 1024
ENGINE = "unix:///var/run/docker.sock"


class Engine:
    """The few raw engine calls that a bench needs."""

    def __init__(self) -> None:
        self.api = docker.APIClient(base_url=os.environ.get("DOCKER_HOST") or ENGINE)

    @contextlib.contextmanager
    def twin(self, container: str) -> Iterator[str]:
        """A container of the same image, command, limits and security options as `container`, without a network."""
        model = self.api.inspect_container(container)
        wanted = {key: model["Config"][key] for key in ("Image", "Cmd", "Env", "WorkingDir", "Entrypoint")}
        wanted["HostConfig"] = model["HostConfig"] | {"NetworkMode": "none"}
        name = f"vibenv-bench-{secrets.token_hex(4)}"
        self.api.create_container_from_config(wanted, name)  # type: ignore[no-untyped-call]
        try:
            self.api.start(name)
            yield name
        finally:
            self.api.remove_container(name, force=True, v=True)

    def sh(self, container: str, script: str) -> None:
        """Run a shell script in a container. Raises RuntimeError when it fails."""
        made = self.api.exec_create(container, ["sh", "-c", script])["Id"]
        output = self.api.exec_start(made)
        if self.api.exec_inspect(made)["ExitCode"]:
            raise RuntimeError(f"{script!r} in {container}: {output.decode(errors='replace')}")

    def attach(self, container: str) -> tuple[Any, socket.socket]:
        """A `dtach -a` on a TTY: the library's response (keep it: it closes the socket when collected) and the socket."""
        argv = ["dtach", "-a", SOCKET, "-r", "winch"]
        made = self.api.exec_create(container, argv, stdin=True, tty=True)["Id"]
        response = self.api.exec_start(made, tty=True, socket=True)
        self.api.exec_resize(made, height=ROWS, width=COLS)
        sock = getattr(response, "_sock", response)
        if not isinstance(sock, socket.socket):
            raise SocketError(f"cannot take over {type(sock).__name__}")
        return response, sock


class Attach(Stream):
    """A bare attach. Use `Attach.open`."""

    def __init__(self, response: Any, sock: socket.socket) -> None:
        super().__init__()
        self._response = response
        self._sock = sock
        self._sock.setblocking(False)
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, engine: Engine, container: str) -> Attach:
        response, sock = await asyncio.to_thread(engine.attach, container)
        return cls(response, sock)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._sock, READ_BYTES):
            self.feed(data)

    async def type(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def close(self) -> None:
        """Detach, so that no process is left in the container (a stale one makes dtach lose output)."""
        with contextlib.suppress(OSError, TimeoutError):
            await self.type(DETACH)
            await asyncio.wait_for(self._reader, 2)
        self._reader.cancel()
        self._response.close()
