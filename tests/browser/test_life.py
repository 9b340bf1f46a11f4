"""A session's life as people see it: it sleeps and is resumed by a click, is forked, snapshotted and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.product import Product


def opened(product: Product, page: Page, title: str) -> dict[str, Any]:
    """A running card with its terminal open."""
    card = product.running_card(title)
    pages.card(page, card["id"]).click(position={"x": 20, "y": 20})
    pages.live(page)
    return card


def sleep(page: Page, how: str) -> None:
    pages.panel(page).get_by_role("button", name="Sleep", exact=True).click()
    page.locator("nav.menu:popover-open").get_by_role("button", name=how).click()


def details(page: Page) -> Any:
    pages.panel(page).get_by_role("button", name="Details").click()
    return page.get_by_test_id("card-sheet")


def test_a_click_on_a_paused_card_resumes_it_with_its_programs_where_they_were(
    product: Product, person: Callable[..., Page]
) -> None:
    page = person()
    card = opened(product, page, "Held")
    pages.type_line(page, "HELD=in-memory-only")
    sleep(page, "Pause, programs kept")
    expect(pages.panel(page)).to_have_attribute("data-status", "paused")
    expect(pages.card(page, card["id"])).to_have_attribute("aria-label", re.compile("Paused, programs kept"))
    pages.shows(page, "HELD=in-memory-only")  # its last screen, dimly
    pages.card(page, card["id"]).click(position={"x": 20, "y": 20})
    expect(pages.panel(page)).to_have_attribute("data-status", "running")
    pages.type_line(page, "echo it-is-$HELD")
    pages.shows(page, "it-is-in-memory-only")


def test_a_shell_that_ended_stays_ended_until_somebody_starts_it_again(
    product: Product, person: Callable[..., Page]
) -> None:
    page = person()
    opened(product, page, "Left")
    pages.type_line(page, "echo kept > /workspace/kept; exit")
    again = pages.panel(page).get_by_role("button", name="Start again")
    expect(again).to_be_visible(timeout=40_000)
    expect(pages.panel(page).locator(".overlay")).to_contain_text("The shell ended")
    again.click()
    pages.live(page)
    pages.type_line(page, "echo it-is-$(cat /workspace/kept)")
    pages.shows(page, "it-is-kept")


def test_a_fork_is_beside_its_card_opens_with_its_files_and_knows_where_it_came_from(
    product: Product, person: Callable[..., Page]
) -> None:
    page = person()
    card = opened(product, page, "First way")
    pages.type_line(page, "echo same > /workspace/file; echo written")
    pages.shows(page, "written\n")
    pages.card(page, card["id"]).focus()
    page.keyboard.press("f")
    expect(pages.panel(page)).to_have_attribute("aria-label", "Terminal of First way (fork)")
    pages.live(page)
    pages.type_line(page, "echo it-is-the-$(cat /workspace/file)")
    pages.shows(page, "it-is-the-same")
    titles = pages.column(page, "active").locator(".card-title")
    expect(titles).to_have_text(["First way", "First way (fork)"])
    tree = details(page).get_by_test_id("lineage")
    expect(tree.locator("[aria-current]")).to_have_text("First way (fork)")
    expect(tree.get_by_role("link", name="First way", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Fork of First way").click()
    expect(pages.card(page, card["id"])).to_be_focused()


def test_a_restored_snapshot_brings_a_file_back_and_the_timeline_tells_it(
    product: Product, person: Callable[..., Page]
) -> None:
    page = person()
    opened(product, page, "Taken back")
    pages.type_line(page, "echo good > /workspace/work; echo written")
    pages.shows(page, "written\n")
    sheet = details(page)
    snapshots = sheet.get_by_test_id("snapshots")
    snapshots.get_by_role("textbox").fill("while it was good")
    snapshots.get_by_role("button", name="Take a snapshot").click()
    row = snapshots.locator("[data-snapshot]").filter(has_text="while it was good")
    expect(row).to_have_attribute("data-state", "ready", timeout=30_000)
    page.keyboard.press("Escape")
    pages.type_line(page, "echo bad > /workspace/work; echo spoilt")
    pages.shows(page, "spoilt\n")
    details(page)
    row.get_by_role("button", name="Restore").click()
    asked = page.get_by_role("dialog", name="Restore this snapshot?")
    expect(asked).to_contain_text("Its present state is kept as a snapshot first.")
    asked.get_by_role("button", name="Restore").click()
    history = sheet.get_by_test_id("history")
    expect(history).to_contain_text("went back to a snapshot “while it was good”")
    expect(history).to_contain_text("took a snapshot “while it was good”")
    expect(snapshots.locator("[data-snapshot]")).to_have_count(2)  # the one of before the restore, too
    page.keyboard.press("Escape")
    expect(pages.panel(page)).to_have_attribute("data-status", "running", timeout=30_000)
    pages.live(page)
    pages.type_line(page, "echo it-is-$(cat /workspace/work)")
    pages.shows(page, "it-is-good")
