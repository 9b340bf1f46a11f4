"""A large board with many pages open: how soon all of them have a move, and what that costs the web process.

Run: `.venv/bin/python bench/board.py [--quick] [--json]`.
"""

from __future__ import annotations

import asyncio
import json
import math
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
from bench.queries import opening_queries
from bench.usage import Meter, listening
from bench.websocket import TEXT, WebSocket, connect
from tests.product import Product


@dataclass(frozen=True, slots=True)
class Load:
    """`few`: of the cards, after how many the queries of opening the board are counted for the first time."""

    few: int
    cards: int
    pages: int
    moves_per_s: int
    seconds: float
    alone: int  # moves one after the other on an otherwise idle board


FULL, QUICK = Load(100, 1000, 50, 50, 30, 40), Load(5, 50, 5, 10, 3, 5)
GRACE_S = 5.0  # how long after the last move a page may still hear of it
LOOK_S = 0.05
OPENINGS = 7
PAUSE_S = 0.25  # between two moves of an idle board
NOTES = (
    "a move's time: from sending its request until the last of the pages has parsed the frame that counts its version",
    "pages are sockets that count events; the moves are between and within two columns where nothing runs",
    "on an idle board one page is open besides, and the next move comes when the last one is over",
)


@dataclass
class Page:
    """When each of the board's versions arrived."""

    arrived: dict[int, float] = field(default_factory=dict)
    socket: WebSocket | None = None

    def heard(self, opcode: int, payload: bytes) -> None:
        if opcode != TEXT:
            return
        message = json.loads(payload)
        match message["type"]:
            case "card":
                versions = [message["version"]]
            case "events":
                versions = message["versions"]
            case _:
                return
        now = time.perf_counter()
        for version in versions:
            self.arrived.setdefault(version, now)


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


async def _fill(api: httpx.AsyncClient, board: str, columns: list[str], numbers: range) -> list[str]:
    made = []
    for number in numbers:
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


async def _alone(api: httpx.AsyncClient, product: Product, board: str, cards: list[str], load: Load) -> list[float]:
    """How long single moves take to a second page, in milliseconds."""
    column = (await api.get(f"/cards/{cards[0]}")).json()["column"]
    [page] = await _open_pages(product, board, 1)
    moves = Moves()
    for number in range(load.alone):
        await moves.make(api, cards[number % len(cards)], {"column": column, "before": None})
        await _all_heard([page], moves)
        await asyncio.sleep(PAUSE_S)
    if page.socket:
        await page.socket.close()
    return [1000 * (page.arrived.get(version, math.inf) - sent) for version, sent in moves.sent.items()]


def _core_figures(cpu_s: float, seconds: float, moves: Moves) -> list[Figure]:
    return [
        at_most("web process", cpu_s / seconds, "cores", 1),
        Figure("web process, per move", 1000 * cpu_s / max(1, moves.made), "ms"),
    ]


def _opening_figures(openings_ms: list[float], queries: list[int], load: Load) -> list[Figure]:
    few, many = queries
    return [
        at_most("opening the board (API), median", statistics.median(openings_ms), "ms", 600),
        at_most(f"queries of it, {load.cards} cards", many, "", few, f"{few}, as with {load.few} cards"),
    ]


def _move_figures(pages: list[Page], moves: Moves, load: Load) -> list[Figure]:
    missed = sum(len(moves.sent.keys() - page.arrived.keys()) for page in pages)
    whole = [version for version in moves.sent if all(version in page.arrived for page in pages)]
    times = [1000 * (max(page.arrived[version] for page in pages) - moves.sent[version]) for version in whole]
    return [
        at_most("a move on all pages, p95", percentile(times, 95), "ms", 250),
        Figure("a move on all pages, median", statistics.median(times), "ms"),
        at_most("events that a page missed", missed, "", 0, "0"),
        at_most("moves refused", moves.refused, "", 0, "0"),
        at_least("moves made", moves.made, "", int(load.moves_per_s * load.seconds), "all"),
    ]


async def measure(product: Product, load: Load) -> list[Figure]:
    board = product.board()
    columns = [column["id"] for column in board["columns"] if column["role"] != "active"][:2]
    limits = httpx.Limits(max_connections=load.moves_per_s)
    headers = {"Authorization": f"Bearer {product.token}"}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1", headers=headers, timeout=60, limits=limits) as api:
        cards = await _fill(api, board["id"], columns, range(load.few))
        queries = [opening_queries(product, board["id"])]
        cards += await _fill(api, board["id"], columns, range(load.few, load.cards))
        queries.append(opening_queries(product, board["id"]))
        alone_ms = await _alone(api, product, board["id"], cards, load)
        openings_ms = await _openings_ms(api, board["id"])
        pages = await _open_pages(product, board["id"], load.pages)
        meter, began = Meter(listening(product.port)), time.perf_counter()
        moves = await _move_all(api, cards, columns, load)
        cpu_s, seconds = meter.read().cpu_s, time.perf_counter() - began
        await _all_heard(pages, moves)
        await asyncio.gather(*(page.socket.close() for page in pages if page.socket))
    return [
        *_move_figures(pages, moves, load),
        *_core_figures(cpu_s, seconds, moves),
        at_most("a move on a second page, idle board, p95", percentile(alone_ms, 95), "ms", 200),
        *_opening_figures(openings_ms, queries, load),
    ]


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    load = QUICK if arguments.quick else FULL
    with target.product(arguments) as product:
        found = asyncio.run(measure(product, load))
    title = f"board, {load.cards} cards, {load.pages} pages, {load.moves_per_s} moves/s for {load.seconds:g} s"
    show(title, found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
