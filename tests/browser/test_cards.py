"""What a card says of itself, in a real browser: details, labels, people, days, and two people at once."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

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
    pages.card(page, card_id).focus()
    page.keyboard.press("e")
    expect(sheet(page)).to_be_visible()
    return sheet(page)


def test_what_is_written_in_a_sheet_is_saved_when_it_is_left(product, person):
    card = product.new_card("Old")
    page, other = person(), person()
    open_sheet(page, card["id"])
    page.reload()  # the address names the sheet
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


def test_what_is_being_written_outlives_the_cards_way_to_the_archive_and_back(product, person):
    card = product.new_card("Gone for a while", description="First")
    page = person()
    open_sheet(page, card["id"]).get_by_role("button", name="Edit the description").click()
    sheet(page).get_by_role("textbox", name="Description").fill("Second")
    product.api.post(f"/cards/{card['id']}/archive")
    expect(sheet(page)).to_contain_text("This card was archived")
    expect(sheet(page)).to_contain_text("Second")
    sheet(page).get_by_role("button", name="Restore").click()
    sheet(page).get_by_role("button", name="Save").click()
    expect(sheet(page).get_by_test_id("description")).to_have_text("Second")
    assert product.card(card["id"])["description"] == "Second"


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


def test_a_day_is_told_by_the_readers_own_calendar(product, person):
    east, west = "Pacific/Kiritimati", "Pacific/Honolulu"  # 24 hours apart
    today = datetime.now(ZoneInfo(east)).date().isoformat()
    card = product.new_card("Due")
    product.api.patch(f"/cards/{card['id']}", json={"due_on": today})
    expect(pages.card(person(timezone_id=east), card["id"]).locator(".due")).to_have_text("Today")
    expect(pages.card(person(timezone_id=west), card["id"]).locator(".due")).to_have_text("Tomorrow")


def test_filters_are_kept_in_the_address_and_can_be_taken_off_one_by_one(product, person):
    label = new_label(product, "Bug")
    me = product.board()["members"][0]["id"]
    one, two = (product.new_card(title) for title in ("Both", "Label only"))
    product.new_card("Neither")
    for card in (one, two):
        product.api.patch(f"/cards/{card['id']}", json={"labels": [label["id"]]})
    product.api.patch(f"/cards/{one['id']}", json={"assignees": [me], "due_on": "2020-01-01"})
    page = person()
    titles = page.locator("[data-card] h3")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("With the label").select_option(label="Bug")
    expect(titles).to_have_text(["Both", "Label only"])
    page.get_by_role("combobox", name="Assigned to").select_option(label="Me")
    page.get_by_role("combobox", name="Due").select_option(label="Overdue")
    expect(titles).to_have_text(["Both"])
    page.reload()
    expect(titles).to_have_text(["Both"])
    expect(page.get_by_role("button", name="Filter, 3 set")).to_be_visible()
    assert f"label={label['id']}&assigned=me&due=overdue" in page.url
    page.get_by_role("button", name="Remove the filter Assigned to me").click()
    page.get_by_role("button", name="Remove the filter Overdue").click()
    expect(titles).to_have_text(["Both", "Label only"])
    page.get_by_role("button", name="Clear search and filters").click()
    expect(titles).to_have_count(3)


def test_several_cards_are_dragged_at_once(product, person):
    a, b, c, d = (product.new_card(title)["id"] for title in "abcd")
    page, other = person(), person()
    pages.card(page, a).click(modifiers=["Control"])
    pages.card(page, c).click(modifiers=["Control"])
    expect(page.get_by_test_id("select-bar")).to_contain_text("2 selected")
    pages.drag_to(page, c, "done")
    for each in (page, other):
        expect(pages.column(each, "done").locator("[data-card] h3")).to_have_text(["a", "c"])
        expect(pages.column(each, "backlog").locator("[data-card] h3")).to_have_text(["b", "d"])
    expect(page.get_by_test_id("select-bar")).to_have_count(0)
    assert {b, d} == {card["id"] for card in product.board()["columns"][0]["cards"]}


def test_several_cards_are_chosen_and_moved_by_keyboard_alone(product, person):
    ids = [product.new_card(title)["id"] for title in "abcd"]
    page = person()
    pages.card(page, ids[0]).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(pages.card(page, ids[1])).to_be_focused()
    expect(page.get_by_test_id("select-bar")).to_contain_text("2 selected")
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(pages.column(page, "done").locator("[data-card] h3")).to_have_text(["a", "b"])
    expect(page.get_by_test_id("announcer")).to_have_text("2 cards moved to Done.")
    pages.card(page, ids[2]).focus()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("select-bar")).to_have_count(0)
    wait_for(lambda: len(product.board()["columns"][2]["cards"]) == 2, what="the move kept")


def test_a_range_is_archived_and_comes_back_by_undo(product, person):
    ids = [product.new_card(title)["id"] for title in "abcd"]
    page = person()
    pages.card(page, ids[0]).click(modifiers=["Control"])
    pages.card(page, ids[2]).click(modifiers=["Shift"])
    page.get_by_test_id("select-bar").get_by_role("button", name="Archive").click()
    titles = pages.column(page, "backlog").locator("[data-card] h3")
    expect(titles).to_have_text(["d"])
    page.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(titles).to_have_text(["a", "b", "c", "d"])


def test_a_move_that_does_not_fit_is_undone_whole(product, person):
    ids = [product.new_card(title)["id"] for title in "abc"]
    done = product.column("done")
    product.api.patch(f"/columns/{done}", json={"wip_limit": 2})
    page = person()
    for card_id in ids:
        pages.card(page, card_id).click(modifiers=["Control"])
    page.get_by_test_id("select-bar").get_by_role("button", name="Move to").click()
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(page.get_by_test_id("toast")).to_contain_text("2 of these 3 fit")
    expect(pages.column(page, "backlog").locator("[data-card]")).to_have_count(3)
    product.api.patch(f"/columns/{done}", json={"wip_limit": None})


def test_a_new_card_like_another_is_named_at_once(product, person):
    card = product.new_card("Pattern", description="How it is done")
    page = person()
    pages.choose(page, card["id"], "New card like this")
    expect(sheet(page).get_by_label("Title")).to_be_focused()
    page.keyboard.type("Second")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    titles = pages.column(page, "backlog").locator("[data-card] h3")
    expect(titles).to_have_text(["Pattern", "Second"])
    assert product.board()["columns"][0]["cards"][1]["description"] == "How it is done"


def test_a_template_is_offered_where_cards_are_added(product, person):
    card = product.new_card("Bug report", description="Steps")
    page = person()
    pages.choose(page, card["id"], "Make it a template")
    expect(pages.card(page, card["id"])).to_contain_text("Template")
    pages.column(page, "done").get_by_test_id("add-card").click()
    page.keyboard.type("It crashes")
    page.get_by_role("button", name="Bug report", exact=True).click()
    expect(pages.column(page, "done").locator("[data-card] h3")).to_have_text(["It crashes"])
    made = product.board()["columns"][2]["cards"][0]
    assert (made["description"], made["is_template"]) == ("Steps", False)


def test_a_finger_lifts_a_card_and_moves_it(product, person):
    ids = [product.new_card(title)["id"] for title in "abc"]
    page = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    session = page.context.new_cdp_session(page)
    box = pages.card(page, ids[0]).bounding_box()
    end = pages.card(page, ids[2]).bounding_box()
    x, y = box["x"] + 60, box["y"] + 12

    def touch(kind, *points):
        touches = [{"x": at_x, "y": at_y} for at_x, at_y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", (x, y))
    expect(page.locator(".touch-ghost")).to_be_visible()
    for step in range(1, 6):
        touch("touchMove", (x, y + step / 5 * (end["y"] + end["height"] - y)))
    touch("touchEnd")
    expect(pages.column(page, "backlog").locator("[data-card] h3")).to_have_text(["b", "c", "a"])
    expect(page.locator(".touch-ghost")).to_have_count(0)
    expect(pages.panel(page)).to_have_count(0)  # a drag is no tap
    wait_for(lambda: product.board()["columns"][0]["cards"][2]["title"] == "a", what="the place kept")
