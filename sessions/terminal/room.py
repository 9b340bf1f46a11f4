"""What people in one terminal tell each other beside it: who is here, raised hands, a chat line, who types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from django.utils import timezone

from sessions.present import iso
from sessions.protocol import CHAT_TEXT, ChatLine, Participant
from sessions.terminal.chat_log import ChatLog, chat_path
from sessions.terminal.typist import Typist
from sessions.terminal.viewer import Viewer
from sessions.terminal.visits import Visitor, Visits

# Neither keys nor letters: they would turn the line's own words around, or hide them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def same_person(one: Participant, other: Participant) -> bool:
    """Two windows of one member; guests are known by nothing, so each window is somebody, and agents by their names."""
    if one["id"] == other["id"]:
        return True
    agents = one["kind"] == "agent" or other["kind"] == "agent"
    same = one.get("user") is not None and one.get("user") == other.get("user")
    return same and (not agents or (one["kind"], one["name"]) == (other["kind"], other["name"]))


class Room:
    """`changed` is called when a hand was raised or lowered; `came` and `left` with who works here by single calls.
    `version` counts what miniatures show of it.
    """

    def __init__(
        self,
        session_id: str,
        viewers: Mapping[str, Viewer],
        changed: Callable[[], None],
        came: Callable[[Participant], None] = lambda _who: None,
        left: Callable[[Participant], None] = lambda _who: None,
    ) -> None:
        self.version = 0
        self._viewers = viewers
        self._changed = changed
        self._chat = ChatLog(chat_path(session_id))
        self.typist = Typist(self._tell_typist)
        self.visits = Visits(came, left)

    @property
    def participants(self) -> list[Participant]:
        return [viewer.participant for viewer in self._viewers.values()] + self.visits.participants

    def visiting(self, visitor: Visitor) -> AbstractContextManager[Participant]:
        """Somebody works here by a call: present meanwhile, and for a minute after."""
        return self.visits.visiting(visitor)

    def free_colour(self, colours: Sequence[str]) -> str:
        """The first of `colours` that nobody here has, else the first of all."""
        taken = {each["colour"] for each in self.participants}
        return next((colour for colour in colours if colour not in taken), colours[0])

    def joined(self, viewer: Viewer) -> None:
        if self._chat.lines:
            viewer.tell({"type": "chat_history", "messages": self._chat.lines})
        if self.typist.who is not None:
            viewer.tell({"type": "typing", "id": self.typist.who})

    def tell_participants(self) -> None:
        self._tell_all({"type": "participants", "participants": self.participants})

    # hands ----------------------------------------------------------------------------------------------
    def hand(self, viewer: Viewer, raised: bool, of: str | None) -> None:
        """Raise one's own hand, or lower one; `of` is whose, when not one's own."""
        owner = viewer if of is None else self._viewers.get(of)
        if owner is None or owner.participant.get("hand", False) == raised:
            return  # gone, or as wanted already
        if owner is not viewer and (raised or not self._may_lower(viewer, owner)):
            _refuse(viewer, "hand", "Only those who may type can lower somebody else's hand.")
            return
        if raised and not viewer.hand_rate.allows():
            _refuse(viewer, "hand", "You raised your hand often just now. Wait a few seconds.")
            return
        owner.participant["hand"] = raised
        self._changed()

    def _may_lower(self, viewer: Viewer, owner: Viewer) -> bool:
        return viewer.may_type or same_person(viewer.participant, owner.participant)

    def unseen_hand(self) -> str:
        """Words about a raised hand that nobody here could help; empty otherwise."""
        up = [viewer for viewer in self._viewers.values() if viewer.participant.get("hand")]
        if not up or any(viewer.may_type for viewer in self._viewers.values()):
            return ""
        return f"{up[0].participant['name']} raises a hand"

    # chat -----------------------------------------------------------------------------------------------
    def say(self, viewer: Viewer, text: str) -> None:
        """Tell everybody, and keep it for those who come later."""
        words = " ".join(_CONTROL.sub(" ", text).split())
        if not words:
            _refuse(viewer, "chat", "The message is empty.")
        elif len(words) > CHAT_TEXT:
            _refuse(viewer, "chat", f"A message has at most {CHAT_TEXT} characters; yours has {len(words)}.")
        elif not viewer.chat_rate.allows():
            _refuse(viewer, "chat", "That was a lot of messages. Wait a few seconds, then send it again.")
        else:
            line = self._line(viewer.participant, words)
            self._chat.add(line)
            self._tell_all({"type": "chat", **line})

    def _line(self, who: Participant, text: str) -> ChatLine:
        return {
            "id": self._chat.next_id,
            "from": who["id"],
            "user": who.get("user"),
            "name": who["name"],
            "kind": who["kind"],
            "colour": who["colour"],
            "initials": who["initials"],
            "text": text,
            "at": iso(timezone.now()) or "",
        }

    # typing ---------------------------------------------------------------------------------------------
    def _tell_typist(self) -> None:
        self._tell_all({"type": "typing", "id": self.typist.who})

    def _tell_all(self, message: Mapping[str, object]) -> None:
        self.version += 1
        for viewer in self._viewers.values():
            viewer.tell(message)


def _refuse(viewer: Viewer, about: str, reason: str) -> None:
    viewer.tell({"type": "refused", "about": about, "reason": reason})
