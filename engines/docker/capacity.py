"""How much room an engine's host has, and what its containers take on the disk: asked rarely, whoever wants to know."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Generic, TypeVar

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import translated
from engines.docker.execs import Execs
from engines.errors import EngineError
from engines.protocol import Capacity

T = TypeVar("T")

MEMORY_AGE_S: Final = 1.0
HOST_AGE_S: Final = 60.0  # its cores and memory as a whole
SIZES_AGE_S: Final = 30.0  # the engine walks through the files of each container
READ_TIMEOUT_S: Final = 5.0
MEMINFO: Final = "/proc/meminfo"


class Kept(Generic[T]):
    """An answer that is asked for again once it is older than `age_s`, by one thread for all."""

    def __init__(self, age_s: float, ask: Callable[[], T]) -> None:
        self._age_s, self._ask = age_s, ask
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None

    def get(self) -> T:
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] > self._age_s:
                self._known = (time.monotonic(), self._ask())
            return self._known[1]


class Room:
    """`guard` is the name of a container that sees the memory of the engine's host; None where there is none."""

    def __init__(self, client: Client, installation: str, execs: Execs, guard: str | None) -> None:
        self._client = client
        self._installation = installation
        self._execs = execs
        self._guard = guard
        self._host = Kept(HOST_AGE_S, self._ask_host)
        self._free = Kept(MEMORY_AGE_S, self._ask_free)
        self._sizes = Kept(SIZES_AGE_S, self._ask_sizes)

    def capacity(self) -> Capacity:
        memory_bytes, cpus = self._host.get()
        return Capacity(memory_bytes, self._free.get(), cpus)

    def sizes(self) -> Mapping[str, int]:
        return self._sizes.get()

    def _ask_host(self) -> tuple[int, int]:
        with translated("say how large it is"):
            answer = self._client.api.info()
        return int(answer["MemTotal"]), int(answer["NCPU"])

    def _ask_free(self) -> int | None:
        """An engine behind a Unix socket may run in a virtual machine: then its memory is not ours."""
        if self._client.address.socket_path is not None:
            ours = meminfo(Path(MEMINFO).read_text())
            if ours.get("MemTotal") == self._host.get()[0]:
                return ours.get("MemAvailable")
        return self.free_by_guard()

    def free_by_guard(self) -> int | None:
        """As the guard sees it, which is where the engine is."""
        if self._guard is None:
            return None
        try:
            read = self._execs.run_in(self._guard, self._guard, ["cat", MEMINFO], READ_TIMEOUT_S)
        except EngineError:
            return None  # no guard yet: the first start makes it
        return meminfo(read.stdout.decode(errors="replace")).get("MemAvailable")

    def _ask_sizes(self) -> Mapping[str, int]:
        wanted = [f"{labels.INSTALLATION}={self._installation}", labels.SESSION]
        with translated("say how large containers are"):
            rows = self._client.api.containers(all=True, size=True, filters={"label": wanted})
        return {row["Names"][0].lstrip("/"): int(row.get("SizeRw") or 0) for row in rows if row.get("Names")}


def meminfo(text: str) -> dict[str, int]:
    """The text of `/proc/meminfo` in bytes. Pure."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        amount, _, unit = value.strip().partition(" ")
        if unit == "kB" and amount.isdigit():
            found[name] = int(amount) * 1024
    return found
