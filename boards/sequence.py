"""Numbers that come in any order, each once: up to where all came, and whether one was lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class Sequence:
    """Begins behind `upto`."""

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self._ahead: set[int] = set()
        self._due = 0  # what should have come by the next look

    def came(self, numbers: Iterable[int]) -> None:
        self._ahead |= {number for number in numbers if number > self.upto}
        while self.upto + 1 in self._ahead:
            self.upto += 1
            self._ahead.discard(self.upto)

    def lost(self, latest: int) -> bool:
        """Look: `latest` is said to be the last number. True where something was missing at the look before already."""
        lost = self.upto < self._due
        self._due = max(latest, *self._ahead) if self._ahead else latest
        return lost
