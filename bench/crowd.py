"""Many sessions at once: twenty dropped at the same moment, then a hundred that run: how quick everything else stays.

Run: `.venv/bin/python bench/crowd.py [--quick] [--json]`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil
from playwright.sync_api import sync_playwright

from bench import echo, target
from bench.figures import Figure, at_least, at_most, percentile, show
from bench.viewer import Viewer
from tests.product import Product, wait_for


@dataclass(frozen=True, slots=True)
class Load:
    """`dropped` at the same moment, then as many more as make it `running`."""

    dropped: int = 20
    running: int = 100
    keys: int = 200
    openings: int = 9
    start_timeout_s: float = 900


FULL, QUICK = Load(), Load(dropped=4, running=8, keys=40, openings=3)
SETTLED_S = 3  # a new process has done what it does first
WARM_UP_READS = 20
MIB = 1024**2
NOTES = (
    "dropped: moved to Active by one request; a board's reading meanwhile is the whole board by the API",
    "opening: from the navigation of a browser that has the files until all cards are drawn by the page's script",
    "memory: what web, worker, beat and Redis hold alone (USS), each time in new processes; beyond as many cards that never ran",
)


@dataclass
class Dropped:
    """`order`: the cards as they came to run; `places` is how many of them were told a place in the line."""

    seconds: float
    order: list[int]
    failed: int
    places: int
    readings_s: list[float]

    @property
    def overtaken(self) -> int:
        """By how many places the one that was furthest from its turn was off."""
        return max((abs(at - number) for at, number in enumerate(self.order)), default=0)


def make_cards(product: Product, count: int) -> list[str]:
    return [product.new_card(f"Crowd {number}")["id"] for number in range(count)]


def drop(product: Product, cards: list[str], timeout_s: float) -> Dropped:
    """Move all of them to Active at once, and read the board until all run or failed."""
    began = time.perf_counter()
    body = {"cards": cards, "column": product.column("active")}
    product.api.post(f"/boards/{product.board()['id']}/cards/move", json=body).raise_for_status()
    order: list[int] = []
    failed: set[int] = set()
    placed: set[int] = set()
    readings: list[float] = []
    while len(order) + len(failed) < len(cards):
        asked = time.perf_counter()
        sessions = _sessions(product)
        readings.append(time.perf_counter() - asked)
        for number, card in enumerate(cards):
            session = sessions[card]
            if session["status"] == "running" and number not in order:
                order.append(number)
            if session["status"] == "failed":
                failed.add(number)
            if session["place"]:
                placed.add(number)
        if time.perf_counter() - began > timeout_s:
            raise TimeoutError(f"{len(order)} of {len(cards)} run after {timeout_s:.0f} s")
        time.sleep(0.1)
    return Dropped(time.perf_counter() - began, order, len(failed), len(placed), readings)


def _sessions(product: Product) -> dict[str, Any]:
    return {card["id"]: card["session"] for column in product.board()["columns"] for card in column["cards"]}


def control_plane_bytes(product: Product) -> int:
    """Of new processes, all with the same behind them."""
    for name in ("web", "worker"):
        product.kill(name)
    product.healthy()
    for _ in range(WARM_UP_READS):
        product.board()
    time.sleep(SETTLED_S)
    return sum(_held(process) for process in product.processes().values())


def _held(process: psutil.Process) -> int:
    return int(process.memory_full_info().uss)


async def _echo(product: Product, card: str, keys: int) -> list[float]:
    viewer = await Viewer.open(f"ws://127.0.0.1:{product.port}/ws/cards/{card}/terminal", product.token)
    try:
        await viewer.run("true", "READY")
        return (await echo.measure([viewer], keys)).typist
    finally:
        await viewer.close()


def echo_ms(product: Product, card: str, keys: int) -> list[float]:
    """Keystroke echo of one viewer. In a thread of its own: a browser's driver may have this one's event loop."""
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.extend(asyncio.run(_echo(product, card, keys))))
    thread.start()
    thread.join()
    if not found:
        raise RuntimeError("no keystroke's echo came")
    return found


def openings_ms(product: Product, count: int, openings: int) -> list[float]:
    """The board in a real browser, until `count` running cards are drawn."""
    url = f"{product.url}/b/{product.board()['id']}"
    drawn = f"() => document.querySelectorAll('[data-card] .status[data-status=running]').length >= {count} && performance.now()"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(product.new_login_url())
        times = []
        for _ in range(openings + 1):
            page.goto(url, wait_until="commit")
            times.append(float(page.wait_for_function(drawn, polling="raf").json_value()))
        browser.close()
    return times[1:]  # the first one fetched the files


def _drop_figures(dropped: Dropped, at_once: int) -> list[Figure]:
    count = len(dropped.order) + dropped.failed
    return [
        Figure(f"{count} dropped at once, until all run", dropped.seconds, "s"),
        at_most("of them failed", dropped.failed, "", 0, "0"),
        at_most(
            "furthest from its turn", dropped.overtaken, "places", at_once, f"<= {at_once}: those that start together"
        ),
        at_least("of them told a place", dropped.places, "", count - 2 * at_once),
        at_most("reading the board meanwhile, p95", percentile(dropped.readings_s, 95), "s", 0.5),
    ]


def _rest(product: Product, cards: list[str]) -> None:
    for card in cards:
        product.api.post(f"/cards/{card}/sleep", json={"how": "stop"}).raise_for_status()
    wait_for(lambda: all(s["status"] == "asleep" for s in _sessions(product).values() if s), 300, "all of them stopped")


def measure(product: Product, load: Load) -> list[Figure]:
    cards = make_cards(product, load.running)
    nothing = control_plane_bytes(product)
    alone = drop(product, cards[:1], load.start_timeout_s)
    one = echo_ms(product, cards[0], load.keys)
    dropped = drop(product, cards[1 : 1 + load.dropped], load.start_timeout_s)
    rest = drop(product, cards[1 + load.dropped :], load.start_timeout_s)
    many = echo_ms(product, cards[0], load.keys)
    opened = openings_ms(product, load.running, load.openings)
    running = control_plane_bytes(product)
    _rest(product, cards)
    asleep = control_plane_bytes(product)
    count, p95 = load.running, percentile(one, 95)
    starts = load.running - 1 - load.dropped
    return [
        Figure("one dropped, until it runs", alone.seconds, "s"),
        *_drop_figures(dropped, max(2, os.cpu_count() or 1)),
        Figure(f"the other {starts}, each", rest.seconds / starts, "s"),
        at_most(f"opening the board, {count} running, median", statistics.median(opened) / 1000, "s", 0.5),
        Figure(f"opening the board, {count} running, slowest", max(opened) / 1000, "s"),
        Figure("keystroke echo, 1 running, p95", p95, "ms"),
        at_most(f"keystroke echo, {count} running, p95", percentile(many, 95), "ms", 3 * p95, "<= 3 x that of one"),
        at_most("control plane, per running session", (running - nothing) / count / MIB, "MB", 1),
        at_most("control plane, per sleeping session", (asleep - nothing) / count / MIB, "MB", 0.2),
    ]


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    load = QUICK if arguments.quick else FULL
    with target.product(arguments) as product:
        found = measure(product, load)
    show(f"a crowd: {load.dropped} dropped at once, {load.running} running", found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
