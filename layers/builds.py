"""Builds of layers as others see them: asked for, joined, cancelled, looked at. The base's own is in `layers.base`."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from engines.current import engine
from engines.errors import BuildError, EngineError, PolicyRejected
from layers import base, compose, lookup, records, registry, requests
from layers import builder as base_builder
from layers.attempts import Outcome, attempt
from layers.builders import bases, choose, script
from layers.builders.docker import workshop_name
from layers.builders.protocol import BaseRequest, Built
from layers.models import Build, BuildState, Kind
from layers.progress import Progress
from layers.requests import AnyRequest

logger = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 3  # of a build whose builders are killed
QUEUE_S: Final = 10  # a build that was asked for so long ago and not begun is announced again
BASE_POLL_S: Final = 0.5
OF_A_SESSION: Final = "-session-"  # in the names of workshops that whoever opens them removes


def request(wanted: AnyRequest, *, asked_by: str = "", why: str = "") -> Build:
    """The build of that digest: as it is when it is ready or under way, else begun by a worker.

    One that failed or was cancelled is tried again. Costs a query and a question to the engine when it is ready.
    """
    build, _ = Build.objects.get_or_create(
        kind=requests.kind_of(wanted),
        digest=wanted.digest,
        defaults={"image": wanted.image, "request": requests.to_json(wanted)},
    )
    if _is_there(build) or (records.is_being_built(build) and not build.cancel_asked):
        return build
    if asked_by or why:
        logger.info("%s %s is asked for by %s: %s", build.kind, wanted.digest[:12], asked_by, why)
    _queue(build, wanted)
    return Build.objects.get(pk=build.pk)


def _is_there(build: Build) -> bool:
    if build.state != BuildState.READY:
        return False
    try:
        return engine().has_image(build.image)
    except EngineError:  # it was; whoever needs the engine now meets its error
        return True


def _queue(build: Build, wanted: AnyRequest) -> None:
    idle = Q(lease="") | Q(lease_until__lt=timezone.now())
    queued = Build.objects.filter(idle, pk=build.pk).update(
        state=BuildState.BUILDING,
        image=wanted.image,
        request=requests.to_json(wanted),
        reason="",
        progress=None,
        progress_text="waiting for a worker",
        cancel_asked=False,
        attempts=0,
        started_at=timezone.now(),
        finished_at=None,
        lease="",
        lease_until=None,
    )
    if queued:
        records.announce(build)
        transaction.on_commit(lambda: _announce_work(build.pk))
    elif Build.objects.filter(pk=build.pk, cancel_asked=True).exists():
        raise PolicyRejected("This build is being cancelled just now. Ask for it again in a moment.")


def _announce_work(build_id: int) -> None:
    from layers.tasks import build_layer  # noqa: PLC0415  (tasks import us)

    try:
        build_layer.apply_async((build_id,), ignore_result=True)
    except Exception as error:  # the broker is away: the sweep announces it again
        logger.warning("the build %s could not be announced: %s", build_id, error)


def cancel(build: Build) -> None:
    """End a build that waits or is under way, within a second or two. Raises `PolicyRejected` when it has ended."""
    now = timezone.now()
    building = Build.objects.filter(pk=build.pk, state=BuildState.BUILDING)
    waiting = building.filter(Q(lease="") | Q(lease_until__lt=now))
    fields = {"reason": "It was cancelled.", "progress_text": "", "finished_at": now}
    if waiting.update(state=BuildState.CANCELLED, **fields) or building.update(cancel_asked=True):
        records.announce(build)
        return
    raise PolicyRejected("Only a build that is under way can be cancelled; this one has ended.")


def log_path(build: Build) -> Path:
    """Where its log is, or will be; it is kept."""
    return Path(settings.DATA_DIR) / "logs" / "layers" / f"{build.digest}.log"


def run(build_id: int) -> bool:
    """Do a build that was asked for, in this thread; False where there is nothing to do or another does it."""
    build = records.claim_queued(build_id)
    if build is None:
        return False
    Build.objects.filter(pk=build_id).update(attempts=F("attempts") + 1)
    attempt(build, log_path(build), lambda progress: _work(build, progress))
    return True


def _work(build: Build, progress: Progress) -> Outcome:
    if build.attempts >= MOST_ATTEMPTS:
        raise BuildError(
            f"The builder was killed {build.attempts} times while it built this. Build again to try once more."
        )
    wanted = requests.from_json(build.request)
    if engine().has_image(wanted.image):
        progress.line(f"The engine has {wanted.image} already.")
        return Outcome(build.size_bytes or size_of(wanted.image), build.builder)
    if _pulled(wanted, progress):
        return Outcome(build.size_bytes or size_of(wanted.image), build.builder)
    if isinstance(wanted, BaseRequest):
        _await_image(bases.source_of(wanted), progress)
        return Outcome(bases.build(engine(), wanted, progress).size_bytes, "docker")
    _await_image(wanted.base_image, progress)
    builder = choose.chosen()
    progress.line(f"Built by {builder.name}.")
    built: Built = builder.build(wanted, progress)
    progress.say(100, f"done: {script.size(built.size_bytes)}", now=True)
    return Outcome(built.size_bytes, builder.name)


def size_of(image: str) -> int | None:
    """Of an image on the engine, in bytes. Raises `EngineError`."""
    found = engine().image(image)
    return found.size_bytes if found else None


def _pulled(wanted: AnyRequest, progress: Progress) -> bool:
    """A layer is in the registry only when its build went well: it need not be built again for an engine that lost it."""
    where = registry.current()
    if where is None:
        return False
    try:
        if where.find(*registry.split(wanted.image)) is None:
            return False
        progress.say(None, "pulling it from the registry, which has it", now=True)
        compose.pull(where, wanted.image)
    except (BuildError, EngineError) as error:
        progress.line(f"{error} So it is built.")
        return False
    return True


def _await_image(image: str, progress: Progress) -> None:
    """Have the image that the build starts from: our own base is waited for, any other is pulled."""
    if engine().has_image(image):
        return
    if image == base_builder.target().image:
        _await_own_base(progress)
        return
    row = Build.objects.filter(kind=Kind.BASE, image=image).first()
    while row is not None and row.state == BuildState.BUILDING:
        progress.say(None, "waiting for the base image's build")
        time.sleep(BASE_POLL_S)
        row = Build.objects.filter(kind=Kind.BASE, image=image).first()
    if row is not None and row.state in (BuildState.FAILED, BuildState.CANCELLED):
        raise BuildError(f"The base image could not be built: {row.reason}")
    if not engine().has_image(image):
        _pull(image, progress)


def _await_own_base(progress: Progress) -> None:
    base.forget()
    while (found := base.resolve()).state != "ready":
        if found.state == "failed":
            raise BuildError(f"The base image could not be built: {found.detail}")
        base.request()
        progress.say(None, f"waiting for the base image: {found.detail}")
        time.sleep(BASE_POLL_S)


def _pull(image: str, progress: Progress) -> None:
    progress.say(None, f"pulling {image}", now=True)
    try:
        for line in engine().pull_image(image):
            progress.line(line)
            progress.say(None, f"pulling {image}: {line}")
    except EngineError as error:
        raise script.no_base(image, str(error)) from error


def sweep() -> None:
    """Announce again what nobody builds: a killed builder's, or one that could not be announced."""
    late = timezone.now() - timedelta(seconds=QUEUE_S)
    waiting = Q(started_at__lt=late) | Q(started_at=None, created_at__lt=late)
    idle = Q(waiting, lease="") | Q(lease_until__lt=timezone.now())
    for build in Build.objects.filter(idle, state=BuildState.BUILDING).exclude(request={}):
        _announce_work(build.pk)


def clear() -> None:
    """Remove the workshops that no living builder is in. Raises `EngineError`."""
    for name in abandoned(engine().list_workshops()):
        engine().remove_workshop(name)


def abandoned(found: Iterable[str]) -> set[str]:
    """Those of the workshops `found` that no living builder is in; found before this asks, since a builder claims first."""
    alive = Build.objects.filter(state=BuildState.BUILDING, lease_until__gt=timezone.now())
    held = {workshop_name(build.digest) for build in alive}
    asking = lookup.under_way()
    left = {name for name in found if OF_A_SESSION not in name and not (asking and lookup.NAME in name)}
    return left - held
