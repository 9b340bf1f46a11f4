"""Who is in a session, in whichever of its terminals: told as one, however many hubs there are."""

from __future__ import annotations

from collections.abc import Sequence

from sessions.protocol import Participant
from sessions.signals import participants_changed
from sessions.terminal import keys

_rooms: dict[str, list[Participant]] = {}  # by terminal, those that somebody is in


def tell(key: str, participants: Sequence[Participant]) -> None:
    """News of one terminal; sends `participants_changed` with everybody."""
    _rooms.pop(key, None)
    if participants:
        _rooms[key] = [participant.copy() for participant in participants]
    session_id, _ = keys.parse(key)
    everybody = [each for room in sorted(_rooms) if keys.parse(room)[0] == session_id for each in _rooms[room]]
    participants_changed.send_robust(sender=None, session_id=session_id, participants=everybody)
