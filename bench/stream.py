"""A terminal's output as it arrives at one place, whatever carries it: counted, timed, and searched for marks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod

TAIL_BYTES = 64 * 1024
OVERLAP_BYTES = 64  # a mark that is cut by two arrivals is still found
LOST_AFTER_S = 1.5  # silence after which a mark that has not come is taken for lost


class Stream(ABC):
    """Base of both kinds of viewer. Times are `time.perf_counter()` seconds, taken when bytes arrive."""

    def __init__(self) -> None:
        self.position = 0  # number of the next byte
        self.received = 0  # bytes that really came; less than `position` where some were skipped
        self.tail = bytearray()
        self.last_at = 0.0
        self._mark = b""
        self._found: asyncio.Future[float] | None = None
        self._due: list[tuple[int, asyncio.Future[float]]] = []
        self._arrival = asyncio.Event()

    @abstractmethod
    async def type(self, data: bytes) -> None:
        """Send input."""

    @abstractmethod
    async def close(self) -> None:
        """Hang up."""

    def show(self, data: bytes) -> None:
        """Something to see arrived, live or not."""
        self.last_at = time.perf_counter()
        self.tail += data
        if self._found is not None and self._mark in self.tail[-len(data) - OVERLAP_BYTES :]:
            _settle(self._found, self.last_at)
            self._found = None
        if len(self.tail) > 4 * TAIL_BYTES:
            del self.tail[:-TAIL_BYTES]
        self._arrival.set()

    def feed(self, data: bytes) -> None:
        """Live output arrived."""
        self.show(data)
        self.position += len(data)
        self.received += len(data)
        while self._due and self._due[0][0] <= self.position:
            _settle(self._due.pop(0)[1], self.last_at)

    def reached(self, position: int) -> asyncio.Future[float]:
        """Resolves to when the byte before `position` came. Ask in rising order."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._due.append((position, future))
        return future

    def expect(self, mark: bytes) -> asyncio.Future[float]:
        """Resolves to when `mark` came, counted from now on."""
        self._mark, self._found = mark, asyncio.get_running_loop().create_future()
        return self._found

    async def arrival(self, expected: asyncio.Future[float]) -> float:
        """When the expected mark came, or the last output before a silence in which it did not."""
        while True:
            done, _ = await asyncio.wait([expected], timeout=LOST_AFTER_S)
            if done:
                return expected.result()
            if time.perf_counter() - self.last_at > LOST_AFTER_S:
                return self.last_at

    async def output(self) -> None:
        """Wait for more."""
        self._arrival.clear()
        await self._arrival.wait()

    async def quiet(self, for_s: float = 0.15) -> None:
        """Wait until nothing has come for a while."""
        while time.perf_counter() < self.last_at + for_s:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.output(), for_s)

    async def run(self, command: str, mark: str) -> None:
        """Type a shell command and wait until it has ended. `mark` must not occur in the output otherwise."""
        ended = self.expect(mark.encode() + b"\r\n")
        await self.type(f"{command}; echo {mark[0]}''{mark[1:]}\r".encode())
        await asyncio.wait_for(ended, 60)
        await self.quiet()


def _settle(future: asyncio.Future[float], at: float) -> None:
    if not future.done():
        future.set_result(at)
