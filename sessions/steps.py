"""The steps of a start: what people watch while they wait, and what the start-time histogram measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from prometheus_client import Histogram

from sessions.models import Session, SessionStep
from sessions.transitions import announce

LABELS = {
    "queued": "Waiting to start",
    "environment": "Preparing the environment",
    "container": "Making the container and its network",
    "start": "Starting the shell",
}

STEP_SECONDS = Histogram(
    "vibenv_session_start_step_seconds",
    "Time each step of a session's start took",
    ["step"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


def begin(session: Session, name: str, detail: str = "") -> None:
    """Open a step, or tell what an open one is at."""
    step, made = SessionStep.objects.get_or_create(
        session=session, name=name, defaults={"detail": detail, "started_at": timezone.now()}
    )
    if not made and (step.detail != detail or step.finished_at is not None):
        made = bool(SessionStep.objects.filter(pk=step.pk).update(detail=detail, finished_at=None))
    if made:
        announce(session.pk)


def finish(session: Session, name: str) -> None:
    """Close a step and record how long it took."""
    step = SessionStep.objects.filter(session=session, name=name, finished_at=None).first()
    if step is None:
        return
    step.finished_at, step.detail = timezone.now(), ""
    step.save(update_fields=["finished_at", "detail"])
    STEP_SECONDS.labels(step=name).observe((step.finished_at - step.started_at).total_seconds())
    announce(session.pk)


@contextmanager
def step(session: Session, name: str) -> Iterator[None]:
    """A step around a block; a block that raises leaves it open, so that a failure shows where it happened."""
    begin(session, name)
    yield
    finish(session, name)
