"""The page of all sessions."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.product import Product


def test_all_sessions_are_listed_sorted_filtered_and_brought_to_rest(
    product: Product, person: Callable[..., Page]
) -> None:
    first, second = product.running_card("Alpha"), product.running_card("Beta")
    page = person()
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("link", name="Sessions…").click()
    rows = page.locator("[data-testid=sessions] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_role("cell").nth(5)).to_have_text(re.compile(r"[\d.]+ [kM]B"))  # memory, once measured
    assert violations(page) == []
    page.get_by_role("button", name="Session", exact=True).click()
    expect(rows.first).to_contain_text("Alpha")
    page.get_by_role("button", name="Session", exact=True).click()
    expect(rows.first).to_contain_text("Beta")
    expect(page.get_by_role("columnheader", name="Session", exact=True)).to_have_attribute("aria-sort", "descending")
    page.get_by_role("checkbox", name="Select Beta").check()
    assert violations(page) == []
    page.get_by_role("toolbar").get_by_role("button", name="Pause").click()
    expect(rows.filter(has_text="Beta")).to_contain_text("Paused")
    page.get_by_role("combobox", name="State").select_option("paused")
    expect(rows).to_have_count(1)
    page.get_by_role("combobox", name="State").select_option("")
    page.get_by_role("checkbox", name="Select all that are shown").check()
    page.get_by_role("toolbar").get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(rows.filter(has_text="Stopped")).to_have_count(2)
    page.goto(f"{product.url}/sessions?status=running")  # as the address keeps it
    expect(page.get_by_text("None of 2 is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(2)
    for card in (first, second):
        assert product.card(card["id"])["session"]["status"] == "asleep"


def test_on_a_phone_nothing_is_cut_off(product: Product, person: Callable[..., Page]) -> None:
    product.running_card("A title that is much longer than a phone is wide, and goes on")
    page = person(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page.goto(f"{product.url}/sessions")
    expect(page.locator("[data-testid=sessions] tbody tr")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page) == []
    page.get_by_role("checkbox", name=re.compile("Select A title")).check()
    expect(page.get_by_role("toolbar")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)


def test_without_sessions_and_without_a_server_it_says_so(product: Product, person: Callable[..., Page]) -> None:
    page = person()
    page.goto(f"{product.url}/sessions")
    expect(page.get_by_text("No session was started yet")).to_be_visible()
    page.route("**/api/v1/sessions", lambda route: route.abort())
    expect(page.get_by_text("This is old.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    page.unroute("**/api/v1/sessions")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No session was started yet")).to_be_visible()
