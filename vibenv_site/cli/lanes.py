"""All tests, two lanes at once: most of them wait for containers, browsers and processes more than they compute."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import click

from vibenv_site.setup import paths

AT_ONCE = 2
OURS = ("VIBENV_DATABASE_URL", "VIBENV_REDIS_URL", "VIBENV_PUBLIC_URL", "VIBENV_DATA_DIR")


@dataclass
class Lane:
    """`arguments` are pytest's; `database` gives the address of its database, or none for SQLite's file."""

    name: str
    arguments: Sequence[str]
    database: AbstractContextManager[str | None] = field(default_factory=nullcontext)


def run(lanes: Sequence[Lane]) -> list[int]:
    """pytest's exit code of each lane, whose lines are shown as they come, with its name ahead."""
    width = max(len(lane.name) for lane in lanes)
    running: list[subprocess.Popen[str]] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(_run, lane, f"{lane.name:<{width}} │ ", running) for lane in lanes]
        try:
            codes = [future.result() for future in futures]
        except KeyboardInterrupt:
            for process in running:
                process.send_signal(signal.SIGINT)  # pytest tears its fixtures down on it
            pool.shutdown(cancel_futures=True)
            raise
    return codes


def _run(lane: Lane, prefix: str, running: list[subprocess.Popen[str]]) -> int:
    began = time.monotonic()
    with lane.database as url, _data_dir() as path:
        given = {"VIBENV_DATA_DIR": str(path), "PYTHONUNBUFFERED": "1"} | ({"VIBENV_DATABASE_URL": url} if url else {})
        process = start(lane.arguments, given, stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
        for line in process.stdout:
            _say(prefix + line.rstrip("\n"))
        code = process.wait()
    _say(f"{prefix}ended with {code} after {time.monotonic() - began:.0f} s")
    return code


_saying = threading.Lock()


def _say(line: str) -> None:
    with _saying:
        click.echo(line)


@contextlib.contextmanager
def _data_dir() -> Iterator[Path]:
    """A fresh data directory with a short path."""
    path = Path(tempfile.mkdtemp(prefix="vibenv-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def start(arguments: Sequence[str], given: Mapping[str, str], stdout: int | None = None) -> subprocess.Popen[str]:
    """pytest, with `given` in the environment in place of what a person's own installation has there."""
    clean = ["env", *(word for name in OURS for word in ("-u", name)), *(f"{k}={v}" for k, v in given.items())]
    argv = [*clean, sys.executable, "-m", "pytest", *arguments]
    merged = subprocess.STDOUT if stdout == subprocess.PIPE else None
    return subprocess.Popen(
        argv, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=merged, text=True,
        start_new_session=stdout == subprocess.PIPE,  # Ctrl-C reaches it once, from us
    )  # fmt: skip
