"""Exports of a board: asked for here, made by a worker. What is not finished has no name on the engine."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from engines.current import engine
from engines.errors import BuildError, EngineError, PolicyRejected, VibenvError
from layers import compose, export, library, registry
from layers.models import Build, BuildState, Export, Kind, LayerVersion
from layers.registry import split
from layers.usage import Usage

logger = logging.getLogger(__name__)

# Their names begin so: nobody's image, and none that a recipe may start from, can be replaced by naming an export like it.
NAMES: Final = "vibenv-export/"
LEASE_S: Final = 15
MOST_ATTEMPTS: Final = 3  # of one whose workers are killed
MOST: Final = 50  # that a board keeps
QUEUE_S: Final = 10


def ask(
    scope: str, versions: Sequence[LayerVersion], *, name: str = "", container: str = "", asked_by: str = ""
) -> Export:
    """Have an image made of these; with what was written in a session's `container`, if one is given.

    Its name is `NAMES` and the given one, else the board's id and the moment. An earlier export of that name is replaced
    once this one is ready. Raises `InvalidInput` or `PolicyRejected`.
    """
    name = name.strip().removeprefix(NAMES) or f"{scope.lower()}:{timezone.now():%Y%m%d-%H%M%S}"
    export.check_name(name)
    image = NAMES + ":".join(split(name))
    with transaction.atomic():
        _check(scope, image)
        made = Export.objects.create(
            scope=scope,
            image=image,
            layers=[version.build_id for version in versions],
            container=container,
            asked_by=asked_by,
        )
    library.tell(scope)
    transaction.on_commit(lambda: _announce_work(made.pk))
    return made


def _check(scope: str, image: str) -> None:
    named = Export.objects.filter(image=image)
    if named.exclude(scope=scope).exists():
        raise PolicyRejected("image: Another board has an export of that name. Take another name.")
    if named.filter(state=BuildState.BUILDING).exists():
        raise PolicyRejected("image: An export of that name is being made. Wait for it, or take another name.")
    if Export.objects.filter(scope=scope).count() >= MOST:
        raise PolicyRejected(f"A board keeps at most {MOST} exports. Delete one.")


def publish(versions: Sequence[LayerVersion]) -> str:
    """One image of all these in the registry, made here and now; its reference, for who reads from there alone.

    Raises `BuildError` or `EngineError`.
    """
    where = registry.current()
    if where is None:
        raise BuildError(f"The stack cannot be published: {registry.missing()} `./vibenv up` starts a registry.")
    image = export.export(_stack([version.build for version in versions]))
    compose.ensure_published(where, image, image)
    return where.reference(image)


def listed(scope: str) -> list[Export]:
    """The newest first."""
    return list(Export.objects.filter(scope=scope))


def remove(made: Export) -> None:
    """With its image. Raises `PolicyRejected` while it is being made, `EngineError` while a container was made from it."""
    if made.state == BuildState.BUILDING:
        raise PolicyRejected("It is being made just now. Wait until it is ready, then delete it.")
    if made.state == BuildState.READY and not _others(made).filter(state=BuildState.READY).exists():
        engine().remove_image(made.image)
    made.delete()
    library.tell(made.scope)


def forget(scope: str) -> None:
    """A board is gone. The images stay with whoever uses them: they are ordinary ones."""
    Export.objects.filter(scope=scope).delete()


def _others(made: Export) -> QuerySet[Export]:
    return Export.objects.filter(image=made.image).exclude(pk=made.pk)


def _announce_work(export_id: int) -> None:
    from layers.tasks import make_export  # noqa: PLC0415  (tasks import us)

    try:
        make_export.apply_async((export_id,), ignore_result=True)
    except Exception as error:  # the broker is away: the sweep announces it again
        logger.warning("the export %s could not be announced: %s", export_id, error)


def under_way() -> Usage:
    """What those are made of that are being made, for `layers.collect`."""
    building = list(Export.objects.filter(state=BuildState.BUILDING))
    return Usage(
        builds=frozenset(pk for made in building for pk in made.layers),
        prefixes=frozenset(_frozen(made) for made in building),
    )


# in a worker --------------------------------------------------------------------------------------------
def run(export_id: int) -> None:
    """Make one that was asked for, in this thread. Safe to call twice: another holds it then, or it has ended."""
    made = _claim(export_id)
    if made is None:
        return
    with _kept(made):
        try:
            size_bytes = _make(made)
        except VibenvError as error:
            _end(made, state=BuildState.FAILED, reason=str(error))
        except Exception as error:
            logger.exception("exporting %s", made)
            reason = f"The export met a fault of ours: {error!r}. Export again; the worker's log says more."
            _end(made, state=BuildState.FAILED, reason=reason)
        else:
            _end(made, state=BuildState.READY, size_bytes=size_bytes)
            _others(made).filter(scope=made.scope).exclude(state=BuildState.BUILDING).delete()
    library.tell(made.scope)


def sweep() -> None:
    """Announce again what nobody makes: a killed worker's, or one that could not be announced."""
    late = timezone.now() - timedelta(seconds=QUEUE_S)
    idle = Q(lease="", created_at__lt=late) | Q(lease_until__lt=timezone.now())
    for made in Export.objects.filter(idle, state=BuildState.BUILDING):
        _announce_work(made.pk)


