"""A joiner: how long until somebody who opens a terminal that others watch sees its whole screen."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Join:
    """Milliseconds: opening the socket (TCP, upgrade, login), and from `hello` to the complete screen."""

    connect_ms: float
    screen_ms: float


async def measure(url: str, token: str, times: int) -> list[Join]:
    """Join and leave `times` times."""
    return [await _once(url, token) for _ in range(times)]


async def _once(url: str, token: str) -> Join:
    joiner = Viewer()
    began = time.perf_counter()
    await joiner.connect(url, token)
    connected = time.perf_counter()
    await joiner.hello()
    shown = time.perf_counter()
    await joiner.close()
    return Join((connected - began) * 1000, (shown - connected) * 1000)
