"""The wall: all running terminals of a board at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages


def tile(page: Page, card: dict) -> Locator:
    return page.locator(f'[data-tile="{card["id"]}"]')


def typing_in(page: Page, card: dict) -> None:
    """Wait until the tile holds the terminal itself, live, and the keyboard is in it."""
    expect(page.locator(f'[data-tile="{card["id"]}"][data-attached="true"]')).to_be_visible(timeout=30_000)
    pages.shows(page, "#")
    page.wait_for_function("() => document.activeElement?.closest('.xterm') !== null")


@pytest.fixture
def two(product):
    return product.running_card("One"), product.running_card("Two")


def test_any_terminal_of_the_wall_can_be_typed_into_and_the_others_stay_live(product, person, two):
    one, other = two
    page = person()
    page.get_by_role("link", name="Wall: all terminals at once").click()
    expect(tile(page, other).locator("canvas[data-drawn]")).to_be_visible()
    tile(page, one).click()
    typing_in(page, one)
    page.keyboard.type("echo in-o''ne\n")
    pages.shows(page, "in-one")
    tile(page, other).click()
    typing_in(page, other)
    page.wait_for_function("(card) => (window.vibenv.miniature(card) ?? '').includes('in-one')", arg=one["id"])


def test_the_keyboard_goes_from_tile_to_tile_in_and_out(product, person, two):
    one, other = two
    page = person()
    page.goto(f"{product.url}/b/{product.board()['id']}/wall")
    expect(tile(page, other).locator("canvas[data-drawn]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    first = page.evaluate("document.activeElement.dataset.tile")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.dataset.tile")
    assert {first, second} == {one["id"], other["id"]}
    page.keyboard.press("Enter")
    typing_in(page, {"id": second})
    page.keyboard.type("echo by-k''ey\n")
    pages.shows(page, "by-key")
    page.keyboard.press("Shift+F6")
    expect(tile(page, {"id": second})).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".xterm")).to_have_count(0)


def test_the_palette_leads_to_the_wall(product, person):
    page = person()
    page.keyboard.press("Control+k")
    page.keyboard.type("wall")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/wall$"))
    expect(page.get_by_test_id("empty")).to_be_visible()


def test_a_tile_goes_when_its_session_stops_and_an_empty_wall_says_what_to_do(product, person, two):
    page = person()
    page.goto(f"{product.url}/b/{product.board()['id']}/wall")
    expect(page.locator("[data-tile]")).to_have_count(2)
    for card in two:
        product.move(card["id"], "backlog")
    expect(page.get_by_test_id("empty")).to_contain_text("No terminal runs on this board")
    page.get_by_role("link", name="Go to the board").click()
    expect(page).to_have_url(re.compile(r"/b/\w+$"))
