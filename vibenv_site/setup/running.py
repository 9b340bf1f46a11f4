"""One `up` per data directory: its lock, and the note it leaves about itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from vibenv_site.setup.errors import SetupError


@dataclass(frozen=True, slots=True)
class Running:
    """An `up`: its process id, the address people use, and whether it has said that it is ready."""

    pid: int
    url: str
    host: str
    port: int
    ready: bool


class AlreadyRunning(SetupError):
    """Another `up` holds this data directory."""


def _note(data_dir: Path) -> Path:
    return data_dir / "up.json"


def write(data_dir: Path, running: Running) -> None:
    draft = _note(data_dir).with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(running)))
    draft.replace(_note(data_dir))


def read(data_dir: Path) -> Running | None:
    """The note of the `up` that runs, or of one that was killed: ask `is_locked` which."""
    try:
        return Running(**json.loads(_note(data_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def clear(data_dir: Path) -> None:
    _note(data_dir).unlink(missing_ok=True)


@contextlib.contextmanager
def lock(data_dir: Path) -> Iterator[None]:
    """Hold the data directory. The kernel drops the lock when this process ends, however it ends.

    Raises `AlreadyRunning` when another process holds it.
    """
    with (data_dir / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Another vibenv runs in {data_dir}.") from None
        yield


def is_locked(data_dir: Path) -> bool:
    try:
        with lock(data_dir):
            return False
    except AlreadyRunning:
        return True
    except OSError:
        return False
