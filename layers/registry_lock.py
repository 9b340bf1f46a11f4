"""The registry's blobs are collected only while nobody makes an image of them."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from django.conf import settings

from engines.errors import PolicyRejected

PATIENCE_S: Final = 10
LOOK_EVERY_S: Final = 0.1


@contextlib.contextmanager
def making() -> Iterator[None]:
    """Many may; each waits while blobs are collected."""
    with _file() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def collecting() -> Iterator[None]:
    """Alone. Raises `PolicyRejected` when others make images for too long: a build can take half an hour."""
    deadline = time.monotonic() + PATIENCE_S
    with _file() as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise PolicyRejected(
                        "Layers are being made just now, so the registry keeps its blobs. Collect again later."
                    ) from None
            time.sleep(LOOK_EVERY_S)
        yield


def _file() -> IO[str]:
    return (Path(settings.DATA_DIR) / "registry.lock").open("a")
