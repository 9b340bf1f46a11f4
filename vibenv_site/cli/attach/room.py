"""Who else is in the terminal, and who may type now, in words for a notice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Room:
    """Each message gives what to say of it; empty where nothing is worth a word."""

    you: str = ""
    people: dict[str, str] = field(default_factory=dict)
    holder: str | None = None
    agents_paused: bool = False
    knows_floor: bool = False  # an older server has none, and takes no messages about it

    def participants(self, people: list[Json]) -> str:
        now = {each["id"]: called(each) for each in people if each["id"] != self.you}
        before, self.people = self.people, now
        came = [name for each, name in now.items() if each not in before]
        gone = [name for each, name in before.items() if each not in now]
        if came:
            return f"{', '.join(came)} {'is' if len(came) == 1 else 'are'} here"
        return f"{', '.join(gone)} left" if gone else ""

    @property
    def others(self) -> str:
        return f" with {', '.join(self.people.values())}" if self.people else ""

    def floor(self, message: Json) -> str:
        holder, paused, waiting = (
            message.get("holder"),
            bool(message.get("agents_paused")),
            message.get("waiting") or [],
        )
        was, self.holder = self.holder, holder
        were_paused, self.agents_paused = self.agents_paused, paused
        first, self.knows_floor = not self.knows_floor, True
        if holder != was:
            return self._held(holder, was)
        if paused != were_paused:
            by = message.get("paused_by")
            return f"Agents are paused{f' by {by}' if by else ''}" if paused else "Agents go on"
        if waiting and message.get("open_line") == self.you and not first:
            return f"{self._name(waiting[0])} waits until your line is finished"
        return ""

    def _held(self, holder: str | None, was: str | None) -> str:
        if holder is None:
            return "Control is handed over" if was == self.you else f"{self._name(was)} has handed control over"
        if holder == self.you:
            return "You have control: agents do not type"
        return f"{self._name(holder)} has control: agents do not type"

    def _name(self, participant: str | None) -> str:
        return self.people.get(participant or "", "Somebody")


def called(person: Json) -> str:
    kind = {"guest": " (guest)", "agent": " (agent)"}.get(person["kind"], "")
    return f"{person['name']}{kind}"
