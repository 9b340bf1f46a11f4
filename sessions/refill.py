"""Keeping the pool as it is to be: as many containers as are asked for, of what is asked for now, made one at a time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, VibenvError
from engines.protocol import Observed
from layers import base
from layers.models import Stack
from sessions import environment, launch, pool
from sessions.containers import image_of
from sessions.environment import Environment
from sessions.models import PoolContainer, PoolDemand, Session
from sessions.states import Desired, State

log = logging.getLogger(__name__)

REMEMBERED: Final = timedelta(hours=1)
LATELY: Final = timedelta(minutes=10)
OLDEST: Final = timedelta(hours=12)
MAKING_S: Final = 60  # a worker that takes longer was killed
AGAIN_S: Final = 300  # after a failure, before the same is tried again
OPENED_S: Final = 300  # the same stack's page is told of again after so long
SPARE_BYTES: Final = 512 * 1024**2  # above the reserve that starts leave: what is made ahead must not be in their way

_opened: dict[int | None, float] = {}
_failed: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Containers of one stack that are to be there."""

    stack: Stack | None
    count: int
    fingerprint: str
    image: str
    environment: Environment


def expect(stack_id: int | None) -> None:
    """Somebody looks at the stack's board, so a start is likely. Costs nothing most of the time."""
    if not settings.POOL_SIZE or time.monotonic() - _opened.get(stack_id, -OPENED_S) < OPENED_S:
        return
    _opened[stack_id] = time.monotonic()
    try:
        PoolDemand.objects.create(stack_id=stack_id, kind=PoolDemand.Kind.OPENED)
    except DatabaseError as error:  # busy: the page does without
        log.warning("it is not noted that a board was opened: %s", error)
        return
    pool.soon()


def fill() -> bool:
    """Take one step: throw away what is of no use, and make at most one; whether there is another to make."""
    now = timezone.now()
    if not settings.POOL_SIZE and not PoolContainer.objects.exists():
        return False
    wanted = [each for stack, count in targets(now).items() if (each := _wanted(stack, count))]
    _throw_away(wanted, now)
    if not settings.POOL_SIZE:
        engine().never_binds()
        return False
    lacking = next(iter(_lacking(wanted)), None)
    room = _has_room()  # asked in any case: a start finds the answer there
    if lacking is None or starts_wait() or not room:
        return False
    return _make(lacking)


# what is to be there ------------------------------------------------------------------------------------
def targets(now: datetime) -> dict[int | None, int]:
    """How many for each stack: as many as started lately, at least one; whoever was asked for last comes first."""
    recent = PoolDemand.objects.filter(at__gte=now - REMEMBERED).order_by("-at").values_list("stack_id", "kind", "at")
    lately: Counter[int | None] = Counter()
    for stack_id, kind, at in recent:
        lately[stack_id] += kind != PoolDemand.Kind.OPENED and at >= now - LATELY
    return shared_out(lately, settings.POOL_SIZE)


def shared_out(lately: Mapping[int | None, int], size: int) -> dict[int | None, int]:
    """One for each as far as that goes, in the given order; then one more for each that had more starts."""
    found: dict[int | None, int] = {}
    for turn in range(size):
        for stack_id, count in lately.items():
            if sum(found.values()) < size and turn < max(count, 1):
                found[stack_id] = found.get(stack_id, 0) + 1
    return found


def _wanted(stack_id: int | None, count: int) -> Wanted | None:
    stack = Stack.objects.filter(pk=stack_id).first() if stack_id else None
    if stack_id and stack is None:
        return None
    try:
        found = environment.at_hand(stack)
    except EngineUnreachable:
        raise
    except VibenvError as error:
        log.warning("nothing is made ahead for the stack %s: %s", stack_id, error)
        return None
    if found is None:
        return None
    image = image_of(found)
    return Wanted(stack, count, launch.fingerprint(found), image, found)


def _lacking(wanted: Sequence[Wanted]) -> Iterable[Wanted]:
    """Stacks of the same fingerprint share theirs."""
    ready = Counter(PoolContainer.objects.filter(state=pool.READY).values_list("fingerprint", flat=True))
    for each in wanted:
        failed = time.monotonic() - _failed.get(each.fingerprint, -AGAIN_S) < AGAIN_S
        if ready[each.fingerprint] < each.count and not failed:
            yield each
        ready[each.fingerprint] -= each.count


def starts_wait() -> bool:
    """Somebody's session is about to start: it goes first. One that waits for a build does not count."""
    builds = Q(steps__name="environment", steps__finished_at=None) & ~Q(steps__detail="")
    waiting = Session.objects.filter(desired=Desired.RUNNING, state__in=[State.PREPARING, State.STARTING])
    return waiting.exclude(pk__in=Session.objects.filter(builds).values("pk")).exists()


def _has_room() -> bool:
    free = engine().capacity().memory_free_bytes
    return free is None or free > settings.MEMORY_RESERVE_BYTES + SPARE_BYTES


# making and throwing away ---------------------------------------------------------------------------------
def _make(wanted: Wanted) -> bool:
    member = PoolContainer(
        fingerprint=wanted.fingerprint, stack=wanted.stack, image=wanted.image, made_of=wanted.environment.made_of
    )
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        return False  # somebody else makes one
    name = pool.container_of(member.key)
    try:
        engine().create(launch.anonymous(member.key, wanted.image, wanted.environment))
        engine().start(name)
        engine().ready_to_bind(base.resolve().image)
        seen = engine().inspect(name)
        if seen.state is not Observed.RUNNING:
            raise EngineError(f"It ended at once: {engine().logs(name)}")
    except EngineError as error:
        log.warning("no container could be made ahead: %s", error)
        _failed[wanted.fingerprint] = time.monotonic()
        pool.throw_away(member)
        return False
    PoolContainer.objects.filter(pk=member.pk).update(state=pool.READY, container_id=seen.container_id)
    return True


def _throw_away(wanted: Sequence[Wanted], now: datetime) -> None:
    """What does not run, is too old, or more than is wanted; and rows that have done what they were for."""
    PoolDemand.objects.filter(at__lt=now - REMEMBERED).delete()
    rows = PoolContainer.objects.order_by("-made_at").select_related("session")
    running = {each.session_id for each in engine().list() if each.state is Observed.RUNNING} if rows else set()
    keep = Counter[str]()
    for each in wanted:
        keep[each.fingerprint] += each.count
    for row in rows:
        if row.state == pool.CLAIMED:
            _look_at_claimed(row)
        elif row.state == PoolContainer.State.MAKING:
            if row.made_at < now - timedelta(seconds=MAKING_S):
                pool.throw_away(row)
        elif row.key not in running or row.made_at < now - OLDEST or not keep[row.fingerprint]:
            if PoolContainer.objects.filter(pk=row.pk, state=pool.READY).update(state=pool.CLAIMED, session=None):
                pool.throw_away(row)
        else:
            keep[row.fingerprint] -= 1


def _look_at_claimed(row: PoolContainer) -> None:
    """It is its session's once that runs; of one that was deleted meanwhile, or of nobody, it goes."""
    if row.session is None or row.session.key != row.key:
        pool.throw_away(row)
    elif row.session.container_id and row.session.state == State.RUNNING:
        row.delete()
