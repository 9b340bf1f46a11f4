"""The line of starts: who wanted first starts first, a few at once, and nobody while the engine's memory is short.

A place is held for the length of one reconcile (`admitted_at`) and counts only as long as that one's claim does, so a
worker that dies takes no place with it. In the line is who prepares and has the step `queued` open. Who leaves a place
calls the next; what gets lost on the way is called by the sweep.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import Capacity
from sessions import steps
from sessions.environment import Waiting
from sessions.lifecycle import wake
from sessions.models import Session, SessionStep
from sessions.states import Desired, State
from sessions.transitions import announce, transition

log = logging.getLogger(__name__)

LEAST_AT_ONCE = 2
START_BYTES = 48 * 1024**2  # what a session takes until it can be seen in the engine's memory
NEWS_PER_S = 20  # at most so many cards are told a new place each second
LOCK = 7_340_011  # of PostgreSQL's advisory locks; SQLite's transactions come one after the other anyway
MB = 1024**2
STEP = "queued"

_told_until = 0.0
_telling = threading.Lock()


def enter(session: Session) -> None:
    """Take a place for a start. Raises `Waiting`, the session told its place, while others come first."""
    room = engine().capacity()
    with _one_at_a_time():
        starting = _starting().exclude(pk=session.pk).count()
        ahead = _line().filter(_before(session)).count()
        short = _lacks(room, starting)
        if not short and ahead + starting < at_once(room):
            session.admitted_at, session.place = timezone.now(), None
            Session.objects.filter(pk=session.pk).update(admitted_at=session.admitted_at, place=None)
            return
    _queue(session, ahead + 1, short if not ahead else "")
    raise Waiting


def forget(session: Session) -> None:
    """Begin without a place: one that is there now was a dead worker's."""
    if session.admitted_at is not None:
        Session.objects.filter(pk=session.pk).update(admitted_at=None)
        session.admitted_at = None


def leave(session: Session) -> None:
    """Give the place back, if there is one, and call whoever is next."""
    if session.admitted_at is None:
        return
    session.admitted_at = None
    Session.objects.filter(pk=session.pk).update(admitted_at=None)
    call_next()


def call_next() -> None:
    """Wake those that may start now, and tell the others their places soon."""
    try:
        free = _free()
    except EngineError as error:
        log.warning("the line of starts waits for the engine: %s", error)
        return
    line = list(_line().values_list("pk", flat=True))
    for session_id in line[:free]:
        wake(session_id)
    if len(line) > free:
        _tell_soon(len(line))


def not_yet() -> set[str]:
    """Those in the line who need not be looked at before others have started."""
    line = list(_line().values_list("pk", flat=True))
    return set(line[max(_free(), 1) :]) if line else set()


def tell() -> None:
    """Tell those in the line their places, where these changed. Who is next and has none is about to start, or told why not."""
    for place, session in enumerate(_line().only("pk", "place"), 1):
        if session.place != place and (place > 1 or session.place is not None):
            _tell_place(session.pk, place, words(place))


def at_once(room: Capacity) -> int:
    """How many may start at the same time."""
    return settings.STARTS_AT_ONCE or max(LEAST_AT_ONCE, room.cpus)


def words(place: int) -> str:
    if place == 1:
        return "next in line"
    ending = "th" if place % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} in line"


def _free() -> int:
    return max(0, at_once(engine().capacity()) - _starting().count())


def _line() -> QuerySet[Session]:
    """Who waits, in order. One that is to be tried again later waits for that, not for a place."""
    queued = SessionStep.objects.filter(name=STEP, finished_at=None).values("session")
    waiting = Session.objects.filter(state=State.PREPARING, desired=Desired.RUNNING, admitted_at=None, pk__in=queued)
    return waiting.filter(Q(retry_at=None) | Q(retry_at__lte=timezone.now())).order_by("wanted_at", "pk")


def _before(session: Session) -> Q:
    earlier = Q(wanted_at__lt=session.wanted_at) | Q(wanted_at=session.wanted_at, pk__lt=session.pk)
    return earlier & ~Q(pk=session.pk)


def _starting() -> QuerySet[Session]:
    return Session.objects.filter(lease_until__gt=timezone.now()).exclude(admitted_at=None).exclude(lease="")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


def _lacks(room: Capacity, starting: int) -> str:
    """Why no other session fits into the engine's memory; empty when one does, or nobody knows."""
    free, reserve = room.memory_free_bytes, settings.MEMORY_RESERVE_BYTES
    if free is None or free >= reserve + START_BYTES * (starting + 1):
        return ""
    said = f"Waits for memory: {free // (100 * MB) * 100} MB are free, and {reserve // MB} MB of them are kept free."
    paused = Session.objects.filter(state=State.PAUSED).count()
    if not paused:
        return f"{said} It starts once others have stopped."
    holders = "A paused session holds" if paused == 1 else f"{paused} paused sessions hold"
    return f"{said} {holders} some: stop what is not needed."


def _queue(session: Session, place: int, short: str) -> None:
    """Who is next and waits for memory has no place to be told."""
    if session.state == State.STARTING:  # it had a place before, and whoever held it for it is gone
        transition(session, State.PREPARING, actor="vibenv", reason=session.reason)
    session.steps.exclude(name=STEP).delete()
    session.place = None if short else place
    Session.objects.filter(pk=session.pk).update(place=session.place)
    steps.begin(session, STEP, (short or words(place))[:300])


def _tell_place(session_id: str, place: int, said: str) -> None:
    with transaction.atomic():
        waiting = SessionStep.objects.filter(session=session_id, name=STEP, finished_at=None)
        if waiting.update(detail=said):
            Session.objects.filter(pk=session_id).update(place=place)
            announce(session_id)


def _tell_soon(count: int) -> None:
    """Every start moves all places behind it: they are told together, and seldom enough for the pages to follow."""
    from sessions.tasks import tell_line  # noqa: PLC0415  (tasks import the reconciler, which imports this)

    global _told_until  # noqa: PLW0603
    wait_s = max(0.3, count / NEWS_PER_S)
    with _telling:
        if time.monotonic() < _told_until:
            return
        _told_until = time.monotonic() + wait_s
    try:
        tell_line.apply_async(countdown=wait_s, expires=60)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("nobody could be told their place in the line: %s", error)
