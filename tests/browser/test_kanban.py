"""The board as a kanban in a real browser: columns and their limits, boards."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.product import wait_for


@pytest.fixture(autouse=True)
def first_columns(product):
    """What a test adds to the board's columns is gone for the next one."""
    kept = {column["id"] for column in product.board()["columns"]}
    yield
    product.remove_all()
    for column in product.board()["columns"]:
        if column["id"] not in kept:
            product.api.delete(f"/columns/{column['id']}")
        else:
            product.api.patch(f"/columns/{column['id']}", json={"wip_limit": None})


def column_menu(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Column {name}").click()
    page.get_by_role("button", name=item).click()


def names(page: Page):
    return page.locator("[data-column] h2")


def test_a_column_is_added_moved_renamed_and_deleted_and_other_pages_follow(product, person):
    page, other = person(), person()
    page.get_by_test_id("add-column").click()
    page.keyboard.type("Review")
    page.get_by_label("Finished").check()
    page.get_by_role("dialog").get_by_role("button", name="Add column").click()
    expect(names(other)).to_have_text(["Backlog", "Active", "Done", "Review"])
    page.get_by_role("button", name="Column Review").focus()
    for key in ("Enter", "ArrowDown", "Enter"):  # Move left, by keyboard alone
        page.keyboard.press(key)
    expect(names(other)).to_have_text(["Backlog", "Active", "Review", "Done"])
    expect(page.get_by_role("button", name="Column Review")).to_be_focused()
    column_menu(page, "Review", "Edit column")
    page.get_by_role("dialog").get_by_label("Name").fill("Looked at")
    page.get_by_role("button", name="Save").click()
    expect(names(other)).to_have_text(["Backlog", "Active", "Looked at", "Done"])
    column_menu(page, "Looked at", "Delete column")
    for each in (page, other):
        expect(names(each)).to_have_text(["Backlog", "Active", "Done"])


def test_a_column_with_cards_is_kept_and_says_what_to_do(product, person):
    product.new_card("Here")
    page = person()
    column_menu(page, "Backlog", "Delete column")
    expect(page.get_by_test_id("toast")).to_contain_text("still has 1 card")
    expect(names(page)).to_have_text(["Backlog", "Active", "Done"])


def test_a_card_over_the_limit_goes_back_with_the_reason(product, person):
    one, two = (product.new_card(title) for title in ("One", "Two"))
    product.move(one["id"], "done")
    page = person()
    column_menu(page, "Done", "Edit column")
    page.get_by_label("At most so many cards").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(pages.column(page, "done").locator(".count")).to_have_text("1 / 1")
    pages.drag_to(page, two["id"], "done")
    expect(page.get_by_test_id("toast")).to_contain_text("limited to 1 card")
    expect(pages.column(page, "backlog").locator(f'[data-card="{two["id"]}"]')).to_have_count(1)
    assert product.card(two["id"])["column"] == product.column("backlog")


def test_boards_are_made_renamed_switched_and_deleted(product, person):
    page = person()
    first = page.url
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="New board").click()
    page.keyboard.type("Other")
    page.get_by_role("button", name="Create board").click()
    expect(page.locator("h1")).to_have_text("Other")
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="Rename this board").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Another")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.locator("h1")).to_have_text("Another")
    wait_for(lambda: [b["name"] for b in product.api.get("/boards").json()] == ["My board", "Another"], what="its name")
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="Delete this board").click()
    page.get_by_role("button", name="Delete board", exact=True).click()
    page.wait_for_url(first)
    assert [b["name"] for b in product.api.get("/boards").json()] == ["My board"]


def test_an_archived_card_comes_back_by_undo_as_it_was(product, person):
    cards = [product.new_card(title) for title in ("One", "Two", "Three")]
    page, other = person(), person()
    titles = pages.column(other, "backlog").locator("[data-card] h3")
    pages.card(page, cards[1]["id"]).focus()
    page.keyboard.press("a")
    expect(titles).to_have_text(["One", "Three"])
    expect(pages.card(page, cards[2]["id"])).to_be_focused()
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    for each in (page, other):
        expect(pages.column(each, "backlog").locator("[data-card] h3")).to_have_text(["One", "Two", "Three"])


