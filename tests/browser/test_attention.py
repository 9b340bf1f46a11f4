"""Cards that wait for somebody."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import pages
from tests.terminal_client import TerminalClient


def ask_later(product, card, seconds=1):
    """Have the card's program notify when nobody looks any more."""
    client = TerminalClient(f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal", product.token)
    client.until("# ")
    client.type(rf"sleep {seconds}; printf '\033]777;notify;Agent;needs an ans''wer\007'; sleep 60" + "\r")
    client.until("sleep 60")
    client.close()


def test_a_card_that_waits_is_marked_and_counted_until_it_is_opened(product, person):
    card = product.running_card("Waits")
    page = person()
    ask_later(product, card)
    expect(pages.card(page, card["id"])).to_have_attribute("data-waiting", "true")
    expect(pages.card(page, card["id"])).to_contain_text("Waits for you: Agent: needs an answer")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    pages.card(page, card["id"]).click()
    pages.live(page)
    expect(pages.card(page, card["id"])).not_to_have_attribute("data-waiting", "true")
    expect(page).to_have_title(re.compile(r"^Waits"))


def test_leave_to_notify_is_asked_in_the_menu_only_and_used_when_the_user_is_elsewhere(product, person):
    card = product.running_card("Calls")
    page = person()
    page.add_init_script(
        """window.asked = 0; window.notes = []; let permission = "default";
        window.Notification = class { constructor(title, { body }) { window.notes.push([title, body]); } close() {}
          static get permission() { return permission; }
          static async requestPermission() { window.asked += 1; return (permission = "granted"); } };
        document.hasFocus = () => false;"""
    )
    page.reload()
    page.wait_for_selector('[data-testid="connection"][data-connection="live"]')
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Boards", exact=True).click()
    page.get_by_role("button", name="Notify me when a terminal waits").click()
    page.wait_for_function("() => window.asked === 1")
    ask_later(product, card)
    page.wait_for_function("() => window.notes.length === 1")
    assert page.evaluate("window.notes[0]") == ["Calls", "Agent: needs an answer"]
