"""One viewer of a terminal: what it may do, how far it has got, and the frames on their way to it.

Frames leave in order through a queue of its own; how much can wait in it is bounded by the credit that the viewer
renews by acknowledging, not by how fast the web server claims to send (Daphne's `send` never waits).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sessions.protocol import (
    CHAT_RATE,
    CONTROL_RATE,
    CREDIT,
    GRACE_S,
    HAND_RATE,
    INPUT_ACK_DELAY_S,
    INPUT_FRAME_BYTES,
    Participant,
)
from sessions.terminal.floor import Somebody
from sessions.terminal.history import History, Replay
from sessions.terminal.rate import Rate

Frame = str | bytes


@dataclass(eq=False)
class Viewer:
    """`deliver` sends one frame, `hang_up` closes the socket with a code of the protocol and a reason."""

    participant: Participant
    deliver: Callable[[Frame], Awaitable[None]]
    hang_up: Callable[[int, str], Awaitable[None]]
    rows: int = 24
    cols: int = 80
    answers: bool = True
    away: bool = False  # its page is out of sight
    sent: int = 0  # output up to this number was queued for it
    acked: int = 0
    behind_since: float | None = None
    typed: int = 0  # bytes received from it
    taken: int = 0  # of these, taken by the terminal (or refused)
    told: int = 0  # the count it was last told
    chat_rate: Rate = field(default_factory=lambda: Rate(*CHAT_RATE))
    hand_rate: Rate = field(default_factory=lambda: Rate(*HAND_RATE))
    control_rate: Rate = field(default_factory=lambda: Rate(*CONTROL_RATE))
    who: Somebody = field(init=False)
    _ack_due: asyncio.TimerHandle | None = None
    _queue: asyncio.Queue[Frame] = field(default_factory=asyncio.Queue)

    def __post_init__(self) -> None:
        self.who = Somebody(self.participant["id"], self.participant["name"], self.agent)

    @property
    def agent(self) -> bool:
        return self.participant["kind"] == "agent"

    @property
    def may_type(self) -> bool:
        return self.participant["role"] == "type"

    async def pump(self) -> None:
        """Deliver frames until cancelled."""
        while True:
            await self.deliver(await self._queue.get())

    def tell(self, message: Mapping[str, Any]) -> None:
        """Queue a control message."""
        self._queue.put_nowait(json.dumps(message, separators=(",", ":")))

    def acknowledge_input(self) -> None:
        """Tell it how much input was taken: at once for a lot, a little later for keys, which then share a message."""
        if self.taken - self.told >= INPUT_FRAME_BYTES:
            self._tell_taken()
        elif self._ack_due is None and self.taken > self.told:
            self._ack_due = asyncio.get_running_loop().call_later(INPUT_ACK_DELAY_S, self._tell_taken)

    def _tell_taken(self) -> None:
        if self._ack_due is not None:
            self._ack_due.cancel()
            self._ack_due = None
        self.told = self.taken
        self.tell({"type": "input_ack", "bytes": self.taken})

    def show(self, replay: Replay, epoch: str) -> None:
        """Queue history; what is live follows from its end."""
        self.tell(
            {
                "type": "screen",
                "epoch": epoch,
                "seq": replay.seq,
                "bytes": len(replay.data),
                "reset": replay.reset,
                "prelude": replay.prelude,
            }
        )
        if replay.data:
            self._queue.put_nowait(replay.data)
        self.sent = replay.seq
        self.acked = replay.seq - len(replay.data)
        self.behind_since = None

    def output(self, data: bytes, end: int) -> None:
        """Queue live output that ends at number `end`, unless the viewer has no credit left."""
        if self.behind_since is not None:
            return
        if self.sent - self.acked + len(data) > CREDIT:
            self.behind_since = time.monotonic()
            return
        self._queue.put_nowait(data)
        self.sent = end

    def acknowledge(self, seq: int, history: History) -> None:
        """It has processed output up to `seq`: let one that fell behind catch up, or skip it forward."""
        self.acked = max(self.acked, min(seq, self.sent))
        if self.behind_since is None or self.sent - self.acked > CREDIT // 2:
            return
        missed = history.since(self.sent)
        if missed is None or time.monotonic() - self.behind_since > GRACE_S:
            self.show(history.screen(), history.epoch)
            return
        # Part of it may be all that its credit allows: the next acknowledgement, which that part brings about, goes on.
        part = missed[: CREDIT - (self.sent - self.acked)]
        self._queue.put_nowait(part)
        self.sent += len(part)
        if len(part) == len(missed):
            self.behind_since = None
