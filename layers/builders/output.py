"""A build's output, cut into lines for its log."""

from __future__ import annotations

import codecs
import re
from collections import deque
from typing import Final

from layers.progress import Progress

TAIL: Final = 20
LONGEST: Final = 2000
BREAK: Final = re.compile(r"\r\n|\n|\r")
CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]")


class Output:
    """`tail` has the last lines. What ends without a newline is kept until `end`; lines with `noise` are left out."""

    def __init__(self, progress: Progress, noise: re.Pattern[str] | None = None) -> None:
        self.tail: deque[str] = deque(maxlen=TAIL)
        self._progress = progress
        self._noise = noise
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        *whole, self._rest = BREAK.split(self._rest + self._decoder.decode(data))
        if len(self._rest) > LONGEST:
            whole, self._rest = [*whole, self._rest], ""
        for line in whole:
            self._line(line)

    def end(self) -> None:
        if self._rest:
            self._line(self._rest)
            self._rest = ""

    def _line(self, line: str) -> None:
        text = CONTROL.sub("", line).rstrip()[:LONGEST]
        if not text or (self._noise and self._noise.search(text)):
            return
        self.tail.append(text)
        self._progress.line(text)
        self._progress.say(None, text)
