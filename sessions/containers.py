"""The container of a session that starts: kept as it is, or made; and what it has of the layers, noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from engines.current import engine
from engines.protocol import ContainerStatus, LayerMount, Observed
from layers import base, compose, mounts
from layers.models import Build, LayerVersion
from sessions import environment, files, launch, pool, remake, wishes
from sessions.environment import Environment, parts_of
from sessions.models import Session, SessionLayer

LOSS = "Its container had been removed outside vibenv, so it started without its former files."
OLDER = "Its container had been removed outside vibenv, so its files are as they were when its layers last changed."


@transaction.atomic
def claim(session: Session, seen: ContainerStatus, wanted: Environment) -> bool:
    """Whether a session that has nothing yet has one of the pool now: what `ensure` makes its own."""
    if seen.state is not Observed.ABSENT or session.container_id or remake.has_own_image(session):
        return False
    if not (member := pool.claim(session, wanted)):
        return False
    like = ContainerStatus("", member.key, Observed.RUNNING, layers=wanted.layers, made_of=wanted.made_of)
    note_layers(session, like)
    return True


def ensure(session: Session, seen: ContainerStatus, wanted: Environment) -> ContainerStatus:
    """Have the container that is to be started, with what is wanted as far as that can be."""
    own, claimed = "", session.container_id
    if seen.state is not Observed.ABSENT:
        made = engine().create(launch.spec(session, seen.image, wanted))
    elif own := remake.own_image(session):
        made = engine().create(launch.spec(session, own, remake.standing_on(session, wanted)))
    elif adopted := pool.adopt(session, wanted):
        made = adopted
        if made.container_id == claimed:
            return made  # all else was noted with the claim
    else:
        if claimed:  # what it had claimed was of no use
            environment.provide(session, wanted)
        made = engine().create(launch.spec(session, image_of(wanted), wanted))
    gone = session.container_id not in {"", made.container_id}
    gone = gone or (seen.state is Observed.ABSENT and remake.has_own_image(session) and not own)
    if remake.needed(made, wanted):
        made = remake.attempt(session, made, wanted)
    if gone:
        session.reason = OLDER if own else LOSS
    remember(session, made)
    return made


def name(session: Session, seen: ContainerStatus) -> None:
    """Give one that runs and was made for nobody its session's name, upon which its shell starts."""
    if not seen.anonymous:
        return
    if session.container_id != seen.container_id:
        remember(session, seen)  # it had just been adopted when a worker was killed
    engine().bind(session.container, session.name, base.resolve().image)


def image_of(wanted: Environment) -> str:
    """The image of a session that wrote nothing yet."""
    if wanted.base is None:
        return wanted.base_image
    return compose.image_for(wanted.base, wanted.project)


def remember(session: Session, made: ContainerStatus) -> None:
    """Note which container has the files, and what of the layers. Told with the end of the step that this is part of."""
    changed, own = session.container_id != made.container_id, remake.has_own_image(session)
    with transaction.atomic():
        Session.objects.filter(pk=session.pk).update(
            container_id=made.container_id, image=made.image, reason=session.reason
        )
        session.refresh_from_db()
        if changed:
            files.settled(session)
        note_layers(session, made)
    if changed and own:
        remake.clean(session, keep=session.image)


def note_layers(session: Session, made: ContainerStatus) -> None:
    """Its configuration says what it starts with, whatever was changed under it while it ran before."""
    parts = parts_of(made)
    for row in wishes.rows_of(session):
        has = _mounted(row, made.layers) if mounts.is_mounted(row.recipe) else _part(row, parts)
        if row.runs_id != (has.pk if has else None):
            wishes.given(row, has, conflicts=row.conflicts)


def _mounted(row: SessionLayer, layers: Sequence[LayerMount]) -> LayerVersion | None:
    volume = next((each.volume for each in layers if each.path == mounts.path_of(row.recipe)), None)
    return _version(row, lambda build: mounts.volume_of(build) == volume) if volume else None


def _part(row: SessionLayer, parts: Sequence[str]) -> LayerVersion | None:
    return _version(row, lambda build: build.digest in parts)


def _version(row: SessionLayer, fits: Callable[[Build], bool]) -> LayerVersion | None:
    """The recipe's version of that build: what is wanted where several are."""
    for version in (row.wants, row.runs):
        if version is not None and fits(version.build):
            return version
    others = LayerVersion.objects.filter(recipe=row.recipe).select_related("build", "recipe")
    return next((version for version in others if fits(version.build)), None)
