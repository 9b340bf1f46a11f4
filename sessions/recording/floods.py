"""How much of a terminal's output is kept: all that anybody could have read, and of a flood its beginning and glimpses of it.

A forgotten `yes` would else push everything worth keeping out of a card's recordings.
"""

from __future__ import annotations

from typing import Final

from sessions.terminal.modes import Modes

BURST_BYTES: Final = 4 * 1024 * 1024  # kept whole, however fast
RATE_BYTES_S: Final = 256 * 1024  # beyond that, as much in a second
GLIMPSE_BYTES: Final = 16 * 1024  # of what is left out, its end, once a second
GLIMPSE_EVERY_S: Final = 1.0


class Floods:
    """Ask `keep` for each piece of output; where it says no, `glimpse` gives in its place what is due of the piece's end."""

    def __init__(self) -> None:
        self.left_out = 0  # bytes since the last glimpse
        self._room = float(BURST_BYTES)
        self._at = 0.0
        self._glimpsed = 0.0
        self._tail = b""
        self._kept = Modes()  # in which modes a terminal is that shows what was kept
        self._came = Modes()  # and one that shows everything

    def keep(self, at: float, piece: bytes) -> bool:
        """Whether the whole piece is to be kept. After what was left out comes a `glimpse` first."""
        self._room = min(BURST_BYTES, self._room + max(0.0, at - self._at) * RATE_BYTES_S)
        self._at = max(self._at, at)
        fits = self._room >= len(piece) + len(self._tail)
        if fits and not self.left_out:
            self._room -= len(piece)
            self._kept.feed(piece)
            return True
        self._came.feed(piece) if self.left_out else self._begin(piece, at)
        self.left_out += len(piece)
        self._tail = (self._tail + piece)[-GLIMPSE_BYTES:] if len(piece) < GLIMPSE_BYTES else piece[-GLIMPSE_BYTES:]
        return False

    def _begin(self, piece: bytes, at: float) -> None:
        self._came = Modes(self._kept.on)
        self._came.feed(piece)
        self._glimpsed = at

    def due(self, at: float) -> bool:
        """Whether a glimpse is due: a second has gone by since the last."""
        return self.left_out > 0 and at - self._glimpsed >= GLIMPSE_EVERY_S

    def glimpse(self, at: float) -> bytes:
        """The end of what was left out, for a terminal that saw what was kept."""
        line = self._tail.find(b"\n") + 1
        changed = self._kept.on ^ self._came.on
        modes = "".join(f"\x1b[?{mode}{'h' if mode in self._came.on else 'l'}" for mode in sorted(changed))
        # a sequence may have been cut off where the flood began
        shown = b"\x18\x1b[0m" + modes.encode() + b"\r\n" + self._tail[line:]
        self._kept = Modes(self._came.on)
        self._room -= len(shown)
        self._glimpsed, self._tail, self.left_out = at, b"", 0
        return shown
