"""A few containers that run and are nobody's yet, so that a new session has one at once.

One belongs to a session from the moment at which the session's row bears its key. From there on it is renamed, given what
the session has, and at last its name, upon which its shell starts: nothing ran in it before. What is seen on the way of a
worker that was killed is taken up again by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import transaction

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, NameTaken
from engines.protocol import ContainerStatus, Observed
from layers.models import Build
from layers.usage import Usage
from sessions import launch, metrics
from sessions.environment import Environment
from sessions.models import PoolContainer, PoolDemand, Session

log = logging.getLogger(__name__)

AFTER_S: Final = 2  # after a start, which goes first
CLAIMED, READY = PoolContainer.State.CLAIMED, PoolContainer.State.READY


def adopt(session: Session, image: str, wanted: Environment) -> ContainerStatus | None:
    """A container of the pool as that of a session that has none; None where none fits. Raises `NameTaken`."""
    if not settings.POOL_SIZE and session.key == session.pk:
        return None
    for member in _candidates(session, image, wanted):
        try:
            made = engine().rename(container_of(member.key), session.container)
            if made.state is Observed.RUNNING:
                return made
        except (EngineUnreachable, NameTaken):
            raise
        except EngineError as error:
            log.warning("the container %s of the pool is not used: %s", member.key, error)
        _give_back(session, member)
    return None


def soon(delay_s: float = 0) -> None:
    """Have a worker look at the pool. With the broker down, the clock will."""
    from sessions.tasks import fill_pool  # noqa: PLC0415  (tasks import this)

    try:
        fill_pool.apply_async(countdown=delay_s)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("no worker could be told of the pool: %s", error)


def container_of(key: str) -> str:
    return f"{launch.POOL}{key}"


def keys() -> list[str]:
    """What the labels of its containers and networks say, for whoever looks for what nobody owns."""
    return list(PoolContainer.objects.values_list("key", flat=True))


def usage() -> Usage:
    """What it holds of the layers; the engine knows its volumes."""
    rows = list(PoolContainer.objects.values_list("image", "made_of"))
    digests = {digest for _, made_of in rows for digest in made_of.split()}
    builds = Build.objects.filter(digest__in=digests).values_list("pk", flat=True)
    return Usage(builds=frozenset(builds), images=frozenset(image for image, _ in rows))


def _candidates(session: Session, image: str, wanted: Environment) -> Iterator[PoolContainer]:
    """Each is the session's when it is yielded: first the one that it had when a worker was killed."""
    yield from PoolContainer.objects.filter(session=session.pk, state=CLAIMED, key=session.key)
    print_ = launch.fingerprint(image, wanted)
    while member := PoolContainer.objects.filter(fingerprint=print_, state=READY).order_by("made_at").first():
        if _claim(session, member):
            yield member
    _count(session, PoolDemand.Kind.MISS)


def _claim(session: Session, member: PoolContainer) -> bool:
    with transaction.atomic():
        free = PoolContainer.objects.filter(pk=member.pk, state=READY)
        if not free.update(state=CLAIMED, session=session):
            return False
        Session.objects.filter(pk=session.pk).update(key=member.key)
        _count(session, PoolDemand.Kind.HIT)
    session.key = member.key
    return True


def _count(session: Session, kind: str) -> None:
    metrics.POOL_CLAIMS.labels(result=kind).inc()
    PoolDemand.objects.create(stack_id=session.stack_id, kind=kind)
    transaction.on_commit(lambda: soon(AFTER_S))


def _give_back(session: Session, member: PoolContainer) -> None:
    """It is of no use: the session has none again."""
    Session.objects.filter(pk=session.pk).update(key=session.pk)
    session.key = session.pk
    throw_away(member, session.container)


def throw_away(member: PoolContainer, name: str = "") -> None:
    """The container, its network and its row, in an order that leaves none of them without the row."""
    for each in filter(None, (container_of(member.key), name)):
        try:
            if engine().inspect(each).session_id in {"", member.key}:
                engine().destroy(each, member.key)
        except NameTaken:
            continue
    member.delete()
