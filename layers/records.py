"""The rows of layer versions: claiming a build, keeping the claim, saying how far it is, and how it ended.

A claim is a lease taken by compare-and-set. It runs out by itself, so a builder that was killed holds nobody up.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from layers.models import Build, BuildState, Kind
from layers.signals import base_changed

LEASE_S: Final = 15


def find(digest: str) -> Build | None:
    return Build.objects.filter(kind=Kind.BASE, digest=digest).first()


def is_being_built(version: Build | None) -> bool:
    """Whether a builder that is alive holds it."""
    return bool(
        version
        and version.state == BuildState.BUILDING
        and version.lease_until is not None
        and version.lease_until > timezone.now()
    )


def claim(digest: str, image: str) -> Build | None:
    """Begin a build: the row, with a lease of `LEASE_S` seconds, or None while another builder holds it."""
    _ensure_row(digest, image)
    token = secrets.token_hex(16)
    now = timezone.now()
    free = Q(lease="") | Q(lease_until__lt=now)
    taken = Build.objects.filter(free, kind=Kind.BASE, digest=digest).update(
        state=BuildState.BUILDING,
        image=image,
        reason="",
        progress=0,
        progress_text="",
        started_at=now,
        finished_at=None,
        lease=token,
        lease_until=now + timedelta(seconds=LEASE_S),
    )
    if not taken:
        return None
    announce()
    return Build.objects.get(kind=Kind.BASE, digest=digest)


def _ensure_row(digest: str, image: str) -> None:
    Build.objects.get_or_create(kind=Kind.BASE, digest=digest, defaults={"image": image})


def renew(version: Build) -> bool:
    """Hold the claim for another `LEASE_S` seconds; False when it was lost to another builder."""
    return _update(version, lease_until=timezone.now() + timedelta(seconds=LEASE_S))


def report(version: Build, percent: int | None, text: str) -> None:
    if _update(version, progress=percent, progress_text=text[:200]):
        announce()


def finish(version: Build, size_bytes: int | None = None) -> None:
    _end(version, state=BuildState.READY, progress=100, reason="", size_bytes=size_bytes)


def fail(version: Build, reason: str) -> None:
    _end(version, state=BuildState.FAILED, reason=reason)


def reopen(digest: str) -> None:
    """A failure no longer counts: somebody wants another try, and should not be told of the old one meanwhile."""
    failed = Build.objects.filter(kind=Kind.BASE, digest=digest, state=BuildState.FAILED)
    failed.update(state=BuildState.BUILDING, reason="")


def _end(version: Build, **fields: Any) -> None:
    if _update(version, finished_at=timezone.now(), progress_text="", lease="", lease_until=None, **fields):
        announce()


def _update(version: Build, **fields: Any) -> bool:
    return bool(Build.objects.filter(pk=version.pk, lease=version.lease).update(**fields))


def announce() -> None:
    """A receiver that fails must not fail the build."""
    transaction.on_commit(lambda: base_changed.send_robust(sender=Build))