def test_a_running_card_that_is_archived_stops_and_runs_again_when_restored(product, person):
    card = product.running_card("Busy")
    page = person()
    pages.choose(page, card["id"], "Archive")
    expect(pages.card(page, card["id"])).to_have_count(0)
    product.until(card["id"], "asleep")
    page.get_by_role("button", name="Boards").click()
    page.get_by_role("button", name="Archived cards").click()
    page.get_by_role("button", name="Restore Busy").click()
    expect(page.get_by_test_id("archive")).to_contain_text("Nothing is archived")
    page.keyboard.press("Escape")
    expect(pages.card(page, card["id"])).to_have_attribute("data-status", "running", timeout=20_000)


def test_an_open_card_that_somebody_archives_says_so(product, person):
    card = product.new_card("Looked at")
    page = person()
    pages.card(page, card["id"]).click()
    product.api.post(f"/cards/{card['id']}/archive")
    expect(pages.panel(page)).to_contain_text("This card was archived")
    pages.panel(page).get_by_role("button", name="Restore").click()
    expect(pages.card(page, card["id"])).to_have_count(1)


def test_search_shows_what_matches_and_the_address_keeps_it(product, person):
    for title in ("Fix the login", "Fix the café page", "Write notes"):
        product.new_card(title)
    page = person()
    titles = page.locator("[data-card] h3")
    page.keyboard.press("/")
    page.keyboard.type("CAFE fix")
    expect(titles).to_have_text(["Fix the café page"])
    expect(page.get_by_test_id("filter-result")).to_have_text("1 of 3")
    page.reload()
    expect(titles).to_have_text(["Fix the café page"])
    titles.first.click()
    page.go_back()
    assert page.url.endswith("?q=CAFE+fix")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(titles).to_have_count(3)
    assert "?" not in page.url


def test_cards_are_filtered_by_their_state_and_arrows_walk_those_that_are_seen(product, person):
    product.running_card("Runs")
    one, _, three = (product.new_card(title) for title in ("One", "Hidden", "One more"))
    page = person()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Show cards that are").select_option("running")
    page.keyboard.press("Escape")
    expect(page.locator("[data-card] h3")).to_have_text(["Runs"])
    page.get_by_role("button", name="Clear search and filters").click()
    page.get_by_role("searchbox").fill("one")
    pages.card(page, one["id"]).focus()
    page.keyboard.press("ArrowDown")
    expect(pages.card(page, three["id"])).to_be_focused()


def test_the_palette_opens_cards_and_does_what_can_be_done(product, person):
    card = product.new_card("Find me")
    page = person()
    page.keyboard.press("Control+k")
    page.keyboard.type("find")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(pages.panel(page)).to_have_attribute("data-panel-card", card["id"])
    page.keyboard.press("Control+k")
    page.keyboard.type("archive find")
    page.keyboard.press("Enter")
    expect(pages.card(page, card["id"])).to_have_count(0)
    wait_for(lambda: product.card(card["id"])["archived_at"], what="the card archived")


def test_a_description_is_read_as_markdown_and_runs_nothing(product, person):
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>[x](javascript:alert(1))"
    card = product.new_card("Described", description=f"# Plan\n\n- **one**\n\n{hostile}")
    page = person()
    alerts = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    pages.card(page, card["id"]).click()
    pages.panel(page).get_by_role("button", name="Details").click()
    shown = page.get_by_test_id("description")
    expect(shown.get_by_role("heading")).to_have_text("Plan")
    expect(shown.locator("strong")).to_have_text("one")
    expect(shown.locator("img, script, a")).to_have_count(0)
    page.get_by_role("button", name="Edit the description").click()
    expect(page.get_by_role("textbox", name="Description")).to_have_value(f"# Plan\n\n- **one**\n\n{hostile}")
    assert not alerts
