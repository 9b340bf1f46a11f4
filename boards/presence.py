"""Who is on a board: the pages of this process, the terminals it reads, and what other processes said of theirs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from boards.people import PersonJson

FORGOTTEN_S = 60.0  # a process that said nothing for so long is gone

Terminals = dict[str, list[dict[str, Any]]]  # participants, by card


class Present(PersonJson):
    """A person, however many pages they have open."""

    cards: list[str]  # that they have open
    idle: bool  # does nothing on any page


class Here(TypedDict):
    """What one process knows at first hand."""

    people: list[Present]
    terminals: Terminals


@dataclass
class _Looking:
    person: PersonJson
    card: str | None = None
    idle: bool = False

    def present(self) -> Present:
        return {**self.person, "cards": [self.card] if self.card else [], "idle": self.idle}


@dataclass
class Presence:
    _pages: dict[str, _Looking] = field(default_factory=dict)
    _terminals: Terminals = field(default_factory=dict)
    _elsewhere: dict[str, tuple[Here, float]] = field(default_factory=dict)  # by process, with when it was told

    # at first hand --------------------------------------------------------------------------------------
    def came(self, page: str, person: PersonJson) -> None:
        self._pages[page] = _Looking(person)

    def looks(self, page: str, card: str | None, idle: bool) -> None:
        if page in self._pages:
            self._pages[page].card, self._pages[page].idle = card, idle

    def left(self, page: str) -> None:
        self._pages.pop(page, None)

    def in_terminal(self, card: str, participants: list[dict[str, Any]]) -> None:
        if participants:
            self._terminals[card] = participants
        else:
            self._terminals.pop(card, None)

    @property
    def nobody(self) -> bool:
        """There is nothing to tell other processes."""
        return not self._pages and not self._terminals

    def here(self) -> Here:
        return {"people": _merged(page.present() for page in self._pages.values()), "terminals": self._terminals}

    # by hearsay -----------------------------------------------------------------------------------------
    def told(self, process: str, here: Here, now_s: float) -> None:
        self._elsewhere[process] = (here, now_s)

    def everywhere(self, now_s: float) -> Here:
        """All that is known, without what is too old."""
        self._elsewhere = {k: v for k, v in self._elsewhere.items() if now_s - v[1] < FORGOTTEN_S}
        own = self.here()
        others = [here for here, _ in self._elsewhere.values()]
        terminals = dict(own["terminals"])
        for here in others:
            for card, participants in here["terminals"].items():
                terminals[card] = terminals.get(card, []) + participants
        return {"people": _merged(p for here in [own, *others] for p in here["people"]), "terminals": terminals}


def _merged(seen: Iterable[Present]) -> list[Present]:
    """Each person once, by name; idle only where they are so everywhere."""
    people: dict[str, Present] = {}
    for each in seen:
        known = people.get(each["id"])
        if known is None:
            people[each["id"]] = {**each, "cards": list(each["cards"])}
        else:
            known["cards"] += [card for card in each["cards"] if card not in known["cards"]]
            known["idle"] = known["idle"] and each["idle"]
    return sorted(people.values(), key=lambda person: (person["name"].casefold(), person["id"]))
