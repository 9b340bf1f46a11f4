"""A real Chromium on the board: drags a card to Active with the mouse, and tells when what happened."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

TIMEOUT_MS = 30_000
# Wall-clock milliseconds of a mark that the page made for this card; null while there is none.
MARK = """([name, card]) => {
  const mark = performance.getEntriesByName(name).find((entry) => entry.detail?.card === card);
  return mark ? performance.timeOrigin + mark.startTime : null;
}"""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Epoch milliseconds by this machine's clock."""

    drop: float
    prompt: float


class Board:
    def __init__(self, page: Page) -> None:
        self._page = page

    def start(self, card_id: str) -> Dropped:
        """Drag the card to the Active column, and wait for the prompt in its terminal."""
        column = self._page.locator('[data-column][data-role="active"]')
        self._page.locator(f'[data-card="{card_id}"]').drag_to(column)
        self._page.wait_for_function(MARK, arg=["vibenv:prompt", card_id], timeout=TIMEOUT_MS)
        return Dropped(self._mark("vibenv:drop", card_id), self._mark("vibenv:prompt", card_id))

    def _mark(self, name: str, card_id: str) -> float:
        at = self._page.evaluate(MARK, [name, card_id])
        if at is None:
            raise RuntimeError(f"the page made no mark {name} for the card {card_id}")
        return float(at)

    def gone(self, card_id: str) -> None:
        """Wait until the page shows the card no more."""
        self._page.locator(f'[data-card="{card_id}"]').wait_for(state="detached", timeout=TIMEOUT_MS)


@contextlib.contextmanager
def board(login_url: str) -> Iterator[Board]:
    """Log in, and stay on the board."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(login_url)
        page.locator("[data-column]").first.wait_for(timeout=TIMEOUT_MS)
        try:
            yield Board(page)
        finally:
            browser.close()
