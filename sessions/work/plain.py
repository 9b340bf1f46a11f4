"""A command's output as plain text: escape sequences taken out, what a line was overwritten with in its place. Pure."""

from __future__ import annotations

import re

WIDEST = 8192  # columns that a cursor can be moved to
HIGHEST = 1000  # lines it can be moved by
EMPTY = 1 << 20  # places that were only moved over, in all: a few bytes can skip a thousand

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]"
)
_MOVES = re.compile(r"\r(?!\n)|\x08|\x1b\[[0-9;]*[ABCDGHJKPX@f]")
_STEP = re.compile(rf"(?P<move>\x1b\[(?P<n>[0-9;]*)(?P<what>[ABCDGHJKPX@f]))|(?P<other>{_SEQUENCE.pattern})|[\r\n\x08]")


def plain(data: bytes) -> str:
    """As a person would read it afterwards. What is no UTF-8 is replaced."""
    text = data.decode(errors="replace").replace("\r\r\n", "\n").replace("\r\n", "\n")
    if not _MOVES.search(text):
        return _SEQUENCE.sub("", text)
    return _Page().read(text)


class _Page:
    """Lines that a cursor moves over; as wide and as long as they get."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._col = 0
        self._empty = EMPTY

    def read(self, text: str) -> str:
        at = 0
        for step in _STEP.finditer(text):
            self._put(text[at : step.start()])
            at = step.end()
            if step["move"]:
                self._move(step["what"], step["n"])
            elif not step["other"]:
                self._control(step[0])
        self._put(text[at:])
        return "\n".join("".join(line).rstrip() for line in self._lines)

    def _put(self, text: str) -> None:
        if not text:
            return
        line = self._lines[self._row]
        line.extend(" " * self._skip(self._col - len(line)))
        self._col = min(self._col, len(line))
        line[self._col : self._col + len(text)] = text
        self._col += len(text)

    def _control(self, what: str) -> None:
        if what == "\n":
            self._down(1)
            self._col = 0
        elif what == "\r":
            self._col = 0
        else:
            self._col = max(0, self._col - 1)

    def _skip(self, count: int) -> int:
        """As many places as are left to be moved over."""
        count = max(0, min(count, self._empty))
        self._empty -= count
        return count

    def _down(self, count: int) -> None:
        self._row += count
        while len(self._lines) <= self._row:
            self._lines.append([])

    def _move(self, what: str, given: str) -> None:
        first = given.split(";", maxsplit=1)[0]
        number = int(first) if first and len(first) < 7 else 0 if not first else WIDEST
        count = max(1, number)
        line = self._lines[self._row]
        match what:
            case "A":
                self._row = max(0, self._row - count)
            case "B":
                self._down(self._skip(min(count, HIGHEST)))
            case "C":
                self._col = min(self._col + count, WIDEST)
            case "D":
                self._col = max(0, self._col - count)
            case "G":
                self._col = min(count, WIDEST) - 1
            case "K":
                self._erase(line, number)
            case "P":
                del line[self._col : self._col + count]
            case "X":
                line[self._col : self._col + count] = " " * min(count, max(0, len(line) - self._col))
            case "@":
                line[self._col : self._col] = " " * self._skip(min(count, WIDEST))
            case "J" if number == 0:
                del line[self._col :]
                del self._lines[self._row + 1 :]
            case _:  # the screen as a whole: what is there stays, what follows comes after it
                self._row, self._col = len(self._lines), 0
                self._lines.append([])

    def _erase(self, line: list[str], how: int) -> None:
        if how == 0:
            del line[self._col :]
        else:
            end = min(self._col + 1, len(line)) if how == 1 else len(line)
            line[:end] = " " * end
