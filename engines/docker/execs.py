"""Commands inside a running container: with their output collected, or on a TTY as a raw stream."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from docker.utils import version_gte

from engines.docker.client import TIMEOUT_S, Client
from engines.docker.containers import Containers
from engines.docker.errors import Conflict, Missing, translated
from engines.docker.hijack import open_stream
from engines.docker.running import DockerCommand
from engines.errors import EngineError
from engines.protocol import Attachment, ExecResult

OUTPUT_LIMIT: Final = 10 * 1024 * 1024
KILL_TIMEOUT_S: Final = 10.0
EXIT_CODE_WAIT_S: Final = 5.0
STDERR: Final = 2
MARK: Final = "VIBENV_EXEC"
# Only what the command started carries its mark; the killer itself does not.
KILL_MARKED: Final = (
    'for p in /proc/[0-9]*; do if grep -qa "$0" "$p/environ" 2>/dev/null; then kill -9 "${p#/proc/}"; fi; done'
)


class Execs:
    def __init__(self, client: Client, containers: Containers) -> None:
        self._client = client
        self._containers = containers

    def run(self, name: str, argv: Sequence[str], timeout_s: float, stdin: bytes = b"") -> ExecResult:
        """Run to the end. Raises `EngineError` after `timeout_s` (the command and its children are killed) and when
        the output passes `OUTPUT_LIMIT`."""
        return self.run_in(self._containers.id_of(name), name, argv, timeout_s, stdin)

    def run_in(
        self, container_id: str, name: str, argv: Sequence[str], timeout_s: float, stdin: bytes = b""
    ) -> ExecResult:
        mark = secrets.token_hex(8)
        deadline = time.monotonic() + timeout_s
        more = {"Env": [f"{MARK}={mark}"], "AttachStdin": bool(stdin)}
        exec_id = self._create(container_id, name, argv, more)
        with translated(f"run {argv[0]} in {name}"):
            sock = self._open(exec_id, {"Detach": False, "Tty": False}, timeout_s)
        try:
            with sock:
                if stdin:
                    sock.sendall(stdin)
                    sock.shutdown(socket.SHUT_WR)
                stdout, stderr = _collect(sock, deadline)
        except (TimeoutError, OverflowError) as error:
            self._kill(container_id, name, mark)
            what = f"took longer than {timeout_s:g} s" if isinstance(error, TimeoutError) else "printed too much"
            raise EngineError(f"{argv[0]} in {name} {what} and was ended.") from error
        except OSError as error:
            raise EngineError(f"The connection to {argv[0]} in {name} broke ({error}). Try again.") from error
        return ExecResult(self._exit_code(exec_id, argv[0]), stdout, stderr)

    def begin(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str], *, takes_input: bool
    ) -> DockerCommand:
        container_id = self._containers.id_of(name)
        mark = secrets.token_hex(8)
        given = [*(f"{key}={value}" for key, value in environment.items()), f"{MARK}={mark}"]
        exec_id = self._create(container_id, name, argv, {"Env": given, "AttachStdin": takes_input})
        with translated(f"run {argv[0]} in {name}"):
            sock = self._open(exec_id, {"Detach": False, "Tty": False}, TIMEOUT_S)
        return DockerCommand(
            sock,
            f"{argv[0]} in {name}",
            partial(self._exit_code, exec_id, argv[0]),
            partial(self._kill, container_id, name, mark),
        )

    def attach(self, name: str, argv: Sequence[str], rows: int, cols: int) -> Attachment:
        container_id = self._containers.id_of(name)
        exec_id = self._create(container_id, name, argv, {"AttachStdin": True, "Tty": True})
        start: dict[str, Any] = {"Detach": False, "Tty": True}
        if version_gte(self._client.api.api_version, "1.42"):
            start["ConsoleSize"] = [rows, cols]
        with translated(f"open a terminal in {name}"):
            sock = self._open(exec_id, start, TIMEOUT_S)
        try:
            self.resize(exec_id, rows, cols)
        except EngineError:
            sock.close()
            raise
        return Attachment(exec_id, sock)

    def converse(self, container_id: str, name: str, argv: Sequence[str]) -> socket.socket:
        """Run `argv` with its input open; what it prints comes in the engine's frames. The socket belongs to the caller."""
        exec_id = self._create(container_id, name, argv, {"AttachStdin": True, "Tty": False})
        with translated(f"run {argv[0]} in {name}"):
            return self._open(exec_id, {"Detach": False, "Tty": False}, TIMEOUT_S)

    def resize(self, exec_id: str, rows: int, cols: int) -> None:
        try:
            with translated("resize a terminal"):
                self._client.api.exec_resize(exec_id, height=rows, width=cols)
        except (Missing, Conflict):
            return
        except EngineError as error:
            if not self._has_ended(exec_id):
                raise EngineError(f"{error} Reload the terminal.") from error

    def _has_ended(self, exec_id: str) -> bool:
        try:
            with translated("look at a terminal"):
                return not self._client.api.exec_inspect(exec_id)["Running"]
        except Missing:
            return True

    def _create(self, container_id: str, name: str, argv: Sequence[str], more: dict[str, Any]) -> str:
        api = self._client.raw
        config = {"AttachStdout": True, "AttachStderr": True, "Cmd": list(argv), **more}
        with translated(f"run {argv[0]} in {name}"):
            answer = api._post_json(api._url("/containers/{0}/exec", container_id), data=config)
            return str(api._result(answer, json=True)["Id"])

    def _open(self, exec_id: str, body: dict[str, Any], timeout_s: float) -> socket.socket:
        path = f"/v{self._client.api.api_version}/exec/{exec_id}/start"
        return open_stream(self._client.address, path, body, timeout_s)

    def _exit_code(self, exec_id: str, command: str) -> int:
        """The engine closes the stream a moment before it knows the exit code."""
        deadline = time.monotonic() + EXIT_CODE_WAIT_S
        while True:
            with translated(f"say how {command} ended"):
                state = self._client.api.exec_inspect(exec_id)
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            if time.monotonic() > deadline:
                raise EngineError(f"{command} closed its output but goes on running; its exit code is unknown.")
            time.sleep(0.005)

    def _kill(self, container_id: str, name: str, mark: str) -> None:
        argv = ["sh", "-c", KILL_MARKED, f"{MARK}={mark}"]
        exec_id = self._create(container_id, name, argv, {})
        with (
            translated(f"end a command in {name}"),
            self._open(exec_id, {"Detach": False, "Tty": False}, KILL_TIMEOUT_S) as sock,
        ):
            _collect(sock, time.monotonic() + KILL_TIMEOUT_S)


def _collect(sock: socket.socket, deadline: float) -> tuple[bytes, bytes]:
    """Read the engine's frames (1 byte stream, 3 zero, 4 length) until the end. Raises TimeoutError, OverflowError."""
    streams = {1: bytearray(), STDERR: bytearray()}
    total = 0
    while header := _read(sock, 8, deadline):
        stream, length = struct.unpack(">BxxxL", header)
        total += length
        if total > OUTPUT_LIMIT:
            raise OverflowError
        streams.setdefault(stream, bytearray()).extend(_read(sock, length, deadline))
    return bytes(streams[1]), bytes(streams[STDERR])


def _read(sock: socket.socket, length: int, deadline: float) -> bytes:
    """Exactly `length` bytes, or nothing at the end of the stream."""
    data = bytearray()
    while len(data) < length:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        part = sock.recv(min(length - len(data), 1 << 20))
        if not part:
            if data:
                raise ConnectionError("the stream ended in the middle of a frame")
            return b""
        data += part
    return bytes(data)
