"""The periodic look at everything: whatever a lost task, a dead worker or an engine's restart left undone is picked up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import ContainerStatus, Observed
from sessions import admission, agents, files, freezing, wishes
from sessions.decide import Action, decide
from sessions.models import Session
from sessions.reconcile import wishes_of

log = logging.getLogger(__name__)


def needing_attention() -> list[str]:
    """Ids of sessions whose row, wish and container do not agree, and that wait neither to retry nor in the line."""
    wishes.follow_all_live()
    try:
        seen = {status.session_id: status for status in engine().list()}
    except EngineError as error:
        log.warning("the sweep cannot ask the engine: %s", error)
        return [s.pk for s in _due(Session.objects.all()) if not s.converged]
    lacking = {
        *files.sessions_lacking_files(),
        *wishes.sessions_lacking_layers(),
        *freezing.sessions_lacking_snapshots(),
        *agents.sessions_lacking_agents(),
    }
    due = _due(Session.objects.all())
    waiting = admission.not_yet()
    return [s.pk for s in due if s.pk not in waiting and (s.pk in lacking or _differs(s, seen))]


def _due(sessions: Iterable[Session]) -> list[Session]:
    now = timezone.now()
    return [
        s
        for s in sessions
        if not (s.retry_at and s.retry_at > now) and not (s.lease and s.lease_until and s.lease_until > now)
    ]


def _differs(session: Session, seen: Mapping[str, ContainerStatus]) -> bool:
    status = seen.get(session.key)
    observed = status.state if status else Observed.ABSENT
    return decide(session.desired, session.state, observed, **wishes_of(session)) is not Action.NOTHING
