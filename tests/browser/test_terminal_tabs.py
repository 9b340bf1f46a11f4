"""Several terminals of a session, as tabs in the panel and on a guest's page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.axe import violations
from tests.product import docker, wait_for

MAIN, FURTHER = 0, 1


def tab(page: Page, name: str | re.Pattern[str]):
    return page.get_by_role("tab", name=name)


def in_front(page: Page, number: int) -> None:
    """Wait until that terminal is live, with the keyboard in it."""
    expect(page.locator('[data-testid="panel"][data-attached="true"]')).to_be_visible(timeout=30_000)
    page.wait_for_function(
        "(id) => document.activeElement?.closest('.terminal-pane')?.id === id", arg=f"terminal-{number}"
    )


@pytest.fixture
def card(product):
    return product.running_card("Tabs")


@pytest.fixture
def page(product, person, card) -> Page:
    opened: Page = person()
    opened.goto(f"{product.url}/c/{card['id']}")
    pages.live(opened)
    return opened


def test_a_new_terminal_is_beside_the_first_and_both_keep_their_screens(page):
    page.get_by_role("button", name="New terminal", exact=True).click()
    in_front(page, FURTHER)
    pages.shows(page, "#")
    page.keyboard.type("echo fur''ther\n")
    pages.shows(page, "further")
    page.keyboard.press("Control+Shift+ArrowLeft")
    in_front(page, MAIN)
    assert "further" not in pages.screen(page)
    page.keyboard.type("echo ma''in\n")
    pages.shows(page, "main")
    page.keyboard.press("Control+Shift+Digit2")
    in_front(page, FURTHER)
    assert "further" in pages.screen(page)
    expect(page).to_have_url(re.compile("#terminal=1$"))
    page.reload()
    in_front(page, FURTHER)
    pages.shows(page, "further")


def test_a_tab_tells_of_output_and_of_the_bell_until_it_is_looked_at(product, page, card):
    for name, act in (("Job", "echo tick"), ("Bell", "printf '\\a'")):
        about = {"name": name, "command": f"while sleep 0.3; do {act}; done"}
        product.api.post(f"/cards/{card['id']}/terminals", json=about).raise_for_status()
    expect(tab(page, "Job, new output")).to_be_visible()
    expect(tab(page, "Bell, it rang")).to_be_visible()
    tab(page, "Job, new output").click()
    expect(tab(page, re.compile("^Job$"))).to_have_attribute("aria-selected", "true")


def test_a_terminal_is_renamed_and_closed_by_keys_and_what_runs_in_it_is_asked_about(product, page, card):
    product.api.post(f"/cards/{card['id']}/terminals", json={"name": "Old"})
    tab(page, "Old").click()
    in_front(page, FURTHER)
    pages.shows(page, "#")
    page.keyboard.type("sleep 987\n")
    wait_for(lambda: "sleep 987" in docker("top", card["session"]["container"]), what="the program under way")
    tab(page, "Old").focus()
    page.keyboard.press("F2")
    page.keyboard.type("New\n")
    expect(tab(page, "New")).to_be_visible()
    assert violations(page) == []
    tab(page, "New").focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog", name="Close “New”?")).to_contain_text("sleep 987 runs in it")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_role("tab")).to_have_count(0)
    page.locator("#terminal-0 .xterm-helper-textarea").focus()
    in_front(page, MAIN)


def test_a_guest_has_the_tabs_too_and_a_phone_scrolls_them(product, page, card, chromium):
    for name in ("One of them", "Another of them", "The last of them"):
        product.api.post(f"/cards/{card['id']}/terminals", json={"name": name})
    link = product.api.post(f"/cards/{card['id']}/links", json={"role": "type", "expires_in_s": 600}).json()
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    guest = context.new_page()
    guest.goto(link["url"])
    guest.get_by_label("Your name").fill("Grace")
    guest.keyboard.press("Enter")
    tab(guest, "The last of them").click()
    in_front(guest, 3)
    guest.keyboard.type("echo by-gu''est\n")
    pages.shows(guest, "by-guest")
    assert guest.evaluate("document.documentElement.scrollWidth") == 360
    expect(guest.get_by_role("button", name="New terminal")).to_have_count(0)
    context.close()
