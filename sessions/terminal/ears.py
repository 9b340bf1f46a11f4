"""Who listens to a terminal's output inside the web process: the verbs that wait for something in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sessions.terminal.marks import Mark


class Ear(Protocol):
    """Called in the event loop as output comes; must be quick."""

    def heard(self, data: bytes, end: int, marks: Sequence[Mark]) -> None:
        """`data` ends at number `end`; `marks` ended in it."""

    def cut(self) -> None:
        """The attach ended: what is printed until there is another one may be lost."""
