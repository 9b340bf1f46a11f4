"""Who may type now, so that lines never mix: people's keys always, agents when no person is at it.

A person's key costs a few comparisons and waits for nothing. An agent's input is *admitted*: it waits, in order, while
a person types or has begun a line, and is refused while a person has control or has paused the agents.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engines.errors import PolicyRejected
from sessions import pauses
from sessions.protocol import Floor as FloorMessage
from sessions.terminal.lines import Keys
from sessions.terminal.visits import Visitor

TYPING_S: Final = 1.5  # after a person's last key
PATIENCE_S: Final = 10.0  # that an agent's input waits at most
LINE_S: Final = 60.0  # after its last key a line counts as given up
AHEAD_S: Final = 5.0  # the same of keys from before the prompt: a program may have taken them
TELL_S: Final = 0.05  # changes of a line are told behind the echo of its first key


@dataclass(frozen=True, slots=True)
class Somebody:
    """A participant: its id and name. Whole lines of people (by the command line) wait for others' lines too."""

    id: str
    name: str
    agent: bool = True


@dataclass(slots=True)
class Line:
    """Begun, and not finished."""

    who: Somebody
    until: float


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an agent may not type now; until when it is worth waiting, or None where it is not."""

    reason: str
    until: float | None = None


@dataclass(eq=False)
class _Turn:
    who: Somebody
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Floor:
    """`tell()` is called when `message` says something else; `full_screen()` whether such a program is on;
    `identify` gives the participant who works here by single calls.
    """

    def __init__(
        self,
        tell: Callable[[], None],
        full_screen: Callable[[], bool],
        identify: Callable[[Visitor], Somebody],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.holder: Somebody | None = None
        self.paused_by: str | None = None
        self._line: Line | None = None
        self._left_over = False  # what nobody goes on with still stands there
        self._keys: dict[str, Keys] = {}
        self._typist: Somebody | None = None
        self._typed_at = float("-inf")
        self._turns: deque[_Turn] = deque()
        self._full_screen = full_screen
        self._identify = identify
        self._clock = clock
        self._tell = tell
        self._told = self.message
        self._telling: asyncio.TimerHandle | None = None

    # what people do -------------------------------------------------------------------------------------
    def person_typed(self, who: Somebody, data: bytes) -> None:
        """A person's keys, which pass whatever else is; an agent's unfinished line becomes theirs."""
        self._typist, self._typed_at = who, self._clock()
        self._follow(who, data)

    def take(self, who: Somebody) -> None:
        """Control, also from somebody else who has it."""
        self.holder = who
        self._changed()

    def hand_over(self, who: Somebody) -> bool:
        """False when it is not `who` that has control."""
        if self.holder is None or self.holder.id != who.id:
            return False
        self.holder = None
        self._changed()
        return True

    def paused(self, by: str | None) -> None:
        """The session's agents were paused by a person of that name; None: they may go on."""
        if by != self.paused_by:
            self.paused_by = by
            self._changed()

    def left(self, who: str) -> None:
        """A participant is gone, with what was theirs."""
        self._keys.pop(who, None)
        if self.holder is not None and self.holder.id == who:
            self.holder = None
        if self._typist is not None and self._typist.id == who:
            self._typist = None
        if self._line is not None and self._line.who.id == who:
            self._give_up_line()
        self._changed()

    # what agents do -------------------------------------------------------------------------------------
    async def admit(self, who: Somebody | Visitor, timeout_s: float = PATIENCE_S) -> None:
        """Return when `who` may type. What it types must be put before anything else is awaited.

        Raises `PolicyRejected` with the reason and who it is: at once, or when the time is up.
        """
        who = who if isinstance(who, Somebody) else self._identify(who)
        if self.free(who):
            return
        turn, deadline = _Turn(who), self._clock() + timeout_s
        self._turns.append(turn)
        self._changed()
        try:
            while (obstacle := self._stands_before(turn)) is not None:
                if obstacle.until is None or self._clock() >= deadline:
                    raise PolicyRejected(obstacle.reason)
                turn.news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, min(obstacle.until, deadline) - self._clock())):
                        await turn.news.wait()
        finally:
            self._turns.remove(turn)
            self._changed()

    def free(self, who: Somebody) -> bool:
        """It may type at once, and nobody waits before it."""
        return (not self._turns or self._owns_line(who)) and self.obstacle(who) is None

    def typed(self, who: Somebody, data: bytes) -> None:
        """What was admitted."""
        self._follow(who, data)

    def obstacle(self, who: Somebody) -> Obstacle | None:
        """What keeps `who` from typing at this moment; nothing of those who waited before."""
        if who.agent and self.paused_by is not None:
            return Obstacle(pauses.reason(self.paused_by))
        if who.agent and self.holder is not None:
            return Obstacle(
                f"{self.holder.name} has taken control of this terminal: agents may look, and not type until it is handed"
                " over. Do what needs no typing meanwhile, or ask."
            )
        now, typist = self._clock(), self._typist
        if typist is not None and typist.id != who.id and now < self._typed_at + TYPING_S:
            return Obstacle(f"{typist.name} is typing here. Try again in a moment.", self._typed_at + TYPING_S)
        line = self._open_line(now)
        if line is None or line.who.id == who.id or self._full_screen():
            return None
        return Obstacle(f"{line.who.name} has begun a line here and not finished it. Try again later.", line.until)

    def _stands_before(self, turn: _Turn) -> Obstacle | None:
        obstacle = self.obstacle(turn.who)
        first = self._turns[0]
        if obstacle is not None or first is turn or self._owns_line(turn.who) or first.who.id == turn.who.id:
            return obstacle
        return Obstacle(f"{first.who.name} waits to type here, and was first.", float("inf"))

    # lines ----------------------------------------------------------------------------------------------
    def command_ended(self) -> None:
        """The shell is at a prompt again (OSC 133 D): keys from before may have been for the program that ran."""
        if self._line is not None:
            self._line.until = min(self._line.until, self._clock() + AHEAD_S)

    @property
    def left_over(self) -> bool:
        """A line that was given up stands there, and would be part of what is typed next."""
        self._open_line(self._clock())
        return self._left_over

    def _give_up_line(self) -> None:
        self._line, self._left_over = None, True

    def _follow(self, who: Somebody, data: bytes) -> None:
        keys = self._keys.get(who.id)
        if keys is None:
            keys = self._keys[who.id] = Keys()
        unfinished = keys.feed(data)
        if unfinished is not None:
            self._line = Line(who, self._clock() + LINE_S) if unfinished else None
            self._left_over = False
        elif self._line is not None and self._line.who.id == who.id:
            self._line.until = self._clock() + LINE_S
        self._changed()

    def _open_line(self, now: float) -> Line | None:
        if self._line is not None and now >= self._line.until:
            self._give_up_line()
        return self._line

    def _owns_line(self, who: Somebody) -> bool:
        return self._line is not None and self._line.who.id == who.id

    # news -----------------------------------------------------------------------------------------------
    @property
    def message(self) -> FloorMessage:
        line = self._open_line(self._clock())
        waiting = dict.fromkeys(turn.who.id for turn in self._turns)
        return {
            "type": "floor",
            "holder": self.holder.id if self.holder else None,
            "agents_paused": self.paused_by is not None,
            "paused_by": self.paused_by,
            "open_line": line.who.id if line else None,
            "waiting": list(waiting),
        }

    def _changed(self) -> None:
        for turn in self._turns:
            turn.news.set()
        self._look_in(TELL_S)

    def _look_in(self, pause_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + pause_s
        if self._telling is not None:
            if self._telling.when() <= due:
                return
            self._telling.cancel()
        self._telling = loop.call_at(due, self._look)

    def _look(self) -> None:
        self._telling = None
        now = self.message
        if now != self._told:
            self._told = now
            self._tell()
        if self._line is not None:
            self._look_in(max(TELL_S, self._line.until - self._clock()))

    def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
