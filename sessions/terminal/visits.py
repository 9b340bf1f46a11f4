"""Who works in a terminal by single calls rather than by a socket: present while it calls, and a while after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from sessions.ids import new_id
from sessions.protocol import Kind, Participant

STAYS_S: Final = 60.0


class Visitor(Protocol):
    """Who calls (`actor.Actor`): human, guest or agent, with the id of a member."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def user(self) -> str | int | None: ...

    @property
    def colour(self) -> str: ...


@dataclass(slots=True)
class _Visit:
    participant: Participant
    calls: int = 0
    timer: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


Key = tuple[str, str, str]
_KINDS: Final[dict[str, Kind]] = {"human": "human", "guest": "guest"}


class Visits:
    """`came(participant)` and `left(participant)` are called when somebody is new, and when they are gone."""

    def __init__(self, came: Callable[[Participant], None], left: Callable[[Participant], None]) -> None:
        self._came = came
        self._left = left
        self._visits: dict[Key, _Visit] = {}

    @property
    def participants(self) -> list[Participant]:
        return [visit.participant for visit in self._visits.values()]

    @contextmanager
    def visiting(self, visitor: Visitor) -> Iterator[Participant]:
        """Present meanwhile, and for a while after."""
        key = (visitor.kind, str(visitor.user), visitor.name)
        visit = self._visits.get(key) or self._begin(key, visitor)
        visit.stop()
        visit.calls += 1
        try:
            yield visit.participant
        finally:
            visit.calls -= 1
            if not visit.calls and self._visits.get(key) is visit:
                visit.timer = asyncio.get_running_loop().call_later(STAYS_S, self._end, key)

    def _begin(self, key: Key, visitor: Visitor) -> _Visit:
        participant = Participant(
            id=new_id(),
            name=visitor.name,
            kind=_KINDS.get(visitor.kind, "agent"),
            role="type",
            user=None if visitor.user is None else str(visitor.user),
            colour=visitor.colour,
            initials=_initials(visitor.name),
        )
        visit = self._visits[key] = _Visit(participant)
        self._came(participant)
        return visit

    def _end(self, key: Key) -> None:
        self._left(self._visits.pop(key).participant)

    def end(self) -> bool:
        """Of all; whether there were any."""
        ended, self._visits = self._visits, {}
        for visit in ended.values():
            visit.stop()
        return bool(ended)


def _initials(name: str) -> str:
    words = name.split() or ["?"]
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()
