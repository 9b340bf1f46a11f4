"""Input on its way: held until the terminal takes it, within the window that the server sets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

HELD_FOR_S: Final = 15.0  # typing older than this may no longer mean what it meant
MOST_HELD: Final = 1024 * 1024


@dataclass(slots=True)
class Typed:
    """`next` gives a frame whenever one may be sent."""

    frame_bytes: int = 64 * 1024
    window_bytes: int = 256 * 1024
    flowing: bool = False
    _held: bytes = b""
    _sent: int = 0
    _acked: int = 0
    _paused_at: float | None = None

    def push(self, data: bytes) -> None:
        self._held += data

    @property
    def full(self) -> bool:
        return len(self._held) >= MOST_HELD

    def next(self) -> bytes:
        room = self.window_bytes - (self._sent - self._acked) if self.flowing else 0
        frame = self._held[: max(0, min(room, self.frame_bytes))]
        self._held = self._held[len(frame) :]
        self._sent += len(frame)
        return frame

    def acked(self, count: int) -> None:
        """The server counts anew with each connection."""
        self._acked = count

    def pause(self) -> None:
        self.flowing = False
        self._paused_at = self._paused_at or time.monotonic()

    def resume(self) -> bool:
        """Flow again; False when what was held is too old to be sent, and was given up."""
        stale = bool(self._held) and self._paused_at is not None and time.monotonic() - self._paused_at > HELD_FOR_S
        if stale:
            self._held = b""
        self.flowing, self._paused_at = True, None
        return not stale

    def disconnected(self) -> bool:
        """Whether something was under way, of which nobody knows whether it arrived."""
        under_way = self._sent > self._acked
        self._sent = self._acked = 0
        self.pause()
        return under_way
