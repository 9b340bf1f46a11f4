"""How fast agents work: a command by the API, one in the visible terminal, the screen behind a flood, fifty agents at once.

Run: `.venv/bin/python bench/agents.py [--quick] [--seconds N] [--json]`. The engine's own exec and a bare attach to a twin
of the session are measured in turn with it: what is told is what comes on top of them.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import agent_load, target
from bench.bare import Attach, Engine
from bench.caller import Caller
from bench.figures import Figure, at_most, percentile, show
from sessions.work.typed import PASTE_BEGIN, PASTE_END
from tests.product import Product

EXEC_OVER_MS, RUN_OVER_MS, SCREEN_P95_MS, LOAD_P95_MS, CORES = 30.0, 50.0, 10.0, 300.0, 1.0
FLOOD = "head -c 7500000 /dev/urandom | base64"  # 10 MB
TRUE = PASTE_BEGIN + b"true" + PASTE_END + b"\r"
PROMPT = b"133;B"
NOTES = (
    "over: the median of ours less the median of the floor's, both measured in turn in the same run",
    "floor of exec: create, start, read to the end and inspect, by the engine's API; of run: a bare dtach attach to a twin",
    "the load: fifty agents, each with a token of its own, five to a terminal, one command a second each",
)
Json = dict[str, Any]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def wanted(answer: tuple[int, Any]) -> Any:
    status, said = answer
    if status != 200:
        raise RuntimeError(f"{status}: {said}")
    return said


def execs(engine: Engine, caller: Caller, card: Json, count: int) -> tuple[list[float], list[float]]:
    """The engine's, then ours, in turn."""
    container = card["session"]["container"]

    def bare() -> None:
        made = engine.api.exec_create(container, ["true"])["Id"]
        engine.api.exec_start(made)
        engine.api.exec_inspect(made)

    def ours() -> None:
        wanted(caller.call("POST", f"/cards/{card['id']}/exec", {"command": ["true"]}))

    bare(), ours()
    pairs = [(timed(bare), timed(ours)) for _ in range(count)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


async def runs(engine: Engine, caller: Caller, card: Json, count: int) -> tuple[list[float], list[float]]:
    """`true` typed into a bare shell until its next prompt, then `run true`, in turn."""

    def ours() -> None:
        wanted(caller.call("POST", f"/cards/{card['id']}/run", {"command": "true"}))

    bare_ms, ours_ms = [], []
    with engine.twin(card["session"]["container"]) as twin:
        attach = await Attach.open(engine, twin)
        await _prompts(attach)
        await asyncio.to_thread(ours)
        for _ in range(count):
            bare_ms.append(await _typed(attach) * 1000)
            ours_ms.append(await asyncio.to_thread(timed, ours))
        await attach.close()
    return bare_ms, ours_ms


async def _typed(attach: Attach) -> float:
    began = time.perf_counter()
    prompt = attach.expect(PROMPT)
    await attach.type(TRUE)
    return await asyncio.wait_for(prompt, 10) - began


async def _prompts(attach: Attach) -> None:
    """Until its shell answers."""
    for _ in range(50):
        prompt = attach.expect(PROMPT)
        await attach.type(b"\r")
        try:
            await asyncio.wait_for(prompt, 0.3)
        except TimeoutError:
            continue
        return
    raise RuntimeError("the twin's shell shows no prompt")


def screens(caller: Caller, card: Json, floods: int, reads: int) -> list[float]:
    """Of each read right after a flood; somebody was reading before it."""
    path, took = f"/cards/{card['id']}", []
    for _ in range(floods):
        wanted(caller.call("GET", f"{path}/screen"))
        wanted(caller.call("POST", f"{path}/run", {"command": FLOOD, "timeout_s": 60}))
        took += [timed(lambda: wanted(caller.call("GET", f"{path}/screen"))) for _ in range(reads)]
    return took


def over(name: str, bare: list[float], ours: list[float], limit: float) -> list[Figure]:
    floor, median = statistics.median(bare), statistics.median(ours)
    return [
        Figure(f"{name}, the floor, median", floor, "ms"),
        Figure(f"{name}, median", median, "ms"),
        at_most(f"{name}, over the floor", median - floor, "ms", limit),
    ]


def measure(product: Product, *, quick: bool, seconds: float) -> list[Figure]:
    engine, caller = Engine(), Caller(product.url, product.token)
    cards = [product.running_card(f"agents {n}") for n in range(agent_load.SESSIONS)]
    count = 8 if quick else 60
    figures = over("exec true", *execs(engine, caller, cards[0], count), EXEC_OVER_MS)
    figures += over("run true", *asyncio.run(runs(engine, caller, cards[0], count)), RUN_OVER_MS)
    took = screens(caller, cards[1], 1 if quick else 3, 40)
    figures.append(at_most("read_screen after 10 MB, p95", percentile(took, 95), "ms", SCREEN_P95_MS))
    load = agent_load.run(product, cards, seconds)
    for wrong in load.wrong[:5]:
        print(f"wrong: {wrong}", file=sys.stderr)
    figures += [
        Figure("50 agents, commands", len(load.seconds), ""),
        at_most("50 agents, lost or mixed", len(load.wrong), "", 0),
        Figure("50 agents, median", percentile(load.seconds, 50) * 1000, "ms"),
        at_most("50 agents, p95", percentile(load.seconds, 95) * 1000, "ms", LOAD_P95_MS),
        at_most("50 agents, web process", load.cores, "cores", CORES),
    ]
    for card in cards:
        product.api.delete(f"/cards/{card['id']}")
    return figures


def main() -> None:
    parser = target.parser((__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="for as long the fifty agents work")
    arguments = parser.parse_args()
    seconds = min(arguments.seconds, 5) if arguments.quick else arguments.seconds
    with target.product(arguments) as product:
        figures = measure(product, quick=arguments.quick, seconds=seconds)
    show("agents", figures, NOTES, arguments.json)


if __name__ == "__main__":
    main()
