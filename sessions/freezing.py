"""Making snapshots: a session's container frozen, then kept in the registry and read back. A part of reconciling it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from engines.current import engine
from engines.errors import BuildError, EngineError, EngineUnreachable, VibenvError
from engines.protocol import ContainerStatus, Observed
from layers import compose, keep, squash
from layers.models import Kind, LayerVersion, Recipe
from sessions import environment, files, history, leases, remake, wishes
from sessions.lifecycle import wake
from sessions.models import Session, SessionLayer, Snapshot
from sessions.transitions import announce

log = logging.getLogger(__name__)

KEPT_AT_ONCE: Final = {Snapshot.Kind.VANISH, Snapshot.Kind.RESTORE}
MOST_ATTEMPTS: Final = 4
LONGEST_WAIT_S: Final = 60
FORKS_FIRST_S: Final = 5  # packing a large layer takes the processors that a fork wants to start with
NOTHING: Final = "The session has no files any more: its container was removed outside vibenv."


def has_files(session: Session) -> bool:
    """Whether it wrote something that could be kept, as far as its row knows."""
    return bool(session.container_id) or remake.has_own_image(session) or session.starts_from_id is not None


def freeze_due(session: Session, seen: ContainerStatus) -> None:
    """Freeze what is asked for of this session, which the caller holds. A failure is told at the snapshot, and tried again.

    Raises `EngineUnreachable`.
    """
    for snapshot in _asked().filter(session=session):
        try:
            with leases.kept(session):
                freeze(session, seen, snapshot)
        except EngineUnreachable:
            raise
        except VibenvError as error:
            _failed(snapshot, error)


def _asked() -> QuerySet[Snapshot]:
    """What is to be frozen now, whatever its session does. The others are frozen when it rests, by whoever needs them."""
    by_others = [Snapshot.Kind.VANISH, Snapshot.Kind.RESTORE]
    making = Snapshot.objects.filter(state=Snapshot.State.MAKING).exclude(kind__in=by_others)
    return making.exclude(retry_at__gt=timezone.now())


def freeze(session: Session, seen: ContainerStatus, snapshot: Snapshot) -> None:
    """Have it as an image on the engine. Raises `EngineError`."""
    size = _freeze(session, seen, snapshot)
    frozen = {
        "state": Snapshot.State.KEPT,
        "frozen_at": timezone.now(),
        "size_bytes": size,
        "made_of": " ".join(environment.parts_of(seen)) if seen.image else _made_of(session),
        "layers": _layers(session),
        "files": files.names_in(session),
        "parent": session.stands_on if session.stands_on_id != snapshot.pk else None,
        "attempts": 0,
        "retry_at": None,
        "problem": "",
    }
    with transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).update(**frozen)
        snapshot.refresh_from_db()
        announce(session.pk)
        transaction.on_commit(lambda: _go_on(snapshot))


def _freeze(session: Session, seen: ContainerStatus, snapshot: Snapshot) -> int:
    """Returns the bytes of what is new above the image that it was started from."""
    if seen.state is not Observed.ABSENT:
        image = session.image or seen.image
        frozen = engine().snapshot(session.container, snapshot.image, compose.own_labels(compose.layers_below(image)))
        before = engine().image(frozen.parent) if frozen.parent else None
        return max(0, frozen.size_bytes - (before.size_bytes if before else 0))
    own = remake.own_image(session)
    if not own:
        raise EngineError(NOTHING, permanent=True)
    engine().tag_image(own, snapshot.image)
    return 0


def _made_of(session: Session) -> str:
    builds = [row.runs.build for row in wishes.rows_of(session) if row.runs]
    return " ".join(build.digest for build in builds if build.kind in {Kind.BASE, Kind.PROJECT})


def _layers(session: Session) -> list[list[int | bool | None]]:
    return [[row.recipe_id, row.runs_id, row.held] for row in wishes.rows_of(session) if row.runs_id or row.held]


def _go_on(snapshot: Snapshot) -> None:
    """Whoever waits for it may start; it is kept meanwhile."""
    from sessions.tasks import keep_snapshot  # noqa: PLC0415  (tasks import the reconciler, which imports this)

    if snapshot.kind in KEPT_AT_ONCE:
        return  # by whoever froze it; two who push one image at once are in each other's way
    waiting = list(snapshot.awaited_by.values_list("pk", flat=True))
    for session_id in waiting:
        wake(session_id)
    try:
        keep_snapshot.apply_async((snapshot.pk,), countdown=FORKS_FIRST_S if waiting else 0)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("no worker could be told of the snapshot %s (%s); the sweep will find it", snapshot.pk, error)


def _failed(snapshot: Snapshot, error: VibenvError) -> None:
    attempts = snapshot.attempts + 1
    given_up = snapshot.state == Snapshot.State.MAKING and (error.permanent or attempts >= MOST_ATTEMPTS)
    log.warning("snapshot %s of %s: %s", snapshot.pk, snapshot.session_id, error)
    wait = min(2.0**attempts / 2, LONGEST_WAIT_S)
    changes = {"attempts": attempts, "problem": str(error), "retry_at": timezone.now() + timedelta(seconds=wait)}
    if given_up:
        changes |= {"state": Snapshot.State.FAILED, "retry_at": None}
        history.record(snapshot.session_id, "snapshot", actor=snapshot.author, reason=str(error), snapshot=snapshot.pk)
    Snapshot.objects.filter(pk=snapshot.pk).update(**changes)
    snapshot.refresh_from_db()
    announce(snapshot.session_id)
    for session_id in (snapshot.session_id, *snapshot.awaited_by.values_list("pk", flat=True)):
        wake(session_id, delay_s=0 if given_up else wait)


# kept -------------------------------------------------------------------------------------------------------
def keep_again(snapshot: Snapshot) -> None:
    """Keep one that is frozen. A failure is told, and tried again for as long as it takes: nobody's work depends on it."""
    try:
        kept(snapshot)
    except VibenvError as error:
        _failed(snapshot, error)


