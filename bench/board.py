"""A large board with many pages open: how soon all of them have a move, and what that costs the web process.

Run: `.venv/bin/python bench/board.py [--quick] [--json]`.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from bench import target
from bench.figures import Figure, at_least, at_most, percentile, show
from bench.usage import Meter, listening
from bench.websocket import TEXT, WebSocket, connect
from tests.product import Product


@dataclass(frozen=True, slots=True)
class Load:
    cards: int
    pages: int
    moves_per_s: int
    seconds: float


FULL, QUICK = Load(1000, 50, 50, 30), Load(50, 5, 10, 3)
GRACE_S = 5.0  # how long after the last move a page may still hear of it
LOOK_S = 0.05
OPENINGS = 7
NOTES = (
    "a move's time: from sending its request until the last of the pages has the event about it",
    "pages are sockets that count events; the moves are between and within two columns where nothing runs",
)


@dataclass
class Page:
    """When each of the board's versions arrived."""

    arrived: dict[int, float] = field(default_factory=dict)
    socket: WebSocket | None = None

    def heard(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            event = json.loads(payload)
            if event["type"] == "card":
                self.arrived.setdefault(event["version"], time.perf_counter())


@dataclass
class Moves:
    """`sent`: when each version's request left; `made`, `refused`: how many were answered so."""

    sent: dict[int, float] = field(default_factory=dict)
    made: int = 0
    refused: int = 0

    async def make(self, api: httpx.AsyncClient, card: str, place: dict[str, str | None]) -> None:
        began = time.perf_counter()
        answer = await api.post(f"/cards/{card}/move", json=place)
        if answer.status_code == httpx.codes.ACCEPTED:
            self.made += 1
            version = answer.json()["version"]  # of two moves of one card at once both answers may tell the later one's
            self.sent[version] = max(began, self.sent.get(version, began))
        else:
            self.refused += 1


async def _fill(api: httpx.AsyncClient, board: str, columns: list[str], count: int) -> list[str]:
    made = []
    for number in range(count):
        body = {"title": f"Card {number}", "description": "What it is about.", "column": columns[number % 2]}
        made.append(str((await api.post(f"/boards/{board}/cards", json=body)).json()["id"]))
    return made


async def _open_pages(product: Product, board: str, count: int) -> list[Page]:
    pages = [Page() for _ in range(count)]
    url = f"ws://127.0.0.1:{product.port}/ws/boards/{board}"
    for page in pages:
        page.socket = await connect(url, product.token, page.heard)
    return pages


async def _move_all(api: httpx.AsyncClient, cards: list[str], columns: list[str], load: Load) -> Moves:
    """At the load's pace, whatever the answers take."""
    moves, chance = Moves(), random.Random(1)  # noqa: S311  (the same moves every time)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(load.moves_per_s * load.seconds)):
            await asyncio.sleep(max(0.0, began + number / load.moves_per_s - time.perf_counter()))
            place: dict[str, str | None] = {"column": chance.choice(columns), "before": None}
            group.create_task(moves.make(api, chance.choice(cards), place))
    return moves


async def _all_heard(pages: list[Page], moves: Moves) -> None:
    for _ in range(int(GRACE_S / LOOK_S)):
        if not any(moves.sent.keys() - page.arrived.keys() for page in pages):
            return
        await asyncio.sleep(LOOK_S)


async def _openings_ms(api: httpx.AsyncClient, board: str) -> list[float]:
    times = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        (await api.get(f"/boards/{board}")).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _figures(pages: list[Page], moves: Moves, openings_ms: list[float], core: float, load: Load) -> list[Figure]:
    missed = sum(len(moves.sent.keys() - page.arrived.keys()) for page in pages)
    whole = [version for version in moves.sent if all(version in page.arrived for page in pages)]
    times = [1000 * (max(page.arrived[version] for page in pages) - moves.sent[version]) for version in whole]
    return [
        at_most("a move on all pages, p95", percentile(times, 95), "ms", 250),
        Figure("a move on all pages, median", statistics.median(times), "ms"),
        at_most("events that a page missed", missed, "", 0, "0"),
        at_most("moves refused", moves.refused, "", 0, "0"),
        at_least("moves made", moves.made, "", int(load.moves_per_s * load.seconds), "all"),
        at_most("web process", core, "cores", 1),
        at_most("opening the board (API), median", statistics.median(openings_ms), "ms", 600),
    ]


async def measure(product: Product, load: Load) -> list[Figure]:
    board = product.board()
    columns = [column["id"] for column in board["columns"] if column["role"] != "active"][:2]
    limits = httpx.Limits(max_connections=load.moves_per_s)
    headers = {"Authorization": f"Bearer {product.token}"}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1", headers=headers, timeout=60, limits=limits) as api:
        cards = await _fill(api, board["id"], columns, load.cards)
        openings_ms = await _openings_ms(api, board["id"])
        pages = await _open_pages(product, board["id"], load.pages)
        meter, began = Meter(listening(product.port)), time.perf_counter()
        moves = await _move_all(api, cards, columns, load)
        core = meter.read().cpu_s / (time.perf_counter() - began)
        await _all_heard(pages, moves)
        await asyncio.gather(*(page.socket.close() for page in pages if page.socket))
    return _figures(pages, moves, openings_ms, core, load)


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    load = QUICK if arguments.quick else FULL
    with target.product(arguments) as product:
        found = asyncio.run(measure(product, load))
    title = f"board, {load.cards} cards, {load.pages} pages, {load.moves_per_s} moves/s for {load.seconds:g} s"
    show(title, found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
