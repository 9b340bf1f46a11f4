"""`vibenv up`: set up what is missing, run, and end in order."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from types import FrameType

import click

from vibenv_site.cli import environ, preparing, watching
from vibenv_site.cli.login import new_url
from vibenv_site.cli.show import Screen
from vibenv_site.setup import data_dir as data_dirs
from vibenv_site.setup import paths, ports, processes, running
from vibenv_site.setup.supervisor import Supervisor, end_orphans, open_files

WAIT_FOR_OTHER_S = 0.5


class Stopped(BaseException):
    """Somebody asked us to end: Ctrl-C, TERM, or the terminal went away."""


def run(host: str, port: int, given: str | None, yes: bool) -> int:
    """The exit code: 0 after an orderly end. Raises `SetupError` for what must be mended first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    screen = Screen()
    try:
        path = environ.chosen_data_dir(given)
        data_dirs.ensure(path)
        data_dirs.require_room(path, data_dirs.ALWAYS_FREE_BYTES, "vibenv")
        while True:
            try:
                with running.lock(path):
                    return _hold(screen, path, host, port, yes)
            except running.AlreadyRunning:
                if _join(screen, path):
                    return 0
    except Stopped:
        screen.note("Stopped before it was ready.")
        return 130


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _join(screen: Screen, path: Path) -> bool:
    """Another `up` has this data directory: give its address when it is ready; False when it went away instead."""
    pause = threading.Event()
    told = False
    while (found := environ.of_running(path)) or running.is_locked(path):
        if found and found.ready:
            screen.note(f"vibenv runs here already (process {found.pid}).")
            _say_ready()
            return True
        if not told:
            told = True
            screen.note("Another `vibenv up` is setting up here; waiting for it.")
        pause.wait(WAIT_FOR_OTHER_S)
    return False


def _hold(screen: Screen, path: Path, host: str, port: int, yes: bool) -> int:
    """Everything from set-up to the end, with the data directory locked."""
    left = running.read(path)
    supervisor = None
    try:
        if left is not None:
            _clear_up(screen, path)
        port = ports.require_free(host, port)
        redis_socket = environ.redis_socket(path)
        url = environ.address(host, port)
        note = running.Running(os.getpid(), url, host, port, ready=False)
        running.write(path, note)
        registry = preparing.prepare(screen, path, yes, own_redis=redis_socket is not None)
        control = paths.socket_path(path, "supervisor.sock")
        plan = processes.Plan(path, host, port, redis_socket, control, open_files(), registry.config)
        supervisor = Supervisor(path, plan)
        with screen.step("Processes") as step:
            supervisor.start()
            watching.until_ready(supervisor, host, port, path, step)
        from layers import base

        running.write(path, running.Running(note.pid, url, host, port, ready=True))
        base.request()
        _say_ready()
        watching.watch(screen, supervisor, path)
    except Stopped:
        if supervisor is None:
            raise
    finally:
        _ignore_signals()
        if supervisor is not None:
            with screen.step("Stopping") as step:
                supervisor.stop()
                step.result = "sessions go on"
        running.clear(path)
    return 0


def _clear_up(screen: Screen, path: Path) -> None:
    with screen.step("Clearing up") as step:
        ended = end_orphans(path)
        step.result = (
            f"ended {ended} processes of a vibenv that was killed" if ended else "an earlier vibenv was killed"
        )


def _ignore_signals() -> None:
    """The end is bounded in time; a second Ctrl-C must not leave processes behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say_ready() -> None:
    click.echo(f"vibenv is ready: {new_url()}")
