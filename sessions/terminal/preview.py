"""One miniature in one page: what it has been sent, and what it is due next. Costs a slice of the ring per frame."""

from __future__ import annotations

from dataclasses import dataclass

from sessions.terminal.history import History, Replay
from sessions.terminal.screens_protocol import BYTES_PER_S, FIRST_BYTES, FRAME_S, SKIP_BYTES

Size = tuple[int, int]


@dataclass(eq=False)
class Preview:
    """`frame` gives what to send now, if anything; `drawn` says that the page has processed it."""

    seq: int | None = None  # output up to this number was sent; None before the first frame
    size: Size | None = None
    waiting: bool = False  # for the page to draw what it was sent
    due: float = 0.0  # not before this time (s, monotonic)

    def frame(self, history: History, size: Size, now: float) -> Replay | None:
        """The next frame, or None while there is none or it is too early. Counts as sent."""
        if self.waiting or now < self.due or (self.seq == history.seq and self.size == size):
            return None
        replay = self._missed(history)
        self.seq, self.size, self.waiting = history.seq, size, True
        self.due = now + max(FRAME_S, len(replay.data) / BYTES_PER_S)
        return replay

    def _missed(self, history: History) -> Replay:
        if self.seq is None:
            return history.tail(FIRST_BYTES)
        if history.seq - self.seq > SKIP_BYTES:
            return history.tail(SKIP_BYTES)
        missed = history.since(self.seq)
        if missed is None:
            return history.tail(SKIP_BYTES)
        return Replay(history.seq, missed, reset=False, prelude="", complete=True)

    def drawn(self) -> None:
        self.waiting = False