def kept(snapshot: Snapshot) -> None:
    """Have it in the registry, read back from there: only then it is called ready. Twice is harmless.

    Raises `BuildError` or `EngineError`.
    """
    parent = snapshot.parent
    found = keep.keep(snapshot.image, parent.digest if parent else "")
    with transaction.atomic():
        mine = Snapshot.objects.filter(pk=snapshot.pk, state=Snapshot.State.KEPT)
        done = mine.update(state=Snapshot.State.READY, digest=found.digest, problem="", attempts=0, retry_at=None)
        if done:
            snapshot.refresh_from_db()
            detail = {"snapshot": snapshot.pk, "note": snapshot.note, "made": snapshot.kind}
            history.record(snapshot.session_id, "snapshot", actor=snapshot.author, **detail)
            announce(snapshot.session_id)
    if not done and not Snapshot.objects.filter(pk=snapshot.pk).exists():  # somebody deleted it meanwhile
        keep.drop(snapshot.image, found.digest)


def sessions_lacking_snapshots() -> QuerySet[Snapshot, str]:
    """Ids of sessions of which something is to be frozen now."""
    return _asked().order_by().values_list("session_id", flat=True)


def due() -> list[str]:
    """Ids of frozen snapshots that nobody keeps just now: of a worker that died, or a registry that was away."""
    now = timezone.now()
    found = Snapshot.objects.filter(state=Snapshot.State.KEPT).exclude(retry_at__gt=now)
    return list(found.filter(frozen_at__lt=now - timedelta(seconds=LONGEST_WAIT_S)).values_list("pk", flat=True))


# what a session is in --------------------------------------------------------------------------------------
def vanishing(session: Session, seen: ContainerStatus) -> Snapshot:
    """A snapshot of a container that rests, kept as surely as can be, so that it may go.

    Of an earlier attempt at the same rest the snapshot is taken up again. Raises `BuildError` or `EngineError`.
    """
    rested = session.snapshots.filter(kind=Snapshot.Kind.VANISH, state__in=[Snapshot.State.KEPT, Snapshot.State.READY])
    snapshot = rested.filter(frozen_at__gte=session.state_since).last()
    if snapshot is None:
        session.snapshots.filter(kind=Snapshot.Kind.VANISH, state=Snapshot.State.MAKING).delete()
        snapshot = Snapshot.objects.create(
            session=session, kind=Snapshot.Kind.VANISH, author=session.wanted_by or "vibenv"
        )
        try:
            freeze(session, seen, snapshot)
        except VibenvError:
            snapshot.delete()
            raise
    return assured(snapshot)


def assured(snapshot: Snapshot) -> Snapshot:
    """Raises `BuildError` or `EngineError` unless it is ready."""
    if snapshot.state == Snapshot.State.KEPT:
        kept(snapshot)
        snapshot.refresh_from_db()
    if snapshot.state != Snapshot.State.READY:
        raise EngineError(snapshot.problem or "The snapshot is not ready yet.")
    return snapshot


def become(session: Session, snapshot: Snapshot, seen: ContainerStatus) -> None:
    """From here on the session is what the snapshot has; its present container goes.

    `image` of the row, and `discards`, are written at once: killed before, all is done again; after, only the removal is left.
    """
    keep.fetch(snapshot.image)
    image = remake.tag_for(session, snapshot.pk)
    same = snapshot.session_id == session.pk and snapshot.kind == Snapshot.Kind.VANISH
    squash.named(snapshot.image, image, squash.MOST_OWN if same else squash.MOST_AT_A_START)
    if same:
        remake.check_room(image)  # else its container stays: from such an image none could be made again
    with transaction.atomic():
        if not same:
            session.layers.all().delete()
            SessionLayer.objects.bulk_create(_rows_for(snapshot, session))
        files.lie_in_image(session, snapshot.files)
        gone = seen.container_id if seen.state is not Observed.ABSENT else ""
        Session.objects.filter(pk=session.pk).update(
            image=image, container_id="", discards=gone, stands_on=snapshot, starts_from=None
        )
        announce(session.pk)
    session.refresh_from_db()


def _rows_for(snapshot: Snapshot, session: Session) -> list[SessionLayer]:
    """What it stood on, as layers of a session that starts from it; without what was deleted since."""
    recipes = set(Recipe.objects.filter(pk__in=[row[0] for row in snapshot.layers]).values_list("pk", flat=True))
    versions = set(LayerVersion.objects.filter(pk__in=[row[1] for row in snapshot.layers]).values_list("pk", flat=True))
    return [
        SessionLayer(session=session, recipe_id=recipe, runs_id=version, wants_id=version, held=bool(held))
        for recipe, version, held in snapshot.layers
        if recipe in recipes and (version is None or version in versions)
    ]


def drop(snapshot: Snapshot) -> None:
    """Remove its image; from the registry, too, unless another snapshot is the same there. Raises `EngineError`.

    What a registry does not let go of now is found by the sweep of orphans.
    """
    others = Snapshot.objects.filter(digest=snapshot.digest).exclude(pk=snapshot.pk).exists()
    try:
        keep.drop(snapshot.image, "" if others else snapshot.digest)
    except BuildError as error:
        log.warning("snapshot %s stays in the registry for now: %s", snapshot.pk, error)
