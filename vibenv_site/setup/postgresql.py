"""A throw-away PostgreSQL for the tests: a cluster of its own on a private Unix socket, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from vibenv_site.setup import programs
from vibenv_site.setup.commands import tail
from vibenv_site.setup.errors import SetupError

USER = "postgres"
START_TIMEOUT_S = 30
# Nothing of it is worth keeping: it need not wait for the disk.
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")


@contextlib.contextmanager
def throwaway() -> Iterator[str]:
    """The URL of an empty server. Raises `SetupError` when it does not start."""
    home = Path(tempfile.mkdtemp(prefix="vibenv-pg-"))
    as_user = _as_user(home)
    try:
        _initialise(home, as_user)
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(_server(home), stdout=log, stderr=log, stdin=subprocess.DEVNULL, **as_user)
        try:
            url = f"postgresql://{USER}@{quote(str(home), safe='')}/postgres"
            _wait(url, process, home / "log")
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_user(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    options: dict[str, Any] = {"cwd": "/", "start_new_session": True}
    if os.getuid() == 0:
        shutil.chown(home, USER, USER)
        options |= {"user": USER, "group": USER, "extra_groups": []}
    return options


def _program(name: str) -> str:
    found = programs.find(name)
    if found is None:
        raise SetupError("PostgreSQL is missing: sudo apt-get install -y postgresql")
    return found


def _initialise(home: Path, as_user: dict[str, Any]) -> None:
    argv = [_program("initdb"), "-D", str(home / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, **as_user)
    if done.returncode:
        raise SetupError(f"PostgreSQL's initdb failed: {done.stderr.strip()[-500:]}")


def _server(home: Path) -> list[str]:
    options = [word for option in (*OPTIONS, f"unix_socket_directories={home}") for word in ("-c", option)]
    return [_program("postgres"), "-D", str(home / "data"), *options]


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                shown = "\n  ".join(["", *tail(log, 8)])
                raise SetupError(f"PostgreSQL did not start: {error}{shown}") from error
        time.sleep(0.05)
