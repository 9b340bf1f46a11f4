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


def test_the_wall_shows_what_the_search_finds_and_the_address_keeps_it(product, person, two):
    one, other = two
    page = person()
    page.goto(f"{product.url}/b/{product.board()['id']}/wall")
    page.keyboard.press("/")
    page.keyboard.type("tw")
    expect(page.locator("[data-tile]")).to_have_count(1)
    expect(page.get_by_test_id("filter-result")).to_have_text("1 of 2")
    page.reload()
    expect(tile(page, other)).to_be_visible()
    expect(tile(page, one)).to_have_count(0)
    page.get_by_label("Search cards").fill("nothing like it")
    page.get_by_role("button", name="Clear search and filters").last.click()
    expect(page.locator("[data-tile]")).to_have_count(2)


def test_the_size_of_the_tiles_is_kept(product, person, two):
    page = person()
    page.goto(f"{product.url}/b/{product.board()['id']}/wall")
    medium = tile(page, two[0]).bounding_box()
    page.get_by_role("radio", name="Medium").press("ArrowRight")
    expect(page.get_by_role("radio", name="Large")).to_be_checked()
    page.reload()
    large = tile(page, two[0]).bounding_box()
    assert large["width"] > medium["width"]
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_tile_shows_who_is_in_types_and_raises_a_hand_and_w_goes_there(product, person, two, chromium):
    one, other = two
    page, guest = person(), chromium.new_context().new_page()
    page.goto(f"{product.url}/b/{product.board()['id']}/wall")
    expect(tile(page, other).locator("canvas[data-drawn]")).to_be_visible()
    link = product.api.post(f"/cards/{other['id']}/links", json={"role": "type", "expires_in_s": 600}).json()
    guest.goto(link["url"])
    guest.get_by_label("Your name").fill("Grace Hopper")
    guest.keyboard.press("Enter")
    pages.live(guest)
    expect(tile(page, other).get_by_role("img", name="Grace Hopper: guest")).to_be_visible()
    pages.type_line(guest, "true")
    expect(tile(page, other).locator("[data-typing]")).to_be_visible()
    guest.close()
    expect(tile(page, other).locator(".face")).to_have_count(0)
    link = product.api.post(f"/cards/{one['id']}/links", json={"role": "watch", "expires_in_s": 600}).json()
    bob = chromium.new_context().new_page()
    bob.goto(link["url"])
    bob.get_by_label("Your name").fill("Bob")
    bob.keyboard.press("Enter")
    bob.get_by_role("button", name="Raise your hand").click()
    expect(tile(page, one).locator('[data-sign="hand"]')).to_be_visible()
    expect(page.get_by_role("button", name="1 waits for you")).to_be_visible()
    page.keyboard.press("w")
    expect(tile(page, one)).to_be_focused()
    bob.context.close()
    guest.context.close()
