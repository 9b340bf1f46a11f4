"""Recordings as rows and files: `DATA_DIR/recordings/<session>/<recording>.cast`. Rows are written here alone.

A row without an end is being written, or was when its process died.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from sessions import history
from sessions.models import Recording, Session, SessionEvent
from sessions.recording import cast

log = logging.getLogger(__name__)

MOST: Final = 500  # of one session, however small
LEFTOVER_AGE_S: Final = 600  # what is new may be having its row made
EVENT: Final = "recording"


def root() -> Path:
    return Path(settings.DATA_DIR) / "recordings"


def path_of(recording: Recording) -> Path:
    return root() / recording.session_id / f"{recording.pk}.cast"


# being written ----------------------------------------------------------------------------------------------
def begin(session_id: str, terminal: int, *, with_input: bool) -> Recording | None:
    """A new one, told in the session's history; None for a session that is gone."""
    finish_abandoned(session_id, terminal)
    try:
        with transaction.atomic():
            made = Recording.objects.create(session_id=session_id, terminal=terminal, input=with_input)
            history.record(session_id, EVENT, actor="", recording=made.pk, terminal=terminal)
    except IntegrityError:
        return None
    keep_within_bounds(session_id)
    return made


def latest_to_go_on(session_id: str, terminal: int, shell: str, *, with_input: bool) -> Recording | None:
    """The latest of a terminal, where the same shell is still there and it ended in order, with room left."""
    latest = Recording.objects.filter(session=session_id, terminal=terminal).first()
    if latest is None or latest.ended_at is None or latest.cut or latest.input != with_input:
        return None
    header = cast.read_header(path_of(latest))
    return latest if header is not None and header.shell == shell else None


def note(recording: Recording, size_bytes: int, duration_s: float, *, ended: bool = False, cut: bool = False) -> None:
    """How far it is. One that was deleted meanwhile stays deleted."""
    recording.size_bytes, recording.duration_s = size_bytes, duration_s
    recording.ended_at = timezone.now() if ended else None
    recording.cut = recording.cut or cut
    rows = Recording.objects.filter(pk=recording.pk)
    rows.update(size_bytes=size_bytes, duration_s=duration_s, ended_at=recording.ended_at, cut=recording.cut)


def exists(recording: Recording) -> bool:
    return Recording.objects.filter(pk=recording.pk).exists()


def finish_abandoned(session_id: str, terminal: int) -> None:
    """End those that a killed process left without an end: only who holds the terminal calls this."""
    for left in Recording.objects.filter(session=session_id, terminal=terminal, ended_at=None):
        try:
            size, duration_s = cast.whole(path_of(left))
            ended = datetime.fromtimestamp(path_of(left).stat().st_mtime, UTC)
        except OSError:
            remove(left)
            continue
        Recording.objects.filter(pk=left.pk).update(size_bytes=size, duration_s=duration_s, ended_at=ended)


# bounds -----------------------------------------------------------------------------------------------------
def keep_within_bounds(session_id: str) -> None:
    """Remove a session's oldest, until the rest and a new one are as many bytes and files as it may have."""
    mine = Recording.objects.filter(session=session_id)
    room = settings.RECORDINGS_OF_CARD_BYTES - settings.RECORDING_BYTES
    total = mine.aggregate(sum=Sum("size_bytes"))["sum"] or 0
    count = mine.count()
    for oldest in mine.exclude(ended_at=None).order_by("started_at", "pk"):
        if total <= room and count <= MOST:
            return
        total, count = total - oldest.size_bytes, count - 1
        remove(oldest)


def remove_old() -> None:
    """Remove what ended longer ago than the settings keep it."""
    if settings.RECORDINGS_KEPT_S:
        limit = timezone.now() - timedelta(seconds=settings.RECORDINGS_KEPT_S)
        for old in Recording.objects.filter(ended_at__lt=limit)[:200]:
            remove(old)


def remove(recording: Recording) -> None:
    """With its file and its line in the history."""
    path = path_of(recording)
    SessionEvent.objects.filter(session=recording.session_id, kind=EVENT, detail__recording=recording.pk).delete()
    Recording.objects.filter(pk=recording.pk).delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


# cleaning up ------------------------------------------------------------------------------------------------
def remove_all(session_id: str) -> None:
    """The files of a session that is to be forgotten; none is fine."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(root() / session_id)


def remove_leftovers() -> None:
    """Files without a row: of sessions that are gone, or of a recording whose removal was cut short."""
    try:
        found = [entry for entry in os.scandir(root()) if entry.is_dir()]
    except FileNotFoundError:
        return
    known = set(Session.objects.filter(pk__in=[entry.name for entry in found]).values_list("pk", flat=True))
    for entry in found:
        if entry.name not in known and entry.stat().st_mtime < time.time() - LEFTOVER_AGE_S:
            log.warning("removing recordings of the session %s, which is gone", entry.name)
            remove_all(entry.name)
