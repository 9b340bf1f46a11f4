"""A terminal's history: the ring, and the modes in force at points within it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from sessions.protocol import REPLAY_BYTES
from sessions.terminal.modes import ON_BY_DEFAULT, Modes
from sessions.terminal.ring import Ring

CHECKPOINT_BYTES = 64 * 1024
LINE_SEARCH_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class Replay:
    """History for one viewer, ending at number `seq`.

    `complete`: it starts where the viewer left off, or at the very first byte.
    """

    seq: int
    data: bytes
    reset: bool
    prelude: str
    complete: bool


class History:
    """Append output; ask for what a viewer needs to see."""

    def __init__(self, path: Path) -> None:
        self._ring = Ring(path)
        note = self._ring.note
        first = max(int(note.get("seq", 0)), self._ring.start)
        self._shell: str = note.get("shell", "")
        self._modes = Modes(frozenset(note.get("on", ON_BY_DEFAULT)))
        self._checkpoints = deque([(first, self._modes.on)])
        self._recall(first)

    def _recall(self, first: int) -> None:
        """Follow what an earlier process wrote."""
        held = self._ring.read(first)
        for at in range(0, len(held), CHECKPOINT_BYTES):
            self._modes.feed(held[at : at + CHECKPOINT_BYTES])
            self._checkpoints.append((min(first + at + CHECKPOINT_BYTES, self.seq), self._modes.on))

    @property
    def epoch(self) -> str:
        return self._ring.epoch

    @property
    def seq(self) -> int:
        return self._ring.seq

    @property
    def start(self) -> int:
        return self._ring.start

    @property
    def shell(self) -> str:
        """Whose output it has last."""
        return self._shell

    @property
    def alternate(self) -> bool:
        """A full-screen program is on."""
        return self._modes.alternate

    def is_on(self, mode: int) -> bool:
        """Whether a private mode (of those that are tracked) is set."""
        return mode in self._modes.on

    def append(self, data: bytes) -> None:
        self._ring.append(data)
        self._modes.feed(data)
        if self.seq - self._checkpoints[-1][0] >= CHECKPOINT_BYTES:
            self._checkpoints.append((self.seq, self._modes.on))
            self._forget()

    def _forget(self) -> None:
        while len(self._checkpoints) > 1 and self._checkpoints[1][0] <= self.start:
            self._checkpoints.popleft()
        self._note()

    def _note(self) -> None:
        seq, on = self._checkpoints[0]
        self._ring.note = {"seq": seq, "on": sorted(on), "shell": self._shell}

    def begin_shell(self, shell: str) -> bytes:
        """What to show ahead of a new shell's output, where an earlier one left modes on or a line unfinished.

        `shell` tells shells apart; nothing is to be shown for the one that was there already.
        """
        if shell == self._shell:
            return b""
        self._shell = shell
        self._note()
        return self._modes.reset() if self.seq else b""

    def since(self, seq: int) -> bytes | None:
        """All output from number `seq`; None when that is no longer held (or never was)."""
        return self._ring.read(seq) if self.start <= seq <= self.seq else None

    def earlier(self, back: int) -> bytes:
        """What is held, but for the last `back` bytes."""
        return self._ring.read(self.start)[: max(0, self.seq - self.start - back)]

    def resume(self, epoch: str, seq: int) -> Replay | None:
        """What a viewer that has everything before `seq` missed, when that is little enough to send."""
        if epoch != self.epoch or not max(self.start, self.seq - REPLAY_BYTES * 2) <= seq <= self.seq:
            return None
        return Replay(self.seq, self._ring.read(seq), reset=False, prelude="", complete=True)

    def screen(self) -> Replay:
        """The end of the history, from a line's start, for a terminal that begins empty."""
        wanted = max(self.start, self.seq - REPLAY_BYTES)
        if wanted == 0:
            return Replay(self.seq, self._ring.read(0), reset=True, prelude="", complete=True)
        at, on = next(((s, m) for s, m in self._checkpoints if s >= wanted), (self.seq, self._modes.on))
        data = self._ring.read(at)
        line = data.find(b"\n", 0, LINE_SEARCH_BYTES) + 1
        modes = Modes(on)
        modes.feed(data[:line])
        return Replay(self.seq, data[line:], reset=True, prelude=modes.prelude(), complete=False)

    def tail(self, limit: int) -> Replay:
        """The last `limit` bytes at most, from a line's start where one is near, with exactly the modes of that place."""
        at = max(self.start, self.seq - limit)
        since, on = next(((s, m) for s, m in reversed(self._checkpoints) if s <= at), self._checkpoints[0])
        since = max(since, self.start)
        data = self._ring.read(since)
        at = max(at, since)
        line = data.find(b"\n", at - since, at - since + LINE_SEARCH_BYTES) + 1 if at else 0
        begin = line or at - since
        modes = Modes(on)
        modes.feed(data[:begin])
        return Replay(self.seq, data[begin:], reset=True, prelude=modes.prelude(), complete=at == 0)

    def close(self) -> None:
        self._ring.close()
