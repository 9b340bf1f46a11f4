"""The supervisor as a child of `up`: started, asked, ended; and what an earlier one left, ended too."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import shutil
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from vibenv_site.setup import paths, processes

MARK = "VIBENV_SUPERVISED"  # in the environment of the supervisor and all it starts, with the data directory
STOP_S = 20
ORPHAN_STOP_S = 10
OPEN_FILES = 65536


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One supervised process now. `started` is epoch seconds; `state` is supervisord's word."""

    name: str
    pid: int
    state: str
    started: int


class Supervisor:
    """One supervisord and its processes for a data directory."""

    def __init__(self, data_dir: Path, plan: processes.Plan) -> None:
        self._data_dir = data_dir
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin. What an earlier supervisor left behind is ended first."""
        end_orphans(self._data_dir)
        config = self._data_dir / "supervisor.conf"
        config.write_text(processes.config(self._plan))
        with (paths.logs(self._data_dir) / "supervisor.out").open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *("env", f"{MARK}={self._data_dir}", f"PROMETHEUS_MULTIPROC_DIR={self._fresh_metrics()}"),
                    *(sys.executable, "-m", "vibenv_site.setup.supervised", str(os.getpid())),
                    *("-n", "-c", str(config)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=paths.ROOT,
                start_new_session=True,  # Ctrl-C is for `up`, which ends this in order
            )

    def _fresh_metrics(self) -> Path:
        """Where the processes count together; the counts of processes that are gone would be counted for ever."""
        path = self._data_dir / "metrics"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return path

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End all processes in order; by force where one does not listen."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        end_orphans(self._data_dir)
        for left in (self._plan.control_socket, self._plan.redis_socket):
            if left is not None:
                left.unlink(missing_ok=True)

    def states(self) -> list[ProcessState]:
        return states(self._plan.control_socket)


def open_files() -> int:
    """How many files the processes may have open: each viewer of a terminal is one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)


def states(control_socket: Path) -> list[ProcessState]:
    """Ask a running supervisor; empty when none answers."""
    try:
        with _remote(control_socket) as remote:
            found = cast("list[dict[str, Any]]", remote.supervisor.getAllProcessInfo())
    except (OSError, http.client.HTTPException, xmlrpc.client.Error):
        return []
    return [ProcessState(p["name"], p["pid"], str(p["statename"]).lower(), p["start"]) for p in found]


@contextlib.contextmanager
def held(control_socket: Path, name: str) -> Iterator[None]:
    """With one process stopped, where a supervisor runs it."""
    runs = any(state.name == name and state.state == "running" for state in states(control_socket))
    if not runs:
        yield
        return
    with _remote(control_socket) as remote:
        remote.supervisor.stopProcess(name, True)
    try:
        yield
    finally:
        with _remote(control_socket) as remote:
            remote.supervisor.startProcess(name, True)


@contextlib.contextmanager
def _remote(control_socket: Path) -> Iterator[xmlrpc.client.ServerProxy]:
    transport = SupervisorTransport(None, None, f"unix://{control_socket}")
    with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as remote:
        yield remote


def orphans(data_dir: Path) -> list[psutil.Process]:
    """Processes of ours that were started for this data directory."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.uids().real == os.getuid() and _belongs(process, data_dir):
                found.append(process)
    return found


def _belongs(process: psutil.Process, data_dir: Path) -> bool:
    if process.name() == "redis-server":  # writes its title over its environment
        return Path(process.cwd()) == data_dir
    return process.environ().get(MARK) == str(data_dir)


def end_orphans(data_dir: Path) -> int:
    """End what a killed `up` or supervisor left; how many that were. The supervisor goes first: it restarts others."""
    left = orphans(data_dir)
    supervisors = [p for p in left if _is_supervisor(p)]
    _end(supervisors)
    _end(orphans(data_dir) if left else [])
    return len(left)


def _is_supervisor(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "vibenv_site.setup.supervised" in process.cmdline()
    return False


def _end(found: Sequence[psutil.Process]) -> None:
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _gone, left = psutil.wait_procs(found, ORPHAN_STOP_S)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, ORPHAN_STOP_S)
