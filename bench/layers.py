"""Layers: composing against rebuilding, a launch with a large toolchain, live updates of many sessions, what swaps leave.

Run: `.venv/bin/python bench/layers.py [--quick] [--json]`. A product of its own, with a registry of its own, builds what is
measured: up to 4 GB on the engine. All of it is removed at the end, also after Ctrl-C.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import layer_compose, layer_leftovers, target
from bench.bare import Engine
from bench.figures import Figure, at_least, at_most, show
from bench.layer_board import LayerBoard, big
from bench.layer_compose import Composed
from bench.layer_reader import reading
from tests.product import Product

MEGABYTE = 1024 * 1024
PARTS = ("compose", "launches", "updates")
NOTES = (
    "compose: the registry gets the stack's manifest, by the product's code in the bench's process; its blobs are there",
    "rebuild: `docker build --no-cache` of the same project's set-up on the same new base, which is built already",
    "pull: the engine fetches that image; it unpacks the project again for each base, so this grows with the project",
    "launch: from the wish to the running container, by the server's clock; with and without in turn",
    "update: from `POST /boards/<id>/layers/update` to the last session that runs it; its volume is made when it is built",
    "reads: a loop in a quarter of the sessions, as fast as it can, of two files and a program, each looked up anew",
    "left: after minus before; everybody's: of the whole machine, whatever else ran on it meanwhile",
)


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int = 3
    directories: int = 200  # of 100 files each
    launches: int = 15
    launch_mb: int = 1024
    sessions: int = 20
    update_mb: int = 500
    swaps: int = 100


QUICK = Plan(rounds=1, directories=20, launches=2, launch_mb=64, sessions=3, update_mb=32, swaps=5)


class Bench:
    def __init__(self, product: Product, engine: Engine, tag: str, plan: Plan) -> None:
        self.product, self.engine, self.tag, self.plan = product, engine, tag, plan
        self.figures: list[Figure] = []

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def board(self) -> LayerBoard:
        return LayerBoard(self.product, self.tag)

    def compose(self) -> None:
        self.say(f"a project of {self.plan.directories * 100} files on {self.plan.rounds} bases")
        found = layer_compose.measure(self.board(), self.plan.rounds, self.plan.directories)
        self.figures += _composed(found)

    def launches(self) -> None:
        self.say(f"{self.plan.launches} launches with {self.plan.launch_mb} MB, as many without")
        without, big_one = self.board(), self.board()
        large = big_one.recipe("toolchain", "large", big(self.plan.launch_mb, "large"))
        unchanged = big_one.unchanged_builds_s(large, 20)
        self.figures.append(at_most("unchanged build, median", statistics.median(unchanged), "s", 0.1))
        big_one.stack(large)
        first = big_one.launch_s()
        without.launch_s()
        pairs = [(without.launch_s(), big_one.launch_s()) for _ in range(self.plan.launches)]
        bare, loaded = (statistics.median(times) for times in zip(*pairs, strict=True))
        size = f"{self.plan.launch_mb} MB"
        self.figures += [
            Figure(f"first launch with {size}", first, "s"),
            Figure("launch without it, median", bare, "s"),
            Figure(f"launch with {size}, median", loaded, "s"),
            at_most(f"what {size} add to a launch", (loaded - bare) * 1000, "ms", 50),
        ]

    def updates(self) -> None:
        board, count = self.board(), self.plan.sessions
        self.say(f"{count} sessions with a toolchain of {self.plan.update_mb} MB")
        tool = board.recipe("toolchain", "tool", big(self.plan.update_mb, "one"))
        board.stack(tool)
        cards = board.start(count)
        containers = [str(card["session"]["container"]) for card in cards]
        volumes = layer_leftovers.layer_volumes(self.engine, self.tag)
        board.version(tool, big(self.plan.update_mb, "two"))
        written = layer_leftovers.written_bytes(self.engine, containers)
        readers = containers[: max(1, count // 4)]
        with reading(self.engine, readers, f"tool-{self.tag}") as reads:
            first = board.update_all_s(tool, 2, count)
        more = layer_leftovers.layer_volumes(self.engine, self.tag) - volumes
        own = layer_leftovers.written_bytes(self.engine, containers) - written
        board.version(tool, big(self.plan.update_mb, "three"))
        quiet = board.update_all_s(tool, 3, count)
        what = f"of {self.plan.update_mb} MB in {count} sessions"
        self.figures += [
            at_most(f"live update {what}, read all the while", first, "s", 2),
            at_most(f"live update {what}, nobody reads", quiet, "s", 2),
            Figure("reads meanwhile", reads.number, ""),
            at_most("reads that failed", reads.failed, "", 0),
            at_most("volumes more on the engine, for all sessions", len(more), "", 1),
            at_most("written by each session more", own / count / 1024, "kB", 64),
        ]
        self.swaps(board, cards[0], tool)
        board.delete(cards)

    def swaps(self, board: LayerBoard, card: dict[str, object], tool: int) -> None:
        self.say(f"{self.plan.swaps} swaps under one session")
        session: dict[str, str] = card["session"]  # type: ignore[assignment]
        for number in (1, 3, 1, 3):  # connections that stay are open then
            board.swap_s(card, tool, number)
        before = layer_leftovers.count(self.engine, self.product, session["container"])
        times = [board.swap_s(card, tool, 1 if n % 2 else 3) for n in range(1, self.plan.swaps + 1)]
        after = layer_leftovers.count(self.engine, self.product, session["container"])
        self.figures.append(Figure("a swap, median, from the call to the row", statistics.median(times) * 1000, "ms"))
        for name, was in asdict(before).items():
            left, label = asdict(after)[name] - was, name.replace("_", " ").replace("fds", "descriptors")
            text = f"{label} left by {self.plan.swaps} swaps"
            if name in layer_leftovers.SHARED:
                self.figures.append(Figure(f"{text}, of everybody's", left, ""))
            else:
                self.figures.append(at_most(text, left, "", 0))


def _composed(found: Composed) -> list[Figure]:
    compose, pull, rebuild = (statistics.median(x) for x in (found.compose, found.pull, found.rebuild))
    return [
        Figure("the project", found.project_bytes / MEGABYTE, "MB"),
        at_most("compose on a new base, median", compose, "s", 0.2),
        Figure("compose on a new base, slowest", max(found.compose), "s"),
        Figure("plain rebuild of the same, median", rebuild, "s"),
        at_least("compose against rebuild", rebuild / compose, "x", 50),
        Figure("pull by the engine, median", pull, "s"),
        Figure("compose and pull against rebuild", rebuild / (compose + pull), "x"),
        Figure("compose once more, median", statistics.median(found.again) * 1000, "ms"),
    ]


@contextlib.contextmanager
def _cleaned(engine: Engine, tag: str) -> Iterator[None]:
    """What a killed bench would leave: its layers. Sessions are removed with the product."""
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave gigabytes
        layer_leftovers.remove(engine, tag)


@contextlib.contextmanager
def _product(engine: Engine, arguments: object) -> Iterator[Product]:
    """Its sessions go also when the product itself was ended first, as Ctrl-C in a terminal does."""
    installation = ""
    try:
        with target.product(arguments) as product:  # type: ignore[arg-type]
            installation = (product.data_dir / "installation-id").read_text().strip()
            yield product
    finally:
        if installation:
            layer_leftovers.remove_sessions(engine, installation)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    parser = target.parser((__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, help="measure this part")
    arguments = parser.parse_args()
    if arguments.running:
        sys.exit("This bench makes and removes layers: it runs on a product of its own.")
    signal.signal(signal.SIGTERM, _interrupt)
    engine, tag = Engine(), secrets.token_hex(3)
    with _cleaned(engine, f"b{tag}"), _product(engine, arguments) as product:
        bench = Bench(product, engine, f"b{tag}", QUICK if arguments.quick else Plan())
        layer_compose.connect(product)
        for part in [arguments.only] if arguments.only else PARTS:
            getattr(bench, part)()
    show("layers", bench.figures, NOTES, arguments.json)


if __name__ == "__main__":
    main()
