"""Containers that were made without a name of their own get one: host name, and the word on which their command starts.

A change of the host name takes a capability that sessions lack. A helper that stays has it; it sees the processes of the
engine's host, has no network, and is spoken to over a stream that is kept, so that a name takes milliseconds.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.execs import Execs
from engines.docker.standing import Kind, Standing
from engines.docker.swap import CAPABILITIES, machine_of
from engines.errors import EngineError

SCRIPT: Final = resources.files(__package__).joinpath("bind.pl").read_text()
HEARD_S: Final = 2  # an engine does not always end the stream of a helper that was killed
TIMEOUT_S: Final = 15  # above what the script waits for a main process
HEARD: Final = b"heard\n"
MOST_KEPT: Final = 2
FOREVER: Final = ("perl", "-e", "$SIG{TERM} = sub { exit 0 }; sleep 3600 while 1")
HOST_CONFIG: Final[dict[str, Any]] = {
    "Init": True,
    "PidMode": "host",
    "NetworkMode": "none",
    "CapDrop": ["ALL"],
    "CapAdd": list(CAPABILITIES),
    "SecurityOpt": ["no-new-privileges", "apparmor=unconfined"],
    "ReadonlyRootfs": True,
    "Memory": 64 * 1024**2,
    "PidsLimit": 32,
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "64k", "max-file": "1"}},
}


class Binder:
    def __init__(self, client: Client, containers: Containers, execs: Execs, installation: str) -> None:
        self._client = client
        self._containers = containers
        self._execs = execs
        name = f"vibenv-binder-{installation[:8]}"
        self._kind = Kind(name, "the helper that gives names", labels.BINDER, FOREVER, HOST_CONFIG)
        self._container = Standing(client, installation, self._kind)
        self._kept: list[socket.socket] = []
        self._lock = threading.Lock()

    def bind(self, name: str, hostname: str, image: str) -> None:
        process = self._containers.first_process(name)
        if process is None:
            raise EngineError(f"{name} does not run, so it cannot be given a name.")
        said = self._ask(f"{process.pid} {process.container_id} {hostname}\n".encode(), image)
        if said != "ok":
            raise EngineError(f"The engine could not give {name} its name: {said}.")

    def ready(self, image: str) -> None:
        """Have a helper and a stream to it, before anybody waits for that."""
        with self._stream(image):
            pass

    def remove(self) -> None:
        self.close()
        self._container.remove()

    def close(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for sock in kept:
            sock.close()

    def _ask(self, line: bytes, image: str) -> str:
        """Asked again once over a new stream: a kept one may have been lost since, and a name can be given twice."""
        with contextlib.suppress(OSError), self._stream(image) as sock:
            return _answer(sock, line, HEARD_S)
        self.close()
        try:
            with self._stream(image) as sock:
                return _answer(sock, line, TIMEOUT_S)
        except OSError as error:
            raise EngineError(f"The connection to {self._kind.name} broke ({error}). Try again.") from error

    @contextlib.contextmanager
    def _stream(self, image: str) -> Iterator[socket.socket]:
        """Of one caller at a time; kept afterwards unless something went wrong."""
        with self._lock:
            sock = self._kept.pop() if self._kept else None
        sock = sock or self._open(image)
        try:
            yield sock
        except BaseException:
            sock.close()
            raise
        with self._lock:
            keep = len(self._kept) < MOST_KEPT
            if keep:
                self._kept.append(sock)
        if not keep:
            sock.close()

    def _open(self, image: str) -> socket.socket:
        container_id, _ = self._container.running(image)
        return self._execs.converse(
            container_id, self._kind.name, ["perl", "-e", SCRIPT, "--", machine_of(self._client)]
        )


def _answer(sock: socket.socket, line: bytes, heard_s: float) -> str:
    """Raises OSError."""
    sock.settimeout(heard_s)
    sock.sendall(line)
    said = b""
    while not said.endswith(b"\n") or said == HEARD:
        _, length = struct.unpack(">BxxxL", _exactly(sock, 8))
        said += _exactly(sock, length)
        if said.startswith(HEARD):
            sock.settimeout(TIMEOUT_S)
    return said.removeprefix(HEARD).decode(errors="replace").strip().rstrip(".")


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = sock.recv(length - len(data))
        if not part:
            raise ConnectionError("it ended")
        data += part
    return data
