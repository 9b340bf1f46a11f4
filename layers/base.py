"""The base image as others see it: is it there, and if not, what is being done about it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from django.db import Error as DatabaseError

from engines.current import engine
from engines.errors import EngineError
from layers import builder, records
from layers.models import Build, BuildState

logger = logging.getLogger(__name__)

TRUST_S: Final = 5.0  # the engine is asked again after so long whether it has the image
REQUEST_EVERY_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class BaseState:
    """`detail` is for people: how far a build is, why it failed. `progress` is 0 to 100, or None where nobody can tell."""

    state: Literal["ready", "building", "failed", "missing"]
    image: str
    detail: str
    log_path: Path
    progress: int | None = None


class _Known:
    """What this process learned lately, so that asking is cheap."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.image = ""
        self.present = False
        self.asked_at = 0.0
        self.requested_at = 0.0


_known = _Known()


def resolve() -> BaseState:
    """Where the base image stands. Costs a query, and a question to the engine every few seconds; never raises."""
    wanted = builder.target()
    version = _version(wanted.digest)
    try:
        if version is not None and records.is_being_built(version):
            return _state("building", wanted, _building(version), version.progress)
        if _present(wanted.image):
            return _state("ready", wanted, "")
    except EngineError as error:
        if version is not None and version.state == BuildState.READY:
            return _state("ready", wanted, "")  # it was; whoever needs the engine now meets its error
        return _state("missing", wanted, str(error))
    if version is not None and version.state == BuildState.FAILED:
        return _state("failed", wanted, version.reason)
    return _state("missing", wanted, "Waiting for the base image's build to begin.")


def _version(digest: str) -> Build | None:
    try:
        return records.find(digest)
    except DatabaseError:  # away, or not set up yet: the engine still knows what it has
        return None


def _state(
    state: Literal["ready", "building", "failed", "missing"],
    wanted: builder.Target,
    detail: str,
    progress: int | None = None,
) -> BaseState:
    return BaseState(state, wanted.image, detail, builder.log_path(), progress)


def _building(version: Build) -> str:
    percent = "" if version.progress is None else f" {version.progress} %"
    return f"Building the base image:{percent} {version.progress_text}".strip().rstrip(":")


def _present(image: str) -> bool:
    if _known.image == image and _known.present and time.monotonic() - _known.asked_at < TRUST_S:
        return True
    present = engine().has_image(image)
    with _known.lock:
        _known.image, _known.present, _known.asked_at = image, present, time.monotonic()
    return present


def forget() -> None:
    """Ask the engine anew at the next `resolve`."""
    with _known.lock:
        _known.image, _known.present, _known.requested_at = "", False, 0.0


def request() -> None:
    """Have the base image built if it is neither there, nor being built, nor failed. Never raises; asking again is free."""
    if resolve().state == "missing":
        _enqueue()


def retry() -> None:
    """Have a failed build tried again; like `request` otherwise."""
    if resolve().state in ("missing", "failed"):
        with _known.lock:
            _known.requested_at = 0.0
        records.reopen(builder.target().digest)
        _enqueue()


def _enqueue() -> None:
    from layers.tasks import build_base  # noqa: PLC0415  (tasks import the builder, which needs models)

    with _known.lock:
        if time.monotonic() - _known.requested_at < REQUEST_EVERY_S:
            return
        _known.requested_at = time.monotonic()
    try:
        build_base.apply_async(ignore_result=True)
    except Exception as error:  # the broker is away: whoever waits asks again
        logger.warning("the base image's build could not be announced: %s", error)


def is_claimed() -> bool:
    """Whether a builder holds the build, be it alive or killed less than a lease ago. False when nobody can tell."""
    return records.is_being_built(_version(builder.target().digest))
