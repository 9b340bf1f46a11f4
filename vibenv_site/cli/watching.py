"""Watching a running vibenv from `up`: until it is ready, while its base image is built, and for as long as it runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from vibenv_site.cli.show import Screen, Step
from vibenv_site.setup import health, paths
from vibenv_site.setup.commands import tail
from vibenv_site.setup.errors import SetupError
from vibenv_site.setup.supervisor import ProcessState, Supervisor

READY_TIMEOUT_S = 90
READY_POLL_S = 0.05
WATCH_EVERY_S = 1.0
DEATHS_ALLOWED = 3
LATELY_S = 30.0


class Deaths:
    """Notices processes that came back, from one look to the next, and how many times lately."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._times: dict[str, list[float]] = {}

    def look(self, states: list[ProcessState]) -> list[str]:
        """Names of the processes that died since the last look."""
        died = []
        for state in states:
            before = self._pids.get(state.name, 0)
            if state.pid and before and state.pid != before:
                died.append(state.name)
                self._times.setdefault(state.name, []).append(time.monotonic())
            if state.pid:
                self._pids[state.name] = state.pid
        return died

    def lately(self, name: str) -> int:
        """How often it died within the last `LATELY_S` seconds."""
        since = time.monotonic() - LATELY_S
        self._times[name] = [t for t in self._times.get(name, []) if t > since]
        return len(self._times[name])


def until_ready(supervisor: Supervisor, host: str, port: int, data_dir: Path, step: Step) -> None:
    """Wait until web, database, Redis and worker are well. Raises `SetupError` with the log of what is not."""
    deaths, pause = Deaths(), threading.Event()
    deadline = time.monotonic() + READY_TIMEOUT_S
    while waiting := health.waiting_for(health.ask(host, port)):
        step.say(f"waiting for {', '.join(waiting)}")
        if not supervisor.alive:
            raise SetupError(_report("The supervisor ended", data_dir, "supervisor"))
        for name in deaths.look(supervisor.states()):
            if deaths.lately(name) >= DEATHS_ALLOWED:
                raise SetupError(_report(f"The {name} process keeps ending", data_dir, name))
        if time.monotonic() > deadline:
            name = waiting[0] if waiting[0] != "database" else "web"
            raise SetupError(_report(f"Not well after {READY_TIMEOUT_S} s: {', '.join(waiting)}", data_dir, name))
        pause.wait(READY_POLL_S)
    step.result = ", ".join(state.name for state in supervisor.states())


def _end_of_log(what: str, data_dir: Path, name: str) -> str:
    log = paths.logs(data_dir) / f"{name}.log"
    return "\n  ".join([f"{what}. The end of its log, {log}:", *tail(log)])


def _report(what: str, data_dir: Path, name: str) -> str:
    return f"{_end_of_log(what, data_dir, name)}\nMend that, then run `./vibenv up` again."


def watch(screen: Screen, supervisor: Supervisor, data_dir: Path) -> None:
    """Show the building of the base image, then stay until told to stop; deaths of processes are noted."""
    pause = threading.Event()
    deaths, restarts = Deaths(), Deaths()
    deaths.look(supervisor.states())
    watch_base_image(screen)
    while True:
        pause.wait(WATCH_EVERY_S)
        restarts.look([ProcessState("supervisor", supervisor.pid, "", 0)])
        if supervisor.alive:
            for name in deaths.look(supervisor.states()):
                _note_death(screen, deaths, data_dir, name)
        elif restarts.lately("supervisor") < DEATHS_ALLOWED:
            screen.note("The supervisor ended; starting everything again.")
            supervisor.start()
            deaths = Deaths()
        else:
            raise SetupError(_report("The supervisor keeps ending", data_dir, "supervisor"))


def _note_death(screen: Screen, deaths: Deaths, data_dir: Path, name: str) -> None:
    count = deaths.lately(name)
    if count == DEATHS_ALLOWED:
        screen.error(_end_of_log(f"The {name} process keeps ending", data_dir, name))
    elif count < DEATHS_ALLOWED:
        screen.note(f"{name} ended and was started again; its log is {paths.logs(data_dir) / f'{name}.log'}")


def watch_base_image(screen: Screen) -> None:
    """Follow the first build of the base image to its end; the board can be used meanwhile."""
    from layers import base

    found = base.resolve()
    if found.state == "ready":
        return
    pause = threading.Event()
    with screen.step("Base image") as step:
        while (found := base.resolve()).state in {"building", "missing"}:
            step.say(found.detail.removeprefix("Building the base image: "), found.progress)
            pause.wait(0.5)
        step.result, step.failed = found.image, found.state == "failed"
    if found.state == "failed":
        screen.note(f"The base image could not be built: {found.detail} Its log is {found.log_path}.")
