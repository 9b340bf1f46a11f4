"""How soon and how light a board is in a browser that never saw it, and what one event costs a page of 1,000 cards.

Run: `.venv/bin/python bench/paint.py [--quick] [--json]`.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import target
from bench.figures import Figure, at_most, show
from tests.browser import calm
from tests.product import Product

CARDS, MANY_CARDS, LOADS, MOVES = 100, 1000, 9, 15
QUICK_CARDS, QUICK_MANY_CARDS, QUICK_LOADS, QUICK_MOVES = 20, 50, 2, 2
LIVE = '[data-testid="connection"][data-connection="live"]'
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
NOTES = (
    "each load is in a browser context of its own: nothing is in its cache",
    "bytes: as they were on the wire, with headers; without the terminal, which is fetched when one may be wanted",
    "an event: from a move's arrival until the page has drawn it, all that its main thread did",
)


@dataclass(frozen=True, slots=True)
class Load:
    paint_ms: float
    received: int
    requests: int
    shift: float


def _load(browser: Browser, state: Any, url: str) -> Load:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=state)
    calm.watch(context)
    page = context.new_page()
    sizes: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_selector(LIVE)
    painted = page.wait_for_function(PAINTED).json_value()
    shift = sum(each.value for each in calm.shifts(page))
    context.close()
    return Load(float(painted), int(sum(sizes)), len(sizes), shift)


def _fill(product: Product, board: str, count: int) -> None:
    columns = [column["id"] for column in product.board()["columns"]]
    columns = [columns[0], columns[2]]  # nothing runs
    for number in range(count):
        body = {
            "title": f"Card {number}: what is to be done",
            "description": f"Said in a sentence or two, the {number}th time.",
            "column": columns[number % 2],
        }
        product.api.post(f"/boards/{board}/cards", json=body).raise_for_status()


def _busy_ms(wire: CDPSession, act: Callable[[], None]) -> float:
    """What the page's main thread did meanwhile."""

    def total() -> float:
        metrics = wire.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    began = total()
    act()
    return total() - began


def _events_ms(page: Page, product: Product, moves: int) -> list[float]:
    """Moves by somebody else, each awaited on the page."""
    wire = page.context.new_cdp_session(page)
    wire.send("Performance.enable")
    columns = product.board()["columns"]
    first, last = columns[0], columns[2]
    times = []
    for card in first["cards"][:moves]:

        def move(card_id: str = card["id"]) -> None:
            product.api.post(f"/cards/{card_id}/move", json={"column": last["id"]}).raise_for_status()
            page.locator(f'[data-column="{last["id"]}"] [data-card="{card_id}"]').wait_for(state="attached")
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

        times.append(_busy_ms(wire, move))
    return times


def measure(product: Product, quick: bool) -> list[Figure]:
    cards, many, loads, moves = (
        (QUICK_CARDS, QUICK_MANY_CARDS, QUICK_LOADS, QUICK_MOVES) if quick else (CARDS, MANY_CARDS, LOADS, MOVES)
    )
    board = product.board()["id"]
    url = f"{product.url}/b/{board}"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(product.new_login_url())
        page.wait_for_selector(LIVE)
        state = page.context.storage_state()
        _fill(product, board, cards)
        few = [_load(browser, state, url) for _ in range(loads)]
        _fill(product, board, many - cards)
        full = [_load(browser, state, url) for _ in range(loads)]
        page.reload()
        page.wait_for_selector(LIVE)
        events = _events_ms(page, product, moves)
        browser.close()
    return [
        at_most(f"first contentful paint, {cards} cards, median", statistics.median(x.paint_ms for x in few), "ms", 1000),
        at_most(f"received, {cards} cards", max(x.received for x in few), "bytes", 150_000),
        Figure("requests", few[-1].requests, ""),
        at_most("layout shift, worst load", max(x.shift for x in [*few, *full]), "", 0.01),
        at_most(f"first contentful paint, {many} cards, median", statistics.median(x.paint_ms for x in full), "ms", 1000),
        Figure(f"received, {many} cards", max(x.received for x in full), "bytes"),
        at_most(f"an event, {many} cards, median", statistics.median(events), "ms", 100),
    ]  # fmt: skip


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    with target.product(arguments) as product:
        product.remove_all()
        found = measure(product, arguments.quick)
    show("the board in a browser", found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
