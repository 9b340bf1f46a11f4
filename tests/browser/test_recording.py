"""Recordings in the page: found in the card's details, played, searched, and switched off."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.axe import violations
from tests.product import Product, wait_for

READY = '[data-testid="recording"][data-ready="true"]'


def recorded_card(product: Product, page: Page) -> tuple[str, str]:
    """A card in whose terminal two commands ran, one of which failed; the ids of it and of its recording."""
    card = product.running_card("Look back")["id"]
    page.goto(f"{product.url}/c/{card}")
    pages.live(page)
    pages.type_line(page, "seq -f 'num''ber %g' 60")
    pages.shows(page, "number 60")
    pages.type_line(page, "(exit 3)")

    def ended() -> str:
        found = product.api.get(f"/cards/{card}/recordings").json()
        marks = product.api.get(f"/recordings/{found[0]['id']}").json()["marks"] if found else []
        return found[0]["id"] if any(mark["exit_code"] == 3 for mark in marks) else ""

    return card, wait_for(ended, what="the recording of both commands")


def test_a_recording_is_found_played_searched_and_jumped_in(product: Product, person: Callable[..., Page]) -> None:
    page = person()
    _, recording = recorded_card(product, page)
    expect(page.locator(".recorded")).to_have_text("Recorded")
    page.get_by_role("button", name="Details").click()
    section = page.get_by_test_id("recordings")
    section.get_by_role("searchbox").fill("number 41")
    expect(section.locator(".recording-hits mark")).to_have_text("number 41")
    section.locator(f'[data-recording="{recording}"] a').click()
    page.locator(READY).wait_for()
    failed = page.locator(".event").filter(has_text="(exit 3)")
    expect(failed.locator('[data-outcome="bad"]')).to_contain_text("3")
    page.keyboard.press("End")
    pages.shows(page, "number 60")
    page.keyboard.press("Home")
    page.wait_for_function(f"() => !({pages.SCREEN})().includes('number')")
    page.locator(".event").filter(has_text="seq").click()
    expect(page.locator(".event[aria-current]")).to_contain_text("seq")
    page.keyboard.press("n")
    expect(page.locator(".event[aria-current]")).to_contain_text("(exit 3)")
    page.keyboard.press(">")
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("1.5")
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    pages.shows(page, "number 60")  # played to its end, with idle time skipped
    page.keyboard.press("/")
    page.get_by_role("searchbox").fill("number 17")
    expect(page.locator(".search-count")).to_have_text("1 of 1")
    pages.shows(page, "number 17")
    assert violations(page) == []


def test_an_owner_switches_recording_off_and_the_terminal_says_so(
    product: Product, person: Callable[..., Page]
) -> None:
    card = product.running_card("Private")["id"]
    page = person()
    page.goto(f"{product.url}/c/{card}")
    expect(page.locator(".recorded")).to_be_visible()
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="Recording…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="What terminals print").uncheck()
    expect(dialog.get_by_role("checkbox", name="Also what is typed")).to_be_disabled()
    assert violations(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".recorded")).to_have_count(0)
    product.api.patch(f"/boards/{product.board()['id']}/recording", json={"output": True}).raise_for_status()
    expect(page.locator(".recorded")).to_be_visible()


def test_on_a_phone_the_player_is_not_cut_off(product: Product, person: Callable[..., Page]) -> None:
    page = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    card, recording = recorded_card(product, page)
    page.goto(f"{product.url}/c/{card}/recordings/{recording}#t=1")
    page.locator(READY).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.get_by_role("button", name="Play")).to_be_in_viewport(ratio=1)
    assert violations(page) == []
