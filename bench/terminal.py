"""How fast a terminal is: echo, flood, joining, a stalled viewer; beside a bare attach to a container like it.

Run: `.venv/bin/python bench/terminal.py [--quick] [--json]`. Everything is measured in one run, the product and the floor
in turn, several rounds; medians are taken, since a machine does other things as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import echo, flood, join, target, usage
from bench.bare import Attach, Engine
from bench.figures import show
from bench.terminal_figures import NOTES, Results, figures
from bench.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int = 5
    keys: int = 200
    joins: int = 40


@dataclass
class Bench:
    """Where to measure, how often, and what was found."""

    plan: Plan
    url: str
    token: str
    server_pid: int
    engine: Engine
    twin: str
    results: Results = field(default_factory=Results)

    @contextlib.asynccontextmanager
    async def viewers(self, count: int) -> AsyncIterator[list[Viewer]]:
        opened = [await Viewer.open(self.url, self.token) for _ in range(count)]
        try:
            yield opened
        finally:
            await asyncio.gather(*(viewer.close() for viewer in opened))

    @contextlib.asynccontextmanager
    async def attaches(self, count: int) -> AsyncIterator[list[Attach]]:
        opened = [await Attach.open(self.engine, self.twin) for _ in range(count)]
        try:
            await opened[0].run("true", "READY")
            yield opened
        finally:
            await asyncio.gather(*(attach.close() for attach in opened))

    async def echoes(self, count: int) -> None:
        async with self.attaches(count) as attaches:
            self.results.floor_echo[count].append(await echo.measure(attaches, self.plan.keys))
        async with self.viewers(count) as viewers:
            self.results.echo[count].append(await echo.measure(viewers, self.plan.keys))

    async def floods(self, count: int) -> None:
        async with self.attaches(count) as attaches:
            self.results.floor_flood[count].append(await flood.measure(attaches))
        async with self.viewers(count) as viewers:
            self.results.flood[count].append(await flood.measure(viewers, self.server_pid))

    async def stalls(self) -> None:
        """Three viewers: all reading, then with the third stalled."""
        async with self.viewers(3) as viewers:
            self.results.unstalled.append(await flood.measure(viewers, self.server_pid))
        async with self.viewers(3) as viewers:
            self.results.stalled.append(await flood.measure_stalled(viewers, self.server_pid))

    async def joins(self) -> None:
        async with self.viewers(3):
            self.results.joins.append(await join.measure(self.url, self.token, self.plan.joins))

    async def run(self) -> Results:
        async with self.viewers(1) as viewers:
            await viewers[0].run("true", "READY")
        for number in range(self.plan.rounds):
            print(f"round {number + 1} of {self.plan.rounds}", file=sys.stderr, flush=True)
            for count in (1, 20):
                await self.echoes(count)
            for count in (1, 5):
                await self.floods(count)
            await self.stalls()
            await self.joins()
        return self.results


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    plan = Plan(rounds=1, keys=60, joins=10) if arguments.quick else Plan()
    engine = Engine()
    with target.product(arguments) as product, target.card(product, "bench") as card:
        session = card["session"]
        assert isinstance(session, dict)
        url = f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal"
        with engine.twin(str(session["container"])) as twin:
            for container in (str(session["container"]), twin):
                engine.sh(container, flood.MAKE_FILE)
            bench = Bench(plan, url, product.token, usage.listening(product.port), engine, twin)
            results = asyncio.run(bench.run())
    show("terminal", figures(results), NOTES, arguments.json)


if __name__ == "__main__":
    main()
