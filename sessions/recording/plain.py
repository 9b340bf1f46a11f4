"""A terminal's output as lines of plain text: for searching, and for reading without a terminal.

Not a terminal: colours are left out, what jumps about the screen begins a new line, what is overwritten within its line is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sessions.recording.cast import Event

LONGEST_LINE: Final = 16 * 1024
_LONGEST_SEQUENCE: Final = 8 * 1024
_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+./#% -][ -~]|[ -~])"
)
_CUT: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[()*+./#% -])?\Z")
_JUMPS: Final = frozenset("HfdABEFST")
_ERASE: Final = "\x00"  # the rest of the line
_BREAK: Final = re.compile("[\n\r\b\x00]")
_UNSEEN: Final = re.compile("[\x01-\x07\x0b-\x1f\x7f]")


class Line(NamedTuple):
    at: float  # when the last of it was written
    text: str


def lines(events: Iterable[Event]) -> Iterator[Line]:
    """The lines of a recording's output, the unfinished last one too."""
    plain = Plain()
    for event in events:
        if event.code == "o":
            yield from plain.feed(event.at, event.text)
    yield from plain.rest()


class Plain:
    """Feed it output in order, cut anywhere."""

    def __init__(self) -> None:
        self._cut = ""
        self._line = ""
        self._col = 0
        self._at = 0.0

    def feed(self, at: float, text: str) -> list[Line]:
        """The lines that `text` ends."""
        text, self._cut = self._cut + text, ""
        cut = _CUT.search(text, max(0, len(text) - _LONGEST_SEQUENCE)) if "\x1b" in text else None
        if cut is not None:
            text, self._cut = text[: cut.start()], text[cut.start() :]
        if "\x1b" in text:
            text = _SEQUENCE.sub(_meant, text)
        found: list[Line] = []
        begin = 0
        for stop in _BREAK.finditer(text):
            self._write(at, text[begin : stop.start()], found)
            self._control(stop[0], at, found)
            begin = stop.end()
        self._write(at, text[begin:], found)
        return found

    def rest(self) -> list[Line]:
        return [Line(self._at, self._line.rstrip())] if self._line.strip() else []

    def _write(self, at: float, piece: str, found: list[Line]) -> None:
        piece = _UNSEEN.sub("", piece)
        if not piece:
            return
        self._at = at
        self._line = self._line[: self._col] + piece + self._line[self._col + len(piece) :]
        self._col += len(piece)
        if len(self._line) > LONGEST_LINE:
            self._end(at, found)

    def _control(self, control: str, at: float, found: list[Line]) -> None:
        if control == "\n":
            self._end(at, found)
        elif control == "\r":
            self._col = 0
        elif control == "\b":
            self._col = max(0, self._col - 1)
        else:
            self._line = self._line[: self._col]

    def _end(self, at: float, found: list[Line]) -> None:
        found.append(Line(self._at or at, self._line.rstrip()))
        self._line, self._col = "", 0


def _meant(sequence: re.Match[str]) -> str:
    """What a control sequence does to a line, as far as that matters here."""
    final = sequence[1]
    if final is None:
        return ""
    if final in _JUMPS:
        return "\n"
    if final in "KJ":
        return _ERASE if sequence[0][2] in "0KJ" else ""
    if final == "C":
        count = sequence[0][2:-1]
        return " " * min(int(count) if count.isdigit() else 1, 200)
    return ""
