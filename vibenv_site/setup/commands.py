"""Running other programs: output to a log, the last line of it to whoever watches."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vibenv_site.setup.errors import SetupError

SHOWN = 70


class CommandFailed(SetupError):
    """A program ended with an error; the text has its last lines."""


def run(
    argv: Sequence[str],
    log: Path,
    say: Callable[[str], None],
    failure: str,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run to the end, appending output to `log`. Raises `CommandFailed` that begins with `failure`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    start = log.stat().st_size if log.exists() else 0
    with log.open("a") as file:
        assignments = [f"{name}={value}" for name, value in (environ or {}).items()]
        code = _follow(["env", *assignments, *argv], file.write, say, cwd)
    if code:
        with log.open(errors="replace") as file:
            file.seek(start)
            lines = [line.rstrip() for line in file if line.strip()][-8:]
        raise CommandFailed("\n  ".join([f"{failure} (its log is {log}):", *lines]) + "\n")


def _follow(
    argv: Sequence[str],
    write: Callable[[str], object],
    say: Callable[[str], None],
    cwd: Path | None,
) -> int:
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
        start_new_session=True,  # Ctrl-C must not tear a package manager down half-way: it is ended below
    )
    assert process.stdout is not None  # noqa: S101 - Popen with PIPE
    try:
        for line in process.stdout:
            write(line)
            if line.strip():
                say(line.strip()[:SHOWN])
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def tail(path: Path, lines: int = 15) -> list[str]:
    """The last lines of a log; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 16384))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return []
