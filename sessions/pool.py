"""A few containers that run and are nobody's yet, so that a new session has one at once.

One belongs to a session from the moment at which the session's row bears its key. From there on it is renamed, given what
the session has, and at last its name, upon which its shell starts: nothing ran in it before. What is seen on the way of a
worker that was killed is taken up again by the next.
"""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, NameTaken
from engines.protocol import ContainerStatus, Observed
from layers.models import Build
from layers.usage import Usage
from sessions import launch, metrics
from sessions.environment import Environment
from sessions.models import PoolContainer, PoolDemand, Session
from sessions.transitions import announce

log = logging.getLogger(__name__)

AFTER_S: Final = 2  # after a start, which goes first
CLAIMED, READY = PoolContainer.State.CLAIMED, PoolContainer.State.READY


@transaction.atomic
def claim(session: Session, wanted: Environment) -> PoolContainer | None:
    """One that fits becomes that of a session that has nothing yet; told after the transaction that this is part of."""
    if not settings.POOL_SIZE:
        return None
    ready = PoolContainer.objects.filter(fingerprint=launch.fingerprint(wanted), state=READY)
    while member := ready.order_by("made_at").first():
        if PoolContainer.objects.filter(pk=member.pk, state=READY).update(state=CLAIMED, session=session):
            session.key, session.container_id, session.image = member.key, member.container_id, member.image
            session.started_at = timezone.now()
            session.save(update_fields=["key", "container_id", "image", "started_at"])
            _count(session, PoolDemand.Kind.HIT)
            announce(session.pk)
            return member
    return None


def adopt(session: Session, wanted: Environment) -> ContainerStatus | None:
    """The container that the session claimed, or claims now, as its own; None where none is of use. Raises `NameTaken`."""
    claimed = PoolContainer.objects.filter(session=session.pk, state=CLAIMED, key=session.key).first()
    if session.container_id and not claimed:
        return None  # it had another, of which people are told that it is lost
    while claimed or (claimed := claim(session, wanted)):
        try:
            made = engine().rename(container_of(claimed.key), session.container)
            if made.state is Observed.RUNNING:
                return made
        except (EngineUnreachable, NameTaken):
            raise
        except EngineError as error:
            log.warning("the container %s of the pool is not used: %s", claimed.key, error)
        _give_back(session, claimed)
        claimed = None
    if settings.POOL_SIZE:
        _count(session, PoolDemand.Kind.MISS)
    return None


def soon(delay_s: float = 0) -> None:
    """Have a worker look at the pool. With the broker down, the clock will."""
    from sessions.tasks import fill_pool  # noqa: PLC0415  (tasks import this)

    try:
        fill_pool.apply_async(countdown=delay_s)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("no worker could be told of the pool: %s", error)


def after_a_start() -> None:
    if settings.POOL_SIZE:
        soon(AFTER_S)


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


def _count(session: Session, kind: str) -> None:
    metrics.POOL_CLAIMS.labels(result=kind).inc()
    PoolDemand.objects.create(stack_id=session.stack_id, kind=kind)


def _give_back(session: Session, member: PoolContainer) -> None:
    """It is of no use: the session has none again."""
    session.key, session.container_id, session.image, session.started_at = session.pk, "", "", None
    session.save(update_fields=["key", "container_id", "image", "started_at"])
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
