"""Finding the container engine, and starting one where there is none."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from engines import address
from vibenv_site import environment
from vibenv_site.setup import programs
from vibenv_site.setup.commands import tail
from vibenv_site.setup.data_dir import user_name
from vibenv_site.setup.errors import SetupError

START_TIMEOUT_S = 60
PROBE_TIMEOUT_S = 5
SYSTEMD = Path("/run/systemd/system")
# dockerd and the containerd it starts refuse to begin while a process has the number in these files.
PIDFILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def find() -> address.EngineAddress:
    """The address in force. Raises `EngineError` for one that cannot be used."""
    return address.resolve(
        environment.text("DOCKER_HOST"),
        environment.text("DOCKER_CONTEXT"),
        Path(environment.text("DOCKER_CONFIG", "~/.docker")).expanduser(),
    )


def ask(where: address.EngineAddress, path: str = "/version") -> dict[str, Any]:
    """A JSON answer of the engine's API. Raises `OSError` when nothing answers."""
    connection: http.client.HTTPConnection
    if where.socket_path:
        connection = _UnixConnection(where.socket_path, PROBE_TIMEOUT_S)
    else:
        connection = http.client.HTTPConnection(*where.host_port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"what answers at {where.url} is no container engine ({error})") from error
    finally:
        connection.close()


def answers(where: address.EngineAddress) -> bool:
    try:
        return bool(ask(where).get("ApiVersion"))
    except OSError:
        return False


def may_start(where: address.EngineAddress) -> bool:
    """Only the default socket is ours to bring up; an address that was named is somebody's choice."""
    return where.url == address.DEFAULT_URL


def ensure(where: address.EngineAddress, logs: Path, say: Callable[[str], None]) -> str:
    """The engine's version; one is started where none answers. Raises `SetupError` when there is none to be had."""
    try:
        return str(ask(where)["Version"])
    except PermissionError:
        raise SetupError(
            f"You may not use the container engine at {where.url}. Add yourself to its group with "
            f"`sudo usermod -aG docker {_me()}`, log in again, then run this again."
        ) from None
    except OSError as error:
        _require_startable(where, error)
    return _start(where, logs, say)


def _require_startable(where: address.EngineAddress, error: OSError) -> None:
    why = error.strerror or str(error)
    if not may_start(where):
        raise SetupError(
            f"No container engine answers at {where.url} ({where.source}): {why}. Start it, or name another one."
        )
    if programs.find("dockerd") is None:
        raise SetupError("No container engine answers, and none is installed: sudo apt-get install -y docker.io")
    if os.getuid() != 0:
        raise SetupError(
            "No container engine answers. Start it with `sudo systemctl start docker` (or run `sudo dockerd`), "
            "then run this again; or set DOCKER_HOST."
        )


def _start(where: address.EngineAddress, logs: Path, say: Callable[[str], None]) -> str:
    say("starting dockerd")
    log = logs / "dockerd.log"
    if SYSTEMD.exists():
        subprocess.run(["systemctl", "start", "docker"], check=False, stdin=subprocess.DEVNULL, capture_output=True)
        return _wait(where, None, log)
    for pidfile, name in PIDFILES.items():
        drop_stale(pidfile, name)
    with log.open("ab") as output:
        # A session of its own, in /: it outlives us, and the sessions outlive us with it.
        process = subprocess.Popen(
            ["env", f"PATH={programs.search_path()}", programs.find("dockerd") or "dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
        )
    return _wait(where, process, log)


def drop_stale(pidfile: Path, name: str) -> None:
    """Remove a pid file whose number is no process now, or another program's."""
    try:
        if psutil.Process(int(pidfile.read_text())).name() == name:
            return
    except (ValueError, psutil.NoSuchProcess):
        pass
    except OSError:
        return
    pidfile.unlink(missing_ok=True)


def _wait(where: address.EngineAddress, process: subprocess.Popen[bytes] | None, log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            return str(ask(where)["Version"])
        except OSError:
            time.sleep(0.1)
        if process is not None and process.poll() is not None:
            break
    shown = "\n  ".join(["", *tail(log, 8)])
    hint = "`journalctl -u docker` says why" if process is None else f"its log is {log}:{shown}\n"
    raise SetupError(f"dockerd did not come up; {hint}. Mend that, or set DOCKER_HOST to another engine.")


def _me() -> str:
    return user_name(os.getuid())
