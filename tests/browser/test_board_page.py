"""The board in a real browser: cards made, dragged by mouse and by keyboard, failed, stopped and deleted."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.breaking import break_shell, mend_shell
from tests.browser import pages
from tests.product import wait_for


def test_a_card_is_made_and_dragged_to_active_by_mouse_and_its_terminal_opens(product, person):
    page = person()
    pages.column(page, "backlog").get_by_test_id("add-card").click()
    page.keyboard.type("Fix login")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    made = page.locator("[data-card]", has_text="Fix login")
    expect(made).to_have_count(1)
    expect(made).not_to_have_attribute("data-unsaved", "true")
    card_id = made.get_attribute("data-card")
    pages.drag_to(page, card_id, "active")
    pages.live(page)
    expect(pages.column(page, "active").locator(f'[data-card="{card_id}"]')).to_have_attribute("data-status", "running")
    assert page.url.endswith(f"/c/{card_id}")
    page.keyboard.type("echo it-wor''ks\n")
    pages.shows(page, "it-works")


def test_a_card_is_dragged_by_keyboard_alone_and_each_place_is_announced(product, person):
    product.new_card("One")
    card = product.new_card("Two")
    page = person()
    pages.card(page, card["id"]).focus()
    page.keyboard.press("Space")
    said = page.locator('[aria-live="assertive"], [aria-live="polite"]')
    expect(said.filter(has_text="lifted")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(said.filter(has_text="Active")).to_have_count(1)
    page.keyboard.press("Space")
    pages.live(page)
    assert product.card(card["id"])["column"] == product.column("active")


def test_escape_puts_a_lifted_card_back(product, person):
    card = product.new_card("Stay")
    page = person()
    pages.card(page, card["id"]).focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(pages.column(page, "active").locator("[data-card]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(pages.column(page, "backlog").locator("[data-card]")).to_have_count(1)
    assert product.card(card["id"])["session"] is None


def test_cards_are_put_in_order_within_a_column(product, person):
    ids = [product.new_card(title)["id"] for title in ("a", "b", "c")]
    page = person()
    pages.card(page, ids[2]).focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(pages.column(page, "backlog").locator("[data-card] h3")).to_have_text(["c", "a", "b"])

    def order():
        return [c["title"] for c in product.board()["columns"][0]["cards"]]

    wait_for(lambda: order() == ["c", "a", "b"], what="the order kept")


def test_off_active_it_stops_and_back_it_has_its_files(product, person):
    card = product.new_card("Keep")
    page = person()
    pages.drag_to(page, card["id"], "active")
    pages.live(page)
    pages.type_line(page, "touch kept-file; echo do''ne")
    pages.shows(page, "done")
    pages.drag_to(page, card["id"], "done")
    expect(pages.card(page, card["id"])).to_have_attribute("data-status", "archived", timeout=20_000)
    pages.drag_to(page, card["id"], "active")
    pages.live(page)
    pages.type_line(page, "ls -1; echo list''ed")
    pages.shows(page, "kept-file\nlisted")


def test_every_open_page_follows(product, person):
    card = product.new_card("Followed")
    one, two = person(), person()
    pages.drag_to(one, card["id"], "active")
    expect(pages.column(two, "active").locator(f'[data-card="{card["id"]}"]')).to_have_attribute(
        "data-status", "running", timeout=20_000
    )
    product.api.patch(f"/cards/{card['id']}", json={"title": "Renamed"})
    for page in (one, two):
        expect(pages.card(page, card["id"]).locator("h3")).to_have_text("Renamed")


def test_deleting_says_what_is_lost_and_asks(product, person):
    card = product.running_card("Doomed")
    page = person()
    pages.choose(page, card["id"], "Delete…")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("vibenv-doomed")
    expect(dialog).to_contain_text(re.compile("files", re.I))
    dialog.get_by_role("button", name="Delete").click()
    expect(pages.card(page, card["id"])).to_have_count(0)


def test_a_failed_start_shows_reason_log_and_retry(product, person):
    card = product.running_card("Breaks")
    name = card["session"]["container"]
    product.move(card["id"], "backlog")
    product.until(card["id"], "asleep")
    break_shell(name)
    page = person()
    pages.drag_to(page, card["id"], "active")
    failed = pages.card(page, card["id"])
    expect(failed).to_have_attribute("data-status", "failed", timeout=60_000)
    expect(failed).to_contain_text("ended right after")
    failed.get_by_role("button", name="Show log").click()
    expect(page.get_by_role("dialog")).to_contain_text("broken")
    page.keyboard.press("Escape")
    mend_shell(name)
    failed.get_by_role("button", name="Retry").click()
    pages.live(page)


def test_what_the_server_refuses_is_put_back_and_told(product, person):
    card = product.new_card("Gone meanwhile")
    page = person()
    page.route("**/api/v1/cards/*/move", lambda route: route.fulfill(
        status=409, content_type="application/problem+json", body='{"detail": "The limit is reached."}'
    ))  # fmt: skip
    pages.drag_to(page, card["id"], "active")
    expect(page.get_by_text("The limit is reached.")).to_be_visible()
    expect(pages.column(page, "backlog").locator(f'[data-card="{card["id"]}"]')).to_have_count(1)


def test_a_stranger_sees_how_to_get_in(product, chromium):
    page = chromium.new_page()
    page.goto(f"{product.url}/c/whatever")
    expect(page.locator("body")).to_contain_text("vibenv login")
    page.goto(f"{product.url}/login/used-or-guessed")
    expect(page.locator("body")).to_contain_text("used already")
    page.close()


def test_the_api_docs_page_works_under_our_policy(product, person):
    page = person()
    refused = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.goto(f"{product.url}/api/v1/docs")
    expect(page.get_by_text("/api/v1/cards/{card_id}/move")).to_be_visible()
    assert not refused
