"""How calm a page is: what moves in it without anybody having moved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page

# Chromium's own measure, counted also right after a click: what lies under the pointer then must not go away either.
WATCH = """() => {
  window.shifts = [];
  const element = (node) => node instanceof Element ? node : node?.parentElement;
  const name = (node) => element(node)?.outerHTML.slice(0, 90) ?? "something that is gone";
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      window.shifts.push({ value: entry.value, moved: entry.sources.map((source) => name(source.node)) });
  }).observe({ type: "layout-shift", buffered: true });
}"""


# The word beside the sign of the connection changes its length once; a card's main button may. All else stands still.
STILL = 0.001


@dataclass(frozen=True, slots=True)
class Shift:
    value: float
    moved: list[str]


def watch(context: BrowserContext) -> None:
    """From the first paint of each page that is opened from now on."""
    context.add_init_script(f"({WATCH})()")


def shifts(page: Page) -> list[Shift]:
    """What has moved since the last question. Two frames later: shifts are told after they were painted."""
    told: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(
          () => setTimeout(() => resolve(window.shifts.splice(0))))))"""
    )
    return [Shift(each["value"], each["moved"]) for each in told]


def still(page: Page) -> bool:
    """Whether nothing that matters has moved; a failure says what did."""
    told = shifts(page)
    assert sum(shift.value for shift in told) <= STILL, told
    return True
