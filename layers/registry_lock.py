"""The registry's blobs are collected only while nobody makes an image of them."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings


@contextlib.contextmanager
def making() -> Iterator[None]:
    """Many may; each waits while blobs are collected."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def collecting() -> Iterator[None]:
    """Alone; waits for those who make images."""
    with _locked(fcntl.LOCK_EX):
        yield


@contextlib.contextmanager
def _locked(how: int) -> Iterator[None]:
    with (Path(settings.DATA_DIR) / "registry.lock").open("a") as file:
        fcntl.flock(file, how)
        yield
