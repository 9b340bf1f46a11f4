"""One recording as it is written: a terminal's output becomes lines of a file, with its secrets masked and commands marked.

Plain code without database or event loop; whoever has it calls it from one thread at a time.
"""

from __future__ import annotations

import codecs
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from sessions.recording import cast, command_line
from sessions.recording.cast import Header
from sessions.recording.floods import Floods
from sessions.recording.masks import Masks
from sessions.terminal.marks import Mark, Marks

log = logging.getLogger(__name__)

TAIL_BYTES: Final = 32 * 1024  # of earlier output, shown at the beginning of a recording that begins in the middle
UNKNOWN_COMMAND: Final = cast.COMMAND + "…"
UNITS: Final = ("B", "kB", "MB", "GB")


class Item(NamedTuple):
    """Something that happened. `at` in seconds of `time.time`; `data` of output and input is as it came."""

    kind: Literal["output", "input", "size", "mark"]
    at: float
    data: bytes = b""
    text: str = ""  # of a mark; of a size "80x24"; of input whose it is


class Tape:
    """`write` what happened, `close` it. Raises `OSError` where the disk does not take it; the file then ends at a whole line."""

    def __init__(self, path: Path, header: Header, masks: Masks, *, limit_bytes: int) -> None:
        """A file that is there goes on; else it begins with `header`."""
        self._path, self._limit = path, limit_bytes
        self._masks = masks
        self._cols = header.cols
        self._began = float(header.timestamp)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._marks, self._floods, self._prompt = Marks(), Floods(), _Prompt()
        self._typist = ""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.size_bytes, self.duration_s = cast.whole(path)
        self._running = self.size_bytes > 0  # a command; one may run on since the file was left
        os.ftruncate(self._fd, self.size_bytes)
        os.lseek(self._fd, 0, os.SEEK_END)
        if not self.size_bytes:
            self._append([header.line()])

    @property
    def full(self) -> bool:
        return self.size_bytes >= self._limit

    @property
    def waiting(self) -> bool:
        """It holds something back that `write` brings out a little later, even of nothing."""
        return self._floods.left_out > 0

    def begin_with(self, earlier: bytes, at: float) -> None:
        """Show the end of what was printed before, masked, from a line's start."""
        masked = self._masks.output(earlier)
        line = masked.find(b"\n", max(0, len(masked) - TAIL_BYTES)) + 1 if len(masked) > TAIL_BYTES else 0
        self._append(self._text(at, masked[line:]))

    def write(self, items: Sequence[Item], now: float) -> None:
        lines: list[bytes] = []
        for item in items:
            lines += self._lines(item)
        if self._floods.due(self._since(now)):
            lines += self._glimpse(now)
        self._append(lines)

    def close(self, now: float) -> None:
        try:
            lines = self._output(now, self._masks.rest())
            self._append([*lines, *self._glimpse_if_any(now)])
        finally:
            os.close(self._fd)

    def _since(self, at: float) -> float:
        return max(0.0, at - self._began)

    def _line(self, at: float, code: str, text: str) -> bytes:
        self.duration_s = max(self.duration_s, self._since(at))  # a clock may be set back
        return cast.line(self.duration_s, code, text)

    def _append(self, lines: list[bytes]) -> None:
        data = b"".join(lines)
        try:
            at = 0
            while at < len(data):
                at += os.write(self._fd, data[at:])
        except OSError:
            os.ftruncate(self._fd, self.size_bytes)
            os.lseek(self._fd, 0, os.SEEK_END)
            raise
        self.size_bytes += len(data)

    def _lines(self, item: Item) -> list[bytes]:
        match item.kind:
            case "output":
                return self._output(item.at, self._masks.output(item.data))
            case "input":
                return self._input(item)
            case "size":
                self._cols = int(item.text.partition("x")[0])
                return [*self._glimpse_if_any(item.at), self._line(item.at, "r", item.text)]
            case "mark":
                return [*self._glimpse_if_any(item.at), self._line(item.at, "m", item.text)]

    # output ---------------------------------------------------------------------------------------------
    def _output(self, at: float, data: bytes) -> list[bytes]:
        first, begin = self._marks.fed, 0
        lines: list[bytes] = []
        for mark in self._marks.feed(data):
            end = mark.end - first
            lines += self._piece(at, data[begin:end])
            lines += self._marked(at, mark)
            begin = end
        return lines + self._piece(at, data[begin:])

    def _piece(self, at: float, piece: bytes) -> list[bytes]:
        if not piece:
            return []
        self._prompt.feed(piece)
        lines = self._glimpse(at) if self._floods.due(self._since(at)) else []
        return lines + self._text(at, piece) if self._floods.keep(self._since(at), piece) else lines

    def _text(self, at: float, piece: bytes) -> list[bytes]:
        text = self._decode(piece)
        return [self._line(at, "o", text)] if text else []

    def _glimpse_if_any(self, at: float) -> list[bytes]:
        return self._glimpse(at) if self._floods.left_out else []

    def _glimpse(self, at: float) -> list[bytes]:
        words = f"… {_size_words(self._floods.left_out)} of output left out"
        return [self._line(at, "m", words), *self._text(at, self._floods.glimpse(self._since(at)))]

    def _marked(self, at: float, mark: Mark) -> list[bytes]:
        if mark.kind == "output":
            self._running = True
            words = self._prompt.command(self._cols)
            return [*self._glimpse_if_any(at), self._line(at, "m", cast.COMMAND + words if words else UNKNOWN_COMMAND)]
        if mark.kind == "end" and self._running:
            self._running = False
            return [*self._glimpse_if_any(at), self._line(at, "m", cast.ended(mark.exit_code))]
        self._prompt.mark(mark.kind)
        return []

    # input ----------------------------------------------------------------------------------------------
    def _input(self, item: Item) -> list[bytes]:
        text = self._masks.input(item.data).decode(errors="replace")
        if not text:
            return []
        whose = [self._line(item.at, "m", f"⌨ {item.text}")] if item.text != self._typist else []
        self._typist = item.text
        return [*whose, self._line(item.at, "i", text)]


class _Prompt:
    """What is printed from a prompt's beginning until a command runs."""

    def __init__(self) -> None:
        self._shown: bytearray | None = None
        self._typing: int | None = None  # where the prompt ends

    def mark(self, kind: str) -> None:
        if kind == "prompt":
            self._shown, self._typing = bytearray(), None
        elif kind == "typing" and self._shown is not None:
            self._typing = len(self._shown)

    def feed(self, piece: bytes) -> None:
        if self._shown is not None:
            self._shown += piece[: command_line.LONGEST - len(self._shown) + 1]

    def command(self, cols: int) -> str:
        """The line that was typed; empty where that cannot be told."""
        shown, typing, self._shown, self._typing = self._shown, self._typing, None, None
        if shown is None or typing is None or len(shown) > command_line.LONGEST:
            return ""
        return command_line.typed(bytes(shown[:typing]), bytes(shown[typing:]), cols)


def _size_words(count: float) -> str:
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"
