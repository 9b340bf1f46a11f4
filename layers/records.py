"""The rows of builds: claiming one, keeping the claim, saying how far it is, and how it ended.

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
from layers.signals import base_changed, build_changed

LEASE_S: Final = 15


def find(digest: str, kind: Kind = Kind.BASE) -> Build | None:
    return Build.objects.filter(kind=kind, digest=digest).first()


def is_being_built(version: Build | None) -> bool:
    """Whether a builder that is alive holds it."""
    return bool(
        version
        and version.state == BuildState.BUILDING
        and version.lease_until is not None
        and version.lease_until > timezone.now()
    )


def claim(digest: str, image: str, kind: Kind = Kind.BASE) -> Build | None:
    """Begin a build: the row, with a lease of `LEASE_S` seconds, or None while another builder holds it."""
    row, _ = Build.objects.get_or_create(kind=kind, digest=digest, defaults={"image": image})
    return _take(row, Q(), image=image)


def claim_queued(build_id: int) -> Build | None:
    """Begin a build that was asked for. None too where it has ended meanwhile, or was cancelled before it began."""
    row = Build.objects.filter(pk=build_id).first()
    return _take(row, Q(state=BuildState.BUILDING, cancel_asked=False)) if row else None


def _take(row: Build, also: Q, **fields: Any) -> Build | None:
    token = secrets.token_hex(16)
    now = timezone.now()
    free = Q(lease="") | Q(lease_until__lt=now)
    taken = Build.objects.filter(free, also, pk=row.pk).update(
        state=BuildState.BUILDING,
        reason="",
        progress=0,
        progress_text="",
        cancel_asked=False,
        started_at=now,
        finished_at=None,
        lease=token,
        lease_until=now + timedelta(seconds=LEASE_S),
        **fields,
    )
    if not taken:
        return None
    announce(row)
    return Build.objects.get(pk=row.pk)


def renew(version: Build) -> bool:
    """Hold the claim for another `LEASE_S` seconds; False when it was lost to another builder."""
    return _update(version, lease_until=timezone.now() + timedelta(seconds=LEASE_S))


def is_cancelled(version: Build) -> bool:
    return Build.objects.filter(pk=version.pk, lease=version.lease, cancel_asked=True).exists()


def report(version: Build, percent: int | None, text: str) -> None:
    if _update(version, progress=percent, progress_text=text[:200]):
        announce(version)


def finish(version: Build, size_bytes: int | None = None, builder: str = "") -> None:
    _end(version, state=BuildState.READY, progress=100, reason="", size_bytes=size_bytes, builder=builder)


def adopt(version: Build, size_bytes: int | None) -> Build:
    """What the engine has although nobody here built it."""
    ready = {"state": BuildState.READY, "finished_at": timezone.now(), "size_bytes": size_bytes, "reason": ""}
    if Build.objects.filter(pk=version.pk, lease="").update(**ready):
        announce(version)
    return Build.objects.get(pk=version.pk)


def fail(version: Build, reason: str) -> None:
    _end(version, state=BuildState.FAILED, reason=reason)


def cancelled(version: Build) -> None:
    _end(version, state=BuildState.CANCELLED, reason="It was cancelled.")


def reopen(digest: str) -> None:
    """A failure no longer counts: somebody wants another try, and should not be told of the old one meanwhile."""
    failed = Build.objects.filter(kind=Kind.BASE, digest=digest, state=BuildState.FAILED)
    failed.update(state=BuildState.BUILDING, reason="")


def _end(version: Build, **fields: Any) -> None:
    ended = {"finished_at": timezone.now(), "progress_text": "", "lease": "", "lease_until": None}
    if _update(version, cancel_asked=False, **ended, **fields):
        announce(version)


def _update(version: Build, **fields: Any) -> bool:
    return bool(Build.objects.filter(pk=version.pk, lease=version.lease).update(**fields))


def announce(version: Build) -> None:
    """A receiver that fails must not fail the build."""
    kind, build_id = version.kind, version.pk

    def tell() -> None:
        if kind == Kind.BASE:
            base_changed.send_robust(sender=Build)
        build_changed.send_robust(sender=Build, build_id=build_id)

    transaction.on_commit(tell)
