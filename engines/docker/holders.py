"""Which process made a thing that lives no longer than it: told by a label or a tag, so that what a killed one left is known."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Final

import psutil

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
PROCESSES: Final = Path("/proc/self/ns/pid")


@functools.lru_cache(maxsize=4)
def of(pid: int) -> str:
    """`machine.pid.start`, in letters that a tag may have."""
    return f"{_machine()}.{pid}.{_start(pid)}"


def mine() -> str:
    return of(os.getpid())


def lives(holder: str) -> bool | None:
    """None where that cannot be known: it was made on another machine, or before this one was started."""
    machine, _, rest = holder.partition(".")
    pid, _, start = rest.partition(".")
    if machine != _machine() or not pid.isdigit():
        return None
    try:
        return str(_start(int(pid))) == start
    except psutil.NoSuchProcess:
        return False


def _start(pid: int) -> int:
    return int(psutil.Process(pid).create_time() * 100)


@functools.lru_cache(maxsize=1)
def _machine() -> str:
    """As long as it runs, and as this process sees its processes."""
    try:
        return f"{BOOT.read_text().strip()[:8]}{os.readlink(PROCESSES).strip('pid:[]')}"
    except OSError:  # no Linux
        return f"{os.uname().nodename}-{int(psutil.boot_time())}"
