"""asciicast v2, the format of recordings: a line of JSON that is the header, then one for each event.

Version 2 and not 3, since everything that plays such files reads it; 3 says the same with other times.
Events are `[seconds since the beginning, code, text]`: `o` output, `i` input, `r` another size ("80x24"), `m` a mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

COMMAND: Final = "$ "  # begins the mark of a command, which is its line; others begin otherwise
_EXIT: Final = re.compile(r"exit( \d+)?")
_SIZE: Final = re.compile(r"(\d{1,4})x(\d{1,4})")


class Event(NamedTuple):
    at: float
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """`shell` tells apart the shells of one terminal."""

    cols: int
    rows: int
    timestamp: int
    title: str
    shell: str = ""

    def line(self) -> bytes:
        fields: dict[str, Any] = {
            "version": 2,
            "width": self.cols,
            "height": self.rows,
            "timestamp": self.timestamp,
            "title": self.title,
            "env": {"TERM": "xterm-256color"},
            "vibenv": {"shell": self.shell},  # players pass over what they do not know
        }
        return (json.dumps(fields, ensure_ascii=False) + "\n").encode(errors="replace")


def line(at: float, code: str, text: str) -> bytes:
    """One event as a line of the file."""
    return f'[{at:.4f},"{code}",{json.dumps(text, ensure_ascii=False)}]\n'.encode(errors="replace")


def ended(exit_code: int | None) -> str:
    """The mark of a command's end."""
    return "exit" if exit_code is None else f"exit {exit_code}"


def exit_code_of(mark: str) -> tuple[bool, int | None]:
    """Whether a mark is the end of a command, and its exit code where one was told."""
    found = _EXIT.fullmatch(mark)
    return found is not None, int(found[1]) if found and found[1] else None


def read_header(path: Path) -> Header | None:
    """None for what is not a recording."""
    try:
        with path.open("rb") as source:
            fields = json.loads(source.readline(64 * 1024))
            return Header(
                cols=int(fields["width"]),
                rows=int(fields["height"]),
                timestamp=int(fields["timestamp"]),
                title=str(fields.get("title", "")),
                shell=str(fields.get("vibenv", {}).get("shell", "")),
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read(path: Path) -> Iterator[Event]:
    """The events, as far as they are whole: whoever wrote it may have been killed, or be writing."""
    with path.open("rb") as source:
        source.readline()
        for raw in source:
            event = _event(raw)
            if event is not None:
                yield event


def marks(path: Path) -> Iterator[Event]:
    """The marks alone, without reading the output between them."""
    with path.open("rb") as source:
        source.readline()
        for raw in source:
            if raw.find(b',"m",', 0, 24) > 0 and (event := _event(raw)) is not None:
                yield event


def _event(raw: bytes) -> Event | None:
    try:
        at, code, text = json.loads(raw)
        return Event(float(at), str(code), str(text))
    except (ValueError, TypeError):
        return None


def size_of(text: str) -> tuple[int, int] | None:
    """Columns and rows of an `r` event."""
    found = _SIZE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def whole(path: Path) -> tuple[int, float]:
    """How many bytes of the file are whole lines, and the time of its last event."""
    with path.open("rb") as source:
        size = source.seek(0, 2)
        at = max(0, size - 1024 * 1024)
        source.seek(at)
        tail = source.read()
    end = tail.rfind(b"\n") + 1
    begin = tail.rfind(b"\n", 0, max(0, end - 1)) + 1
    event = _event(tail[begin:end]) if end else None
    return at + end, event.at if event else 0.0
