"""What tests do on pages, in a person's words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

SCREEN = """() => {
  const terminal = window.vibenv?.terminal; if (!terminal) return "";
  const buffer = terminal.buffer.active, lines = [];
  for (let y = 0; y < buffer.length; y++) lines.push(buffer.getLine(y).translateToString(true));
  return lines.join("\\n").trimEnd();
}"""


def card(page: Page, card_id: str) -> Locator:
    return page.locator(f'[data-card="{card_id}"]')


def column(page: Page, role: str) -> Locator:
    return page.locator(f'[data-column][data-role="{role}"]')


def panel(page: Page) -> Locator:
    return page.get_by_test_id("panel")


def choose(page: Page, card_id: str, item: str) -> None:
    """Something of a card's menu."""
    card(page, card_id).hover()
    card(page, card_id).get_by_role("button", name="Menu of").click()
    page.locator("nav.menu:popover-open").get_by_role("button", name=item).click()


def drag_to(page: Page, card_id: str, role: str) -> None:
    """By mouse, with real movements; the target is in sight before the button goes down, as it is for a person."""
    target = column(page, role).locator(".cards")
    target.scroll_into_view_if_needed()
    card(page, card_id).drag_to(target)


def live(page: Page) -> None:
    """Wait until the open terminal's stream is live and something stands on its screen."""
    expect(page.locator('[data-testid="panel"][data-attached="true"]')).to_be_visible(timeout=30_000)
    shows(page, "#")


def screen(page: Page) -> str:
    """The text of the open terminal, with its scrollback."""
    return str(page.evaluate(SCREEN))


def shows(page: Page, text: str, timeout_ms: int = 20_000) -> None:
    """Wait until the open terminal shows `text`."""
    page.wait_for_function(f"(text) => ({SCREEN})().includes(text)", arg=text, timeout=timeout_ms)


def type_line(page: Page, line: str) -> None:
    page.locator("[data-shown] .xterm-helper-textarea").focus()
    page.keyboard.type(line + "\n")
