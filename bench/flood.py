"""A flood: 50 MB of text printed by a program, to viewers that all read, or of whom one has stopped reading."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.stream import Stream
from bench.usage import Meter, Used
from bench.viewer import Viewer

FLOOD_BYTES = 50_000_000
FILE = "/tmp/flood"  # in the container
LINE = "%08.0f the quick brown fox jumps over the lazy dog, and the terminal must keep up"
MAKE_FILE = f"seq -f '{LINE}' 1000000 | head -c {FLOOD_BYTES} >{FILE}"
COMPARED_BYTES = 32 * 1024
RECOVERY_S = 15


@dataclass(frozen=True, slots=True)
class Flood:
    """`share`: the least part of the flood that a viewer got, 0 to 1; `mb_per_s`: that part, by the time until the last viewer
    had the end. What was lost on the way does not count as speed."""

    mb_per_s: float
    share: float
    ended: bool  # every viewer saw the end
    used: Used | None


@dataclass(frozen=True, slots=True)
class Stall:
    """A flood with one stalled viewer; `flood` is of the others. `recovery_ms`: from reading again to the right screen."""

    flood: Flood
    recovered: bool
    recovery_ms: float


async def measure(viewers: Sequence[Stream], server_pid: int | None = None) -> Flood:
    """Print the flood's file (`MAKE_FILE` made it); the first viewer types the command."""
    mark = f"END{secrets.token_hex(4)}"
    await viewers[0].quiet()
    before = [viewer.received for viewer in viewers]
    meter = Meter(server_pid) if server_pid else None
    expected = [viewer.expect(mark.encode()) for viewer in viewers]
    command = f"cat {FILE}; echo {mark[0]}''{mark[1:]}\r".encode()
    began = time.perf_counter()
    await viewers[0].type(command)
    ends = await asyncio.gather(*(v.arrival(e) for v, e in zip(viewers, expected, strict=True)))
    used = meter.read() if meter else None
    await viewers[0].quiet()
    got = [viewer.received - start for viewer, start in zip(viewers, before, strict=True)]
    # line ends come as two bytes, so a whole flood is a little more than the file
    share = min(1.0, min(got) / (FLOOD_BYTES + FLOOD_BYTES // LINE_BYTES))
    rate = share * FLOOD_BYTES / 1e6 / (max(ends) - began) if share else 0.0
    return Flood(rate, share, all(e.done() for e in expected), used)


async def measure_stalled(viewers: Sequence[Viewer], server_pid: int) -> Stall:
    """The same with the last viewer stalled from before the flood until after it."""
    *others, sleeper = viewers
    await sleeper.quiet()
    sleeper.stall()
    flood = await measure(others, server_pid)
    model = others[0]
    began = time.perf_counter()
    sleeper.wake()
    recovered = True
    try:
        async with asyncio.timeout(RECOVERY_S):
            while sleeper.tail[-COMPARED_BYTES:] != model.tail[-COMPARED_BYTES:]:
                await sleeper.output()
    except TimeoutError:
        recovered = False
    return Stall(flood, recovered, (time.perf_counter() - began) * 1000)


LINE_BYTES = len(LINE % 0) + 1
