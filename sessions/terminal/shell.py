"""What a terminal's shell is at, as far as its marks tell: at its prompt, or busy. Pure."""

from __future__ import annotations

import dataclasses
from typing import Literal

from sessions.terminal.marks import Mark, Marks

At = Literal["unknown", "prompt", "busy"]


class Shell:
    """Feed it a terminal's output in order. A shell that marks nothing stays `unknown`."""

    def __init__(self, seq: int = 0) -> None:
        """`seq`: the number of the first byte it will be fed."""
        self._marks = Marks()
        self._first = seq
        self.reset()

    def reset(self) -> None:
        """Another shell begins."""
        self.at: At = "unknown"
        self.typed_from: int | None = None  # the end of the latest prompt: what is typed follows
        self.began: int | None = None  # where the latest command's output begins
        self.ended: int | None = None  # where it ends

    def feed(self, data: bytes) -> list[Mark]:
        """The marks that end within `data`, each of them followed. They are numbered as the terminal's output is."""
        found = [self._numbered(mark) for mark in self._marks.feed(data)]
        for mark in found:
            self.at = "prompt" if mark.kind == "typing" else "busy"
            if mark.kind == "typing":
                self.typed_from = mark.end
            elif mark.kind == "output":
                self.began, self.ended = mark.end, None
            elif mark.kind == "end":
                self.ended = mark.start
        return found

    def _numbered(self, mark: Mark) -> Mark:
        return dataclasses.replace(mark, start=mark.start + self._first, end=mark.end + self._first)
