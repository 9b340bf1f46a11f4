"""Where a shell says that prompts, command lines and their output begin and end: OSC 133 in a terminal's output.

A begins a prompt, B ends it (what is typed follows), C begins a command's output, D ends it, with the exit code where
the shell tells one. Whatever else comes in such a sequence is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["prompt", "typing", "output", "end"]

_KINDS: Final[dict[bytes, Kind]] = {b"A": "prompt", b"B": "typing", b"C": "output", b"D": "end"}
_START: Final = b"\x1b]133;"
LONGEST: Final = 256  # bytes of a sequence; what goes on is none


@dataclass(frozen=True, slots=True)
class Mark:
    """`start` and `end`: numbers of the sequence's first byte and of the one after it, counted from the first byte fed."""

    kind: Kind
    start: int
    end: int
    exit_code: int | None = None


class Marks:
    """Feed it output in order; sequences may be cut anywhere. Costs one search of the bytes where there are none."""

    def __init__(self) -> None:
        self.fed = 0  # bytes so far
        self._rest = b""  # what may be the beginning of a sequence

    def feed(self, data: bytes) -> list[Mark]:
        """The marks that `data` completes, in order."""
        first = self.fed - len(self._rest)
        self.fed += len(data)
        data, self._rest = self._rest + data, b""
        found: list[Mark] = []
        at = data.find(_START)
        while at >= 0:
            end = _end_of(data, at + len(_START))
            if end is None:
                self._rest = data[at:] if len(data) - at <= LONGEST else b""
                return found
            text_end, after = end
            mark = _mark(data[at + len(_START) : text_end], first + at, first + after)
            if mark is not None and after - at <= LONGEST:
                found.append(mark)
            at = data.find(_START, after)
        self._rest = _beginning(data)
        return found


def _end_of(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the text of a sequence ends, and where the sequence does; None while that has not come."""
    bell, escape = data.find(b"\x07", at), data.find(b"\x1b", at)
    if bell >= 0 and not 0 <= escape < bell:
        return bell, bell + 1
    if escape < 0 or escape + 1 == len(data):
        return None
    return escape, escape + 2 if data[escape + 1 : escape + 2] == b"\\" else escape


def _mark(text: bytes, start: int, end: int) -> Mark | None:
    letter, *more = text.split(b";")
    kind = _KINDS.get(letter)
    if kind is None:
        return None
    code = int(more[0]) if kind == "end" and more and more[0].isdigit() and len(more[0]) <= 9 else None
    return Mark(kind, start, end, code)


def _beginning(data: bytes) -> bytes:
    """The end of `data`, where that may be the beginning of a sequence."""
    escape = data.rfind(b"\x1b", max(0, len(data) - len(_START) + 1))
    return data[escape:] if escape >= 0 and _START.startswith(data[escape:]) else b""
