"""Celery tasks: wake-ups that carry an id at most."""

from __future__ import annotations

import contextlib

from celery import shared_task

from engines.errors import EngineError, VibenvError
from layers import keep, provision
from layers.models import LayerVersion
from sessions import admission, agent_work, files, freezing, lifecycle, orphans, pool, refill, rounds, together
from sessions import reconcile as reconciler
from sessions.models import Snapshot
from sessions.recording import store as recordings
from sessions.sweep import needing_attention


@shared_task(name="sessions.tasks.reconcile")
def reconcile(session_id: str) -> None:
    """Step a session towards what is wanted of it."""
    wait = reconciler.reconcile(session_id)
    if wait is not None:
        lifecycle.wake(session_id, delay_s=wait)


@shared_task(name="sessions.tasks.change_layers")
def change_layers(session_ids: list[str]) -> None:
    """Change layers under many sessions at once; what is left is reconciled one by one."""
    for session_id in together.apply(session_ids):
        lifecycle.wake(session_id)


@shared_task(name="sessions.tasks.tell_line")
def tell_line() -> None:
    """Tell sessions that wait for a start their places in the line."""
    admission.tell()


@shared_task(name="sessions.tasks.fill_pool")
def fill_pool() -> None:
    """Make a container ahead, one at a time; nothing is owed to anybody, so what fails waits for the clock."""
    with contextlib.suppress(EngineError):
        if refill.fill():
            pool.soon()


@shared_task(name="sessions.tasks.provide")
def provide(build_id: int) -> None:
    """Have a layer on the engine before anybody wants it."""
    version = LayerVersion.objects.select_related("recipe", "build").filter(build=build_id).first()
    if version is not None:
        provision.provide([version])


@shared_task(name="sessions.tasks.keep_snapshot")
def keep_snapshot(snapshot_id: str) -> None:
    """Have a frozen snapshot in the registry, and read it back."""
    snapshot = Snapshot.objects.select_related("parent").filter(pk=snapshot_id, state=Snapshot.State.KEPT).first()
    if snapshot is not None:
        freezing.keep_again(snapshot)


@shared_task(name="sessions.tasks.drop_image")
def drop_image(image: str, digest: str) -> None:
    """Remove what is left of a snapshot. What fails now is found by the sweep of orphans."""
    with contextlib.suppress(VibenvError):
        keep.drop(image, digest)


@shared_task(name="sessions.tasks.sweep")
def sweep() -> None:
    """Find sessions that need a look, and have each looked at."""
    for session_id in needing_attention():
        lifecycle.wake(session_id)
    for snapshot_id in freezing.due():
        keep_snapshot.apply_async((snapshot_id,), expires=5)
    agent_work.look()
    files.remove_leftovers()


@shared_task(name="sessions.tasks.remove_orphans", ignore_result=True)
def remove_orphans() -> None:
    """Remove what a killed worker or engine left, and recordings whose time is over."""
    recordings.remove_old()
    recordings.remove_leftovers()
    with contextlib.suppress(EngineError):  # away: it is looked at when it is back
        orphans.sweep()


@shared_task(name="sessions.tasks.rounds")
def go_rounds() -> None:
    """Send to sleep who is idle, and see to whatever else happens to sessions by itself."""
    rounds.go()
