"""What a card says of itself, in a real browser: details, labels, people, days, and two people at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.product import wait_for


@pytest.fixture(autouse=True)
def no_labels(product):
    """The board's labels are gone for the next test."""
    yield
    for label in product.board()["labels"]:
        product.api.delete(f"/labels/{label['id']}")


def new_label(product, name: str, colour: str = "red") -> dict[str, str]:
    made = product.api.post(f"/boards/{product.board()['id']}/labels", json={"name": name, "colour": colour})
    assert made.status_code == 201, made.text
    return dict(made.json())


def sheet(page: Page) -> Locator:
    return page.get_by_test_id("card-sheet")


def open_sheet(page: Page, card_id: str) -> Locator:
    page.goto(f"{page.url.split('/b/')[0]}/b/{page.url.split('/b/')[1].split('#')[0]}#details={card_id}")
    page.reload()
    expect(sheet(page)).to_be_visible()
    return sheet(page)


def test_what_is_written_in_a_sheet_is_saved_when_it_is_left(product, person):
    card = product.new_card("Old")
    page, other = person(), person()
    open_sheet(page, card["id"])
    sheet(page).get_by_label("Title").fill("New")
    sheet(page).get_by_role("button", name="Add a description").click()
    expect(pages.card(other, card["id"]).locator("h3")).to_have_text("New")
    page.keyboard.type("It is **so**.")
    page.keyboard.press("Escape")
    expect(sheet(page).get_by_test_id("description").locator("strong")).to_have_text("so")
    assert product.card(card["id"])["description"] == "It is **so**."
    page.keyboard.press("Escape")
    expect(sheet(page)).to_have_count(0)
    assert "#" not in page.url


def test_two_who_write_the_same_text_see_both_versions_and_lose_neither(product, person):
    card = product.new_card("Shared", description="First")
    page, other = person(), person()
    for each, words in ((page, "Mine"), (other, "Theirs")):
        open_sheet(each, card["id"]).get_by_role("button", name="Edit the description").click()
        sheet(each).get_by_label("Description", exact=True).last.fill(words)
    other.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("changed-meanwhile")).to_be_visible()
    page.keyboard.press("Control+Enter")
    both = page.get_by_test_id("comparison")
    expect(both).to_contain_text("Theirs")
    assert product.card(card["id"])["description"] == "Theirs"
    page.keyboard.press("Escape")  # does not lose it either
    expect(both).to_be_visible()
    sheet(page).get_by_role("textbox", name="Description").fill("Theirs and mine")
    both.get_by_role("button", name="Keep mine").click()
    expect(sheet(other).get_by_test_id("description")).to_have_text("Theirs and mine")
    assert product.card(card["id"])["description"] == "Theirs and mine"


def test_labels_are_made_and_set_in_a_picker(product, person):
    card = product.new_card("Labelled")
    new_label(product, "Bug")
    page = person()
    open_sheet(page, card["id"]).get_by_role("button", name="Change labels").click()
    page.keyboard.type("bu")
    page.keyboard.press("Enter")
    chips = pages.card(page, card["id"]).locator(".chip")
    expect(chips).to_have_text(["Bug"])
    page.get_by_label("Find or create a label").fill("Needs a look")
    page.get_by_role("option", name="Create “Needs a look”").click()
    expect(chips).to_have_text(["Bug", "Needs a look"])
    page.get_by_role("option", name="Bug").click()
    expect(chips).to_have_text(["Needs a look"])
    page.keyboard.press("Escape")
    expect(sheet(page).get_by_role("button", name="Change labels")).to_be_focused()
    wait_for(lambda: len(product.card(card["id"])["labels"]) == 1, what="the labels kept")


def test_a_card_is_taken_by_somebody_and_has_a_day(product, person):
    card = product.new_card("Mine")
    page = person()
    open_sheet(page, card["id"]).get_by_role("button", name="Assign to me").click()
    expect(pages.card(page, card["id"]).get_by_role("img", name="Assigned to owner")).to_have_count(1)
    sheet(page).get_by_role("button", name="Tomorrow").click()
    expect(pages.card(page, card["id"]).locator(".due")).to_have_text("Tomorrow")
    sheet(page).get_by_label("Due on").fill("2020-01-31")
    expect(pages.card(page, card["id"]).locator(".due")).to_have_text("Overdue: 31 Jan 2020")
    wait_for(lambda: product.card(card["id"])["due_on"] == "2020-01-31", what="the day kept")
