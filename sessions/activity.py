"""Whether a session is idle: nobody in its terminal, nothing printed, nothing run, no processor time.

The web process knows people and output: a terminal's hub touches a file beside its history. Of what runs, the engine is
asked by a worker, and only about sessions of which the file is old.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import Process, Usage
from sessions import rules
from sessions.models import Session
from sessions.transitions import announce

OWN_PROCESSES: Final = 4  # init, dtach, the shell's launcher, the shell
OF_A_TERMINAL: Final = 3  # each further one's dtach, launcher and shell
FURTHER: Final = re.compile(r"dtach -n \S+ .* vibenv-shell ")
ATTACH: Final = "dtach -a"
PULSE_S: Final = 2.0  # how often a hub touches the file at most
FRESH_S: Final = 15.0  # so long after it the engine need not be asked
SAME: Final = timedelta(seconds=1)  # two moments that make no difference
BUSY_SHARE: Final = 0.02  # of a core: more than this is work


# the file -----------------------------------------------------------------------------------------------
def pulse_path(session_id: str) -> Path:
    return Path(settings.DATA_DIR) / "terminals" / f"{session_id}.pulse"


def touch(session_id: str) -> None:
    """Somebody is there, or something was printed."""
    path = pulse_path(session_id)
    with contextlib.suppress(OSError):  # a full disk: what runs in the session is seen all the same
        try:
            os.utime(path)
        except FileNotFoundError:
            path.touch(mode=0o600)


def touched_at(session_id: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(pulse_path(session_id).stat().st_mtime, UTC)
    except OSError:
        return None


def is_newer(session: Session) -> bool:
    """Whether somebody came after it was seen to be idle."""
    touched = touched_at(session.pk)
    return touched is not None and session.idle_since is not None and (touched - session.idle_since) > SAME


def woke(session_id: str) -> None:
    """Somebody came: it is idle no more."""
    touch(session_id)
    if Session.objects.filter(pk=session_id).exclude(idle_since=None).update(idle_since=None):
        announce(session_id)


def own_processes(processes: Sequence[Process]) -> int:
    """How many of a session's processes are its terminals, with their shells."""
    return OWN_PROCESSES + OF_A_TERMINAL * sum(1 for each in processes if FURTHER.match(each.command))


# what runs ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Look:
    """The latest look at a session that runs: when, its processor time if that was asked, when it was last seen at work."""

    at_s: float
    cpu_seconds: float | None
    busy_at: datetime


class Watch:
    """Looks of this process at sessions. Another worker begins anew, which puts off a sleep and never hastens one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looks: dict[str, Look] = {}

    def look(self, sessions: Sequence[Session], now: datetime) -> None:
        """See which of these, which run, are idle, and since when; write and tell it where that began or ended.

        Raises `EngineError`.
        """
        alive = {session.pk for session in sessions}
        self._looks = {key: look for key, look in self._looks.items() if key in alive}
        due = [session for session in sessions if self._is_due(session)]
        fresh = {session.pk: touched for session in due if (touched := _fresh(session, now))}
        quiet = [session for session in due if session.pk not in fresh]
        usages = engine().usages([session.container for session in quiet]) if quiet else {}
        for session in due:
            usage, touched = usages.get(session.container), fresh.get(session.pk)
            if touched is not None:
                self._looks[session.pk] = Look(self._clock(), None, touched)
            since = None if touched or usage is None else self._idle_since(session, usage, now)
            _record(session, since, now)

    def _is_due(self, session: Session) -> bool:
        look = self._looks.get(session.pk)
        return look is None or self._clock() - look.at_s >= _every_s(session)

    def _idle_since(self, session: Session, usage: Usage, now: datetime) -> datetime | None:
        """None where it is at work, or was not looked at twice yet: one look says nothing of processor time."""
        former = self._looks.get(session.pk)
        known = former.busy_at if former else session.idle_since or now
        busy_at = now if self._works(session, usage, former) else known
        self._looks[session.pk] = Look(self._clock(), usage.cpu_seconds, busy_at)
        if busy_at == now:
            return None
        if former is None or former.cpu_seconds is None:
            return session.idle_since
        return max(busy_at, touched_at(session.pk) or busy_at)

    def _works(self, session: Session, usage: Usage, former: Look | None) -> bool:
        if former is not None and former.cpu_seconds is not None:
            used_s, elapsed_s = usage.cpu_seconds - former.cpu_seconds, max(0.1, self._clock() - former.at_s)
            if used_s / elapsed_s > BUSY_SHARE:
                return True
        return _is_more_than_itself(session, usage)


def _every_s(session: Session) -> float:
    """How often it is looked at: often enough for its rules, and seldom enough to cost nothing."""
    return min(30.0, max(1.0, rules.in_force(session.rules).idle_timeout_s / 4))


def _fresh(session: Session, now: datetime) -> datetime | None:
    """When it was touched, if that was just now."""
    touched = touched_at(session.pk)
    recent = touched is not None and (now - touched).total_seconds() < min(FRESH_S, _every_s(session))
    return touched if recent else None


def _is_more_than_itself(session: Session, usage: Usage) -> bool:
    """Whether something runs in it besides its own shell."""
    if usage.pids <= OWN_PROCESSES:
        return False
    further = session.terminals.filter(closed_at=None).count()
    if usage.pids > OWN_PROCESSES + 1 + (OF_A_TERMINAL + 1) * further:
        return True
    try:  # more than its own: a command, or the attach of a hub that draws miniatures
        processes = engine().processes(session.container)
        at_work = [each for each in processes if not each.command.startswith(ATTACH)]
        return len(at_work) > own_processes(processes)
    except EngineError:
        return True


def _record(session: Session, since: datetime | None, now: datetime) -> None:
    """Only where idleness begins, ends or begins again: each is news for pages."""
    if since is not None and session.idle_since is None and (now - since).total_seconds() < _every_s(session):
        return  # too short to be called idle: people think between two commands
    before = session.idle_since
    if since == before or (since and before and abs(since - before) <= SAME):
        return
    rows = Session.objects.filter(pk=session.pk, state=session.state, idle_since=before)
    if rows.update(idle_since=since):
        session.idle_since = since
        announce(session.pk)


watch = Watch()
