"""A terminal shared by a link: two browsers, of which one has no account."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pages


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`stranger()` is somebody in a browser of their own who has never logged in."""
    contexts = []

    def arrive(**options: object) -> Page:
        contexts.append(chromium.new_context(**options))  # type: ignore[arg-type]
        return contexts[-1].new_page()

    yield arrive
    for context in contexts:
        context.close()


def open_dialog(page: Page, product, card) -> None:
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    page.get_by_role("button", name="Share this terminal").click()


def new_link(page: Page, role: str) -> str:
    """By keyboard where it can be: choose, Enter."""
    page.get_by_role("radio", name=re.compile(f"^{role}")).check()
    page.keyboard.press("Enter")
    return str(page.get_by_role("textbox", name="Link").input_value())


def enter(guest: Page, link: str, name: str) -> None:
    guest.goto(link)
    guest.get_by_label("Your name").fill(name)
    guest.keyboard.press("Enter")
    pages.live(guest)


def test_a_guest_names_himself_types_and_is_thrown_out_on_revoke(product, person, stranger):
    card = product.running_card("Pair on this")
    page, guest = person(), stranger()
    open_dialog(page, product, card)
    link = new_link(page, "Type")
    expect(page.get_by_role("img", name="QR code of the link")).to_be_visible()
    expect(page.get_by_test_id("share").get_by_role("button", name="Copy link")).to_be_focused()
    enter(guest, link, "Grace")
    pages.type_line(guest, "echo typed-$((40+2))")
    pages.shows(page, "typed-42")
    expect(page.get_by_role("button", name="In this terminal")).to_have_attribute("aria-label", re.compile("Grace"))
    expect(guest.get_by_text(product.board()["name"])).to_have_count(0)
    page.get_by_role("button", name="Revoke the link: Can type").click()
    expect(guest.get_by_text("You are no longer in this terminal")).to_be_visible(timeout=2000)
    expect(guest.get_by_text("This link was revoked")).to_be_visible()
    expect(page.get_by_text("Nobody has a link")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="This link does not work")).to_be_visible()


def test_a_guest_who_watches_cannot_type_and_is_told_so(product, person, stranger):
    card = product.running_card("Look at this")
    page, guest = person(), stranger(viewport={"width": 360, "height": 740})
    open_dialog(page, product, card)
    enter(guest, new_link(page, "Watch"), "Grace")
    expect(guest.get_by_text("You are watching; typing is off.")).to_be_visible()
    guest.locator(".xterm-helper-textarea").focus()
    guest.keyboard.type("echo not-this\n")
    page.keyboard.press("Escape")
    pages.type_line(page, "echo but-this-$((40+2))")
    pages.shows(guest, "but-this-42")
    assert "not-this" not in pages.screen(page)
    assert guest.evaluate("document.documentElement.scrollWidth") <= 360
