"""Keystroke echo: from a key's departure to its echo's arrival, where it was typed and everywhere else."""

from __future__ import annotations

import asyncio
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.stream import Stream

PACE_S = 0.02
ECHO_TIMEOUT_S = 5
WARM_UP_KEYS = 10


@dataclass(frozen=True, slots=True)
class Echo:
    """Milliseconds of each key: at the viewer that typed, and at all of them."""

    typist: list[float]
    everybody: list[float]


async def measure(viewers: Sequence[Stream], keys: int) -> Echo:
    """Type `keys` keys, evenly paced, into a program that gives each back at once.

    The one in the middle types: those that joined earlier are served before it, those that joined later after it.
    """
    typist = viewers[len(viewers) // 2]
    await typist.run("stty -icanon -echo", "RAWMODE")
    await typist.type(b"cat\r")
    await typist.quiet()
    letters = string.ascii_letters.encode()
    echo = Echo([], [])
    for number in range(keys + WARM_UP_KEYS):
        began = time.perf_counter()
        times = await _one_key(viewers, typist, letters[number % len(letters)])
        if number >= WARM_UP_KEYS:
            echo.typist.append(times[len(viewers) // 2])
            echo.everybody.extend(times)
        await asyncio.sleep(max(0.0, began + PACE_S - time.perf_counter()))
    await typist.type(b"\x03")
    await asyncio.wait_for(typist.output(), ECHO_TIMEOUT_S)  # the prompt: what is typed before it is thrown away
    await typist.quiet()
    await typist.run("stty sane", "SANEMODE")
    return echo


async def _one_key(viewers: Sequence[Stream], typist: Stream, key: int) -> list[float]:
    echoes = [viewer.reached(viewer.position + 1) for viewer in viewers]
    departed = time.perf_counter()
    await typist.type(bytes([key]))
    arrived = await asyncio.wait_for(asyncio.gather(*echoes), ECHO_TIMEOUT_S)
    return [(at - departed) * 1000 for at in arrived]
