"""People pause the agents of a session, and let them go on."""

from __future__ import annotations

import logging

from engines.errors import EngineError
from sessions import history, pauses, terminals
from sessions.models import AgentRun
from sessions.states import State
from sessions.transitions import announce

log = logging.getLogger(__name__)


def pause(session_id: str, by: str) -> bool:
    """Somebody of that name pauses them; False where they were paused already. Then `hold`."""
    return _put(session_id, by, by)


def let_go_on(session_id: str, by: str) -> bool:
    """False where they were not paused. Then `hold`."""
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


def keep(session_id: str) -> None:
    """An agent that began while they are paused is paused, too."""
    if pauses.paused_by(session_id) is None:
        return
    if AgentRun.objects.filter(session=session_id, ended_at=None).update(paused=True):
        announce(session_id)
    hold(session_id)


def hold(session_id: str) -> None:
    """The programs of agents that have a terminal of their own stop where they are, or go on, as people want it now."""
    held = pauses.paused_by(session_id) is not None
    runs = AgentRun.objects.filter(session=session_id, session__state=State.RUNNING, ended_at=None)
    for run in runs.exclude(terminal=None).select_related("terminal__session"):
        try:
            if run.terminal is not None:
                terminals.hold(run.terminal, held=held)
        except EngineError as error:  # what it asks for is refused in any case
            log.warning("the agent of %s is not %s: %s", session_id, "held" if held else "let go on", error)
