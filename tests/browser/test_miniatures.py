"""Live miniatures on a board."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import pages
from tests.terminal_client import TerminalClient

SHOWS = "([card, text]) => (window.vibenv.miniature(card) ?? '').includes(text)"
COLOURED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) if (data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 255) return true;
  return false;
}"""


def test_a_running_card_shows_its_terminal_live_and_in_true_colours(product, person):
    card = product.running_card("Watched")
    page = person()
    canvas = pages.card(page, card["id"]).locator("canvas")
    expect(canvas).to_have_attribute("data-drawn", "true")
    typist = TerminalClient(f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal", product.token)
    typist.until("# ")
    typist.type(r"printf '\033[48;2;255;0;255m        \033[0m li''ve\n'" + "\r")
    page.wait_for_function(SHOWS, arg=[card["id"], " live"])
    page.wait_for_function(
        f"(card) => ({COLOURED})(document.querySelector(`[data-card='${{card}}'] canvas`))", arg=card["id"]
    )
    typist.close()


def test_a_card_that_stops_has_no_miniature(product, person):
    card = product.running_card("Stopped")
    page = person()
    expect(pages.card(page, card["id"]).locator("canvas")).to_be_visible()
    product.move(card["id"], "backlog")
    expect(pages.card(page, card["id"]).locator("canvas")).to_have_count(0)
