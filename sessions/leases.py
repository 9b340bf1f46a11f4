"""Claiming a session by compare-and-set, so that two workers never step the same one; a dead worker's claim runs out."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from sessions.models import Session

LEASE_S = 10


@contextmanager
def claim(session_id: str) -> Iterator[Session | None]:
    """The claimed session, or None when it is gone or somebody else holds it."""
    token = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until__lt=timezone.now())
    until = timezone.now() + timedelta(seconds=LEASE_S)
    taken = Session.objects.filter(free, pk=session_id).update(lease=token, lease_until=until)
    if not taken:
        yield None
        return
    try:
        yield Session.objects.get(pk=session_id)
    finally:
        Session.objects.filter(pk=session_id, lease=token).update(lease="", lease_until=None)


def renew(session: Session) -> bool:
    """Hold the claim for another `LEASE_S`; False when it was lost."""
    until = timezone.now() + timedelta(seconds=LEASE_S)
    return bool(Session.objects.filter(pk=session.pk, lease=session.lease).update(lease_until=until))


@contextmanager
def kept(*sessions: Session) -> Iterator[None]:
    """Hold the claims for as long as a block takes. Nobody is asked before it has taken a while."""
    done = threading.Event()

    def hold() -> None:
        try:
            while not done.wait(LEASE_S / 3):
                for session in sessions:
                    renew(session)
        finally:
            connection.close()

    holder = threading.Thread(target=hold, name="lease", daemon=True)
    holder.start()
    try:
        yield
    finally:
        done.set()
        holder.join()
