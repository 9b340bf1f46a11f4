"""One attempt at a build: the claim kept while it lasts, its log, and its end written to the row, whatever it is."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from engines.errors import BuildCancelled, VibenvError
from layers import records
from layers.models import Build
from layers.progress import Progress

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0
RENEW_EVERY: Final = 4  # looks


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build that went well tells of itself."""

    size_bytes: int | None = None
    builder: str = ""


def attempt(version: Build, log_path: Path, work: Callable[[Progress], Outcome]) -> None:
    """Do the work of a build that was claimed. Never raises: a failure is written to its row, for people."""
    with _held(version) as claim:
        try:
            with Progress(version, log_path, claim.lost, claim.cancelled) as progress:
                outcome = work(progress)
        except BuildCancelled:
            records.cancelled(version)
        except VibenvError as error:
            records.fail(version, str(error))
        except OSError as error:
            records.fail(version, _system_failure(error))
        except Exception as error:
            records.fail(version, f"The build met a fault of ours: {error!r}. Retry; the log says more.")
            logger.exception("building %s", version)
        else:
            records.finish(version, outcome.size_bytes, outcome.builder)


def _system_failure(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk of {settings.DATA_DIR} is full. Free 1 GB, then retry."
    return f"The build failed: {error}. Mend that, then retry."


@dataclass(frozen=True, slots=True)
class _Claim:
    lost: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def _held(version: Build) -> Iterator[_Claim]:
    """Keep the claim while the body runs, and see when it is lost or nobody wants it any more."""
    claim = _Claim()
    keeper = threading.Thread(target=_keep, args=(version, claim), name="build-lease", daemon=True)
    keeper.start()
    try:
        yield claim
    finally:
        claim.done.set()
        keeper.join()


def _keep(version: Build, claim: _Claim) -> None:
    looks = 0
    try:
        while not claim.done.wait(LOOK_EVERY_S):
            looks += 1
            try:
                if records.is_cancelled(version):
                    claim.cancelled.set()
                if looks % RENEW_EVERY == 0 and not records.renew(version):
                    claim.lost.set()
                    return
            except DatabaseError:  # away for a moment: the lease outlives some tries
                logger.exception("renewing the claim on a build")
    finally:
        connection.close()
