"""What breaks: a process, by its id, or the file system. What a machine would start again, as its engine, is started again."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import psutil

from bench.chaos_world import World

PARTS: Final = ("web", "worker", "beat", "redis", "registry")
DOWN_S: Final = (0.2, 3.0)  # how long the engine stays away
FULL_S: Final = (1.0, 4.0)  # how long the file system is full


class Faults:
    def __init__(self, world: World, seed: int, filling: bool) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.filling = filling
        self.kinds: list[Callable[[], str]] = []
        self.told: list[str] = []

    def one(self) -> str:
        """Break something; says what it was. The machine is whole again when this returns: what follows is the product's."""
        if not self.kinds:
            self.kinds = [*(partial(self.part, name) for name in PARTS), self.engine, self.engine, self.container]
            self.kinds += [self.builder, self.two, *([self.full] if self.filling else [])]
            self.random.shuffle(self.kinds)
        self.told.append(self.kinds.pop()())
        return self.told[-1]

    def part(self, name: str) -> str:
        victim = self.world.process(name)
        if victim is None:
            return f"{name} was down already"
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
        return f"{name} killed"

    def two(self) -> str:
        return " and ".join(self.part(name) for name in self.random.sample(PARTS, 2))

    def engine(self) -> str:
        away = self.random.uniform(*DOWN_S)
        self.world.kill_engine()
        time.sleep(away)  # it is away so long
        self.world.start_engine()
        return f"engine killed, away for {away:.1f} s"

    def container(self) -> str:
        """The first process of a session."""
        return self._first_process("vibenv.session", "container")

    def builder(self) -> str:
        """The first process of a workshop, where something is being built."""
        return self._first_process("vibenv.workshop=open", "builder")

    def _first_process(self, label: str, what: str) -> str:
        listed = subprocess.run(
            ["docker", "ps", "-q", "--filter", f"label={label}"], text=True, capture_output=True, check=False
        )
        found = listed.stdout.split()
        if not found:
            return f"no {what} ran"
        chosen = self.random.choice(found)
        asked = subprocess.run(
            ["docker", "inspect", "-f", "{{.State.Pid}}", chosen], text=True, capture_output=True, check=False
        )
        pid = asked.stdout.strip()
        if not pid.isdigit() or pid == "0":
            return f"the {what} had ended"
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(int(pid)).kill()
        return f"{what} killed"

    def full(self) -> str:
        for_s = self.random.uniform(*FULL_S)
        taken = self.world.fill()
        try:
            time.sleep(for_s)  # it is full so long
        finally:
            taken.unlink()
        return f"file system full for {for_s:.1f} s"
