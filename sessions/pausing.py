"""People pause the agents of a session, and let them go on."""

from __future__ import annotations

from sessions import history, pauses
from sessions.models import AgentRun
from sessions.transitions import announce


def pause(session_id: str, by: str) -> bool:
    """Somebody of that name pauses them; False where they were paused already. Tell `pauses.tell` in the event loop after it."""
    return _put(session_id, by, by)


def let_go_on(session_id: str, by: str) -> bool:
    """False where they were not paused."""
    return _put(session_id, None, by)


def _put(session_id: str, paused_by: str | None, actor: str) -> bool:
    paused = paused_by is not None
    if (pauses.paused_by(session_id) is not None) == paused:
        return False
    pauses.put(session_id, paused_by)
    AgentRun.objects.filter(session=session_id, ended_at=None).update(paused=paused)
    history.record(session_id, "agents", actor=actor, paused=paused)
    announce(session_id)
    return True
