"""Celery tasks: wake-ups that carry an id at most."""

from __future__ import annotations

from celery import shared_task

from sessions import files, lifecycle
from sessions import reconcile as reconciler
from sessions.sweep import needing_attention


@shared_task(name="sessions.tasks.reconcile")
def reconcile(session_id: str) -> None:
    """Step a session towards what is wanted of it."""
    wait = reconciler.reconcile(session_id)
    if wait is not None:
        lifecycle.wake(session_id, delay_s=wait)


@shared_task(name="sessions.tasks.sweep")
def sweep() -> None:
    """Find sessions that need a look, and have each looked at."""
    for session_id in needing_attention():
        lifecycle.wake(session_id)
    files.remove_leftovers()