def _claim(export_id: int) -> Export | None:
    free = Q(lease="") | Q(lease_until__lt=timezone.now())
    taken = Export.objects.filter(free, pk=export_id, state=BuildState.BUILDING).update(
        lease=secrets.token_hex(16), lease_until=_until(), attempts=F("attempts") + 1
    )
    return Export.objects.get(pk=export_id) if taken else None


def _until() -> datetime:
    return timezone.now() + timedelta(seconds=LEASE_S)


@contextlib.contextmanager
def _kept(made: Export) -> Iterator[None]:
    """Hold the claim while the body runs."""
    done = threading.Event()

    def hold() -> None:
        try:
            while not done.wait(LEASE_S / 4) and _mine(made).update(lease_until=_until()):
                pass
        finally:
            connection.close()

    holder = threading.Thread(target=hold, name="export-lease", daemon=True)
    holder.start()
    try:
        yield
    finally:
        done.set()
        holder.join()


def _mine(made: Export) -> QuerySet[Export]:
    return Export.objects.filter(pk=made.pk, lease=made.lease)


def _end(made: Export, **fields: object) -> None:
    _mine(made).update(finished_at=timezone.now(), lease="", lease_until=None, **fields)


def _make(made: Export) -> int:
    """Returns its size."""
    if made.attempts > MOST_ATTEMPTS:
        raise BuildError("The worker was killed each time while it made this. Export again to try once more.")
    above = _freeze(made) if made.container else ""
    try:
        builds = [Build.objects.get(pk=pk) for pk in made.layers]
        export.export(_stack(builds, above or None), made.image)
    finally:
        if above:
            with contextlib.suppress(EngineError):  # it is collected then
                engine().remove_image(above)
    found = engine().image(made.image)
    return found.size_bytes if found else 0


def _freeze(made: Export) -> str:
    """An image of the session's container as it is now."""
    seen = engine().inspect(made.container)
    if not seen.image:
        raise BuildError("The session has no container any more. Start it, then export again.")
    tag = _frozen(made)
    engine().snapshot(made.container, tag, compose.own_labels(compose.layers_below(seen.image)))
    return tag


def _frozen(made: Export) -> str:
    return f"{compose.SESSIONS}:export-{settings.INSTALLATION_ID[:8]}-{made.pk}"


def _stack(builds: Sequence[Build], above: str | None = None) -> export.Stack:
    for build in builds:
        if build.state != BuildState.READY or not engine().has_image(build.image):
            raise BuildError(f"The engine has no longer the {build.kind} that it was to be made of. Build that again.")
    one = {build.kind: build for build in builds}
    if Kind.BASE not in one:
        raise BuildError("A stack without a base cannot be an image. Add one to the stack.")
    return export.Stack(
        base=one[Kind.BASE],
        project=one.get(Kind.PROJECT),
        toolchains=[build for build in builds if build.kind == Kind.TOOLCHAIN],
        profile=one.get(Kind.PROFILE),
        above=above,
    )
