"""How a build tells what it does: every line to a log file at once, and a percentage at most once a second."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from django.db import Error as DatabaseError

from engines.errors import BuildCancelled, BuildError
from layers import records
from layers.models import Build

logger = logging.getLogger(__name__)

REPORT_EVERY_S: Final = 1.0
LOG_BYTES: Final = 32 * 1024**2


class Progress:
    """Of one build. Ends it with a `BuildError` when the claim was `lost` to another builder, or it was `cancelled`."""

    def __init__(
        self, version: Build, log_path: Path, lost: threading.Event, cancelled: threading.Event | None = None
    ) -> None:
        self._lost = lost
        self._cancelled = cancelled or threading.Event()
        self._version = version
        self._reported_at = 0.0
        self._left = LOG_BYTES
        log_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._log = log_path.open("w", buffering=1, errors="replace")

    def line(self, text: str) -> None:
        self.check()
        if self._left <= 0:
            return
        self._left -= len(text) + 1
        if self._left <= 0:
            text = f"(the log is full: more than {LOG_BYTES // 1024**2} MB; what follows is left out)"
        self._log.write(text.rstrip("\n") + "\n")

    def say(self, percent: int | None, text: str, *, now: bool = False) -> None:
        """Tell people; `now` is for the begin of a new phase, which is never left out."""
        self.check()
        if now:
            self.line(f"== {text}")
        if now or time.monotonic() - self._reported_at >= REPORT_EVERY_S:
            self._reported_at = time.monotonic()
            try:
                records.report(self._version, percent, text)
            except DatabaseError as error:  # away for a moment: that ends no build
                logger.warning("the progress of a build could not be told: %s", error)

    def check(self) -> None:
        """Raise when the build is no longer wanted here. Costs nothing; what prints nothing asks it every second."""
        if self._lost.is_set():
            raise BuildError("Another builder took over.")
        if self._cancelled.is_set():
            raise BuildCancelled("It was cancelled.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._log.write(f"{'cancelled' if isinstance(error, BuildCancelled) else f'failed: {error}'}\n")
        self._log.close()
