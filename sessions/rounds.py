"""The rounds of a worker: who is idle, whose time has come, who is to be warned, what is to be snapshotted."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from engines.errors import EngineError, VibenvError
from sessions import activity, attention, history, lifecycle, rules, sleep, snapshots
from sessions.models import Session, SessionEvent, Snapshot
from sessions.states import Desired, State
from sessions.transitions import ACTOR

log = logging.getLogger(__name__)

MAKING: Final = Snapshot.State.MAKING
_one = threading.Lock()
FEW: Final = 2  # scheduled snapshots asked for in one round: each takes the engine's time


def go() -> None:
    """One round, unless another one of this process is still under way. By two workers at once, each change is made once."""
    if _one.acquire(blocking=False):
        try:
            _go(timezone.now())
        finally:
            _one.release()


def _go(now: datetime) -> None:
    sessions = _awake_or_asleep()
    running = [session for session in sessions if (session.desired, session.state) == (Desired.RUNNING, State.RUNNING)]
    if not _look([session for session in running if _is_watched(session)], now):
        return  # while the engine is away nobody knows who is idle, and nothing could be done about it
    for session in sessions:
        step = sleep.next_step(session)
        if step is not None and step.at <= now:
            carry_out(session.pk, now)
        elif step is not None and step.what == "expire" and (step.at - now).total_seconds() <= sleep.lead_s(session):
            _warn(session)
    for session in _to_snapshot(running, now)[:FEW]:
        _snapshot(session)
    _forget_older([session for session in running if rules.in_force(session.rules).snapshot_every_s])


def _look(sessions: Sequence[Session], now: datetime) -> bool:
    """False where the engine could not be asked."""
    try:
        activity.watch.look(sessions, now)
    except EngineError as error:
        log.warning("nobody can say which sessions are idle: %s", error)
        return False
    return True


def _awake_or_asleep() -> list[Session]:
    states = (State.RUNNING, State.PAUSED, State.ASLEEP)
    return list(Session.objects.filter(state__in=states).exclude(desired=Desired.DELETED).defer("log"))


def _is_watched(session: Session) -> bool:
    given = rules.in_force(session.rules)
    return bool(given.idle_timeout_s or given.snapshot_every_s)


def carry_out(session_id: str, now: datetime) -> None:
    """The step that is due, unless that has changed meanwhile: somebody may have come just now."""
    with transaction.atomic():
        session = Session.objects.select_for_update().filter(pk=session_id).first()
        step = sleep.next_step(session) if session else None
        if session is None or step is None or step.at > now:
            return
        if step.what == "pause" and activity.is_newer(session):
            activity.woke(session_id)
            return
        try:
            why = sleep.reason(session, step)
            lifecycle.want(session, sleep.LEADS_TO[step.what], actor=ACTOR, reason=why)
        except VibenvError as error:
            log.warning("%s cannot %s: %s", session, step.what, error)


def _warn(session: Session) -> None:
    """Once for each end of its life, on the board and in its history."""
    assert session.expires_at is not None  # noqa: S101  (for the type checker: the caller knows)
    ends = session.expires_at.isoformat()
    warned = SessionEvent.objects.filter(session=session, kind="warning").order_by("-pk").first()
    if warned is not None and warned.detail.get("expires_at") == ends:
        return
    left = rules.words(max(60, round((session.expires_at - timezone.now()).total_seconds() / 60) * 60))
    words = f"Its time to live ends in {left}."
    history.record(session.pk, "warning", actor=ACTOR, reason=words, expires_at=ends)
    attention.mark(session.pk, attention.shell_of(session), words)


# scheduled snapshots ------------------------------------------------------------------------------------
def _to_snapshot(running: Sequence[Session], now: datetime) -> list[Session]:
    scheduled = [session for session in running if rules.in_force(session.rules).snapshot_every_s]
    if not scheduled:
        return []
    found = Snapshot.objects.filter(session__in=scheduled).order_by().values("session").annotate(last=Max("created_at"))
    last = dict(found.values_list("session", "last"))
    return [session for session in scheduled if sleep.snapshot_due(session, last.get(session.pk), now)]


def _snapshot(session: Session) -> None:
    try:
        snapshots.ask(session, kind=Snapshot.Kind.SCHEDULED, author=ACTOR)
    except VibenvError as error:
        log.warning("the scheduled snapshot of %s: %s", session, error)


def _forget_older(sessions: Sequence[Session]) -> None:
    """Of the scheduled ones the newest stay, and those that something depends on; of the failed ones none that is older."""
    made = Snapshot.objects.filter(session__in=sessions, kind=Snapshot.Kind.SCHEDULED).exclude(state=MAKING)
    newer: Counter[str] = Counter()
    keeps = {session.pk: rules.in_force(session.rules).snapshots_kept for session in sessions}
    for snapshot in made.order_by("-created_at", "-id"):
        usable = snapshot.state in snapshots.USABLE
        if newer[snapshot.session_id] >= (keeps[snapshot.session_id] if usable else 1):
            _remove(snapshot)
        newer[snapshot.session_id] += usable


def _remove(snapshot: Snapshot) -> None:
    try:
        snapshots.remove(snapshot)
    except VibenvError as error:
        log.info("the snapshot %s stays: %s", snapshot.pk, error)
