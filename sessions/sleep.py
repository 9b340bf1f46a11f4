"""What happens to a session by itself, and when: from its rules and times to the next step. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sessions import rules
from sessions.models import Session
from sessions.rules import words
from sessions.states import Desired, State

WARNING_S: Final = 600  # ahead of the end of a session's time to live
SETTLED: Final = {(Desired.RUNNING, State.RUNNING), (Desired.PAUSED, State.PAUSED), (Desired.STOPPED, State.ASLEEP)}
LEADS_TO: Final = {
    "pause": Desired.PAUSED,
    "stop": Desired.STOPPED,
    "archive": Desired.ARCHIVED,
    "expire": Desired.ARCHIVED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """`pause`, `stop`, `archive`, or `expire`, which archives, too."""

    what: str
    at: datetime


def next_step(session: Session) -> Step | None:
    """None for one that stays as it is, or is on its way elsewhere."""
    if (session.desired, session.state) not in SETTLED or not session.converged or session.restart_asked:
        return None
    found = [step for step in (_by_age(session), _by_idleness(session)) if step]
    return min(found, key=lambda step: step.at, default=None)


def _by_age(session: Session) -> Step | None:
    return Step("expire", session.expires_at) if session.expires_at else None


def _by_idleness(session: Session) -> Step | None:
    given = rules.in_force(session.rules)
    what, since, after_s = {
        State.RUNNING: ("pause", session.idle_since, given.idle_timeout_s),
        State.PAUSED: ("stop", session.state_since, given.stop_after_s),
        State.ASLEEP: ("archive", session.state_since, given.archive_after_s),
    }[State(session.state)]
    return Step(what, since + timedelta(seconds=after_s)) if since and after_s else None


def reason(session: Session, step: Step) -> str:
    """Why it happens, for people."""
    given = rules.in_force(session.rules)
    return {
        "pause": f"Nobody was there and nothing ran for {words(given.idle_timeout_s)}.",
        "stop": f"It was paused for {words(given.stop_after_s)}.",
        "archive": f"It was stopped for {words(given.archive_after_s)}.",
        "expire": "Its time to live was over.",
    }[step.what]


# time to live -------------------------------------------------------------------------------------------
def expiry(session: Session, now: datetime) -> datetime | None:
    """When a session that is started now is to end. One that only slept goes on with what it has left, if that is some."""
    slept = session.state in {State.PAUSED, State.ASLEEP}
    if slept and session.expires_at is not None and session.expires_at > now:
        return session.expires_at
    ttl_s = rules.in_force(session.rules).ttl_s
    return now + timedelta(seconds=ttl_s) if ttl_s else None


def lead_s(session: Session) -> float:
    """How long before its end a session's users are warned."""
    ttl_s = rules.in_force(session.rules).ttl_s
    return min(WARNING_S, ttl_s / 4) if ttl_s else WARNING_S


def expiry_under(session: Session, was_ttl_s: int, now: datetime) -> datetime | None:
    """When it ends after its rules were changed: by its latest start, yet nobody is caught without a warning."""
    ttl_s = rules.in_force(session.rules).ttl_s
    if ttl_s == was_ttl_s:
        return session.expires_at
    alive = session.desired == Desired.RUNNING or session.state in {State.PAUSED, State.ASLEEP}
    if not ttl_s or not alive:
        return None
    ends = (session.wanted_at or now) + timedelta(seconds=ttl_s)
    return max(ends, now + timedelta(seconds=lead_s(session)))


# scheduled snapshots ------------------------------------------------------------------------------------
def snapshot_due(session: Session, last: datetime | None, now: datetime) -> bool:
    """Whether a running session's schedule asks for one now, given its last of any kind; not where nothing happened since."""
    every_s = rules.in_force(session.rules).snapshot_every_s
    since = max(filter(None, (last, session.started_at)), default=None)
    if not every_s or since is None or now - since < timedelta(seconds=every_s):
        return False
    return session.idle_since is None or session.idle_since > since
