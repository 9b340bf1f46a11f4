"""What a terminal's shell is at, as far as its marks tell: at its prompt, or running a command. Pure."""

from __future__ import annotations

import dataclasses

from sessions.terminal.marks import Mark, Marks


class Shell:
    """Feed it a terminal's output in order. `marked` is False for a shell that says nothing."""

    def __init__(self, seq: int = 0) -> None:
        """`seq`: the number of the first byte it will be fed."""
        self._marks = Marks()
        self._first = seq
        self.reset()

    def reset(self) -> None:
        """Another shell begins."""
        self.running = False
        self.prompt: Mark | None = None  # the end of the latest prompt: what is typed follows
        self.began: Mark | None = None  # the latest command
        self.ended: Mark | None = None

    @property
    def marked(self) -> bool:
        return self.prompt is not None or self.running

    @property
    def at_prompt(self) -> bool:
        return self.prompt is not None and not self.running

    def feed(self, data: bytes) -> list[Mark]:
        """The marks that end within `data`, each of them followed. They are numbered as the terminal's output is."""
        found = [self._numbered(mark) for mark in self._marks.feed(data)]
        for mark in found:
            if mark.kind == "output":
                self.began, self.running = mark, True
            elif mark.kind == "end":
                self.ended, self.running = mark, False
            else:
                self.running = False
                if mark.kind == "typing":
                    self.prompt = mark
        return found

    def _numbered(self, mark: Mark) -> Mark:
        return dataclasses.replace(mark, start=mark.start + self._first, end=mark.end + self._first)
