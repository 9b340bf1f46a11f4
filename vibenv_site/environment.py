"""Typed reads of the process environment, for `settings.py` and for set-up.

A bad value stops the start and says what it takes.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T", int, float)


class BadSetting(SystemExit):
    """A setting that cannot be used; its text is for the person who set it."""

    def __init__(self, name: str, value: str, takes: str) -> None:
        super().__init__(f"vibenv: {name}={value!r} cannot be used: it takes {takes}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "") or default


def number(name: str, default: T, kind: Callable[[str], T], takes: str, *, zero: bool = False) -> T:
    """A number above zero: zero and infinity would mean "without limit" to the engine. `zero`: that may be given, too."""
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        given = kind(value)
    except (ValueError, OverflowError) as error:
        raise BadSetting(name, value, takes) from error
    if not 0 <= given < math.inf or (not given and not zero):
        raise BadSetting(name, value, takes)
    return given


def count(name: str, default: int, takes: str) -> int:
    """A whole number, which may be 0."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise BadSetting(name, value, takes)
    return int(value)


def flag(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "on", "true", "yes"}:
        return True
    if value in {"0", "off", "false", "no"}:
        return False
    raise BadSetting(name, value, "on or off")


def choice(name: str, *takes: str) -> str:
    """One of a few words, of which the first is the default."""
    value = text(name, takes[0]).lower()
    if value not in takes:
        raise BadSetting(name, value, f"one of {', '.join(takes)}")
    return value


def memory(value: str) -> int:
    """`512m`, `2g` or plain bytes, as bytes."""
    units = {"k": 1024, "m": 1024**2, "g": 1024**3}
    unit = units.get(value[-1].lower())
    return int(float(value[:-1]) * unit) if unit else int(value)


def duration(name: str, default: str) -> int:
    """`90s`, `30m`, `2h`, `7d` or plain seconds, as seconds; `off` is 0."""
    takes = "a time such as 90s, 30m, 2h or 7d (365d at most), or off"
    value = text(name, default).strip().lower()
    if value in {"off", "never", "no"}:
        return 0
    units = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
    digits, unit = (value[:-1], units[value[-1]]) if value[-1:] in units else (value, 1)
    try:
        seconds = round(float(digits) * unit)
    except (ValueError, OverflowError) as error:
        raise BadSetting(name, value, takes) from error
    if not 0 <= seconds <= 365 * units["d"] or (seconds == 0 and float(digits) > 0):
        raise BadSetting(name, value, takes)
    return seconds


def data_dir() -> Path:
    chosen = text("VIBENV_DATA_DIR")
    if chosen:
        return Path(chosen).expanduser().resolve()
    home = text("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "vibenv"


def registry_file(data: Path) -> Path:
    """Where the address of a registry that we started is kept."""
    return data / "registry-address"


def registry(data: Path) -> str:
    """`VIBENV_REGISTRY`, else the one that we started, else the usual place."""
    chosen = text("VIBENV_REGISTRY")
    if chosen:
        return chosen
    try:
        return registry_file(data).read_text().strip()
    except OSError:
        return "localhost:5000"


def kept(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """A value made once and kept in a file of mode 0600; two processes starting together agree on it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(make() + "\n")
        try:
            os.link(draft, path)  # fails where another process was first; whole at once, unlike a write
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def given(*names: str) -> dict[str, str]:
    """Those that are set, as they are."""
    return {name: value for name in names if (value := text(name))}
