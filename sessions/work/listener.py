"""What a command typed into a terminal prints, from its mark in the output on to the prompt after it. Pure."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence

from sessions.terminal.marks import LONGEST, Mark
from sessions.work.kept import Kept

ACCEPTED = b"\x1b[?2004l"  # a shell that reads pastes says so when it has a whole line, and when it reads another one
READS_ON = b"\x1b[?2004h"
BEFORE_BYTES = 64 * 1024
_CUT = re.compile(rb"\x1b(?:\](?:1(?:3(?:3(?:;[^\x07\x1b]*\x1b?)?)?)?)?)?\Z")


class Listener:
    """An `Ear`. `news` is set whenever something came."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.kept = Kept()
        self.before = Kept(BEFORE_BYTES)  # the echo of the command, and a shell's refusal of it
        self.first: int | None = None  # where its output begins
        self.last: int | None = None
        self.exit_code: int | None = None
        self.began_at: float | None = None
        self.ended_at: float | None = None
        self.heard_at = time.monotonic()
        self.done = False
        self.lost = False  # the attach ended meanwhile
        self._collects = False
        self._refused = False
        self._held = b""  # what may be the beginning of a mark: no part of the output

    def heard(self, data: bytes, end: int, marks: Sequence[Mark]) -> None:
        if self.done:
            return
        self.heard_at = time.monotonic()
        data, self._held = self._held + data, b""
        start = at = end - len(data)
        for mark in marks:
            self._keep(data[max(0, at - start) : max(0, mark.start - start)])
            at = mark.end
            self._follow(mark)
            if self.done:
                break
        else:
            rest = data[max(0, at - start) :]
            cut = _CUT.search(rest, max(0, len(rest) - LONGEST))
            self._held = rest[cut.start() :] if cut else b""
            self._keep(rest[: cut.start()] if cut else rest)
        self.news.set()

    def cut(self) -> None:
        self.lost = True
        self.news.set()

    def output(self) -> bytes:
        """Its output, as much as is kept."""
        if self._collects:
            self._keep(self._held)
            self._held = b""
        return self.kept.value()

    def _keep(self, data: bytes) -> None:
        if self._collects:
            self.kept.add(data)
        elif self.first is None and not self._refused:
            self.before.add(data)

    def _follow(self, mark: Mark) -> None:
        match mark.kind:
            case "output":
                self._collects = True
                if self.first is None:
                    self.first, self.began_at = mark.end, self.heard_at
            case "end" if self.first is not None:
                self._collects = False
                self.exit_code, self.last, self.ended_at = mark.exit_code, mark.start, self.heard_at
            case "prompt" if self.first is None:
                self._refused = self._accepted
            case "typing":  # a prompt: of the same shell after it, or of another one within
                if self.first is not None:
                    self.done = True
                    self.last = mark.start if self._collects else self.last
                else:
                    self.done = self._refused
            case _:
                pass

    @property
    def _accepted(self) -> bool:
        return ACCEPTED in self.before.value()

    @property
    def refusal(self) -> bytes:
        """What the shell said of a line that it took without running anything."""
        return self.before.value().partition(ACCEPTED)[2]

    @property
    def unfinished(self) -> bool:
        """The shell took the line and reads on, since the command is not whole."""
        said = self.before.value()
        return self.first is None and 0 <= said.rfind(ACCEPTED) < said.rfind(READS_ON)
