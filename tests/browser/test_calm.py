"""Nothing on a page moves unless somebody moved it: while it loads, while a terminal opens, while others work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import calm, pages

LIVE = '[data-testid="connection"][data-connection="live"]'


@pytest.fixture(scope="module")
def filled(product) -> Iterator[dict[str, str]]:
    """A board with cards of all kinds; ids by title."""
    titles = ("Plan the week", "Read the tests", "Write notes", "Measure it")
    made = {title: product.new_card(title, description="About *this*.\n\nAnd that.")["id"] for title in titles}
    label = product.api.post(f"/boards/{product.board()['id']}/labels", json={"name": "Calm", "colour": "red"}).json()[
        "id"
    ]
    product.api.patch(f"/cards/{made['Plan the week']}", json={"labels": [label], "due_on": "2020-01-01"})
    made["Runs"] = product.running_card("Runs")["id"]
    made["Rests"] = product.running_card("Rests")["id"]
    product.move(made["Rests"], "done")
    product.until(made["Rests"], "archived")
    yield made
    product.remove_all()
    product.api.delete(f"/labels/{label}")


@pytest.fixture
def tidy() -> None:
    """The board is this module's."""


@pytest.fixture
def page(person) -> Page:
    arrived: Page = person()
    calm.watch(arrived.context)
    return arrived


@pytest.mark.parametrize("place", ["/", "/c/{Runs}", "/c/{Rests}", "/b/{board}/wall", "/?q=tests"])
def test_a_page_stands_still_while_it_loads(product, page, filled, place):
    page.goto(product.url + place.format(board=product.board()["id"], **filled))
    expect(page.locator(f"{LIVE}, [data-testid=panel]").first).to_be_attached()
    if "Runs" in place:
        pages.live(page)
    assert calm.still(page)


def test_columns_stay_where_they_are_when_a_terminal_opens_and_closes(page, filled):
    page.reload()
    first = pages.card(page, filled["Plan the week"])
    box = first.bounding_box()
    first.click()
    expect(pages.panel(page)).to_be_visible()
    pages.card(page, filled["Runs"]).click()
    pages.live(page)
    assert first.bounding_box() == box
    page.keyboard.press("Shift+F6")
    page.keyboard.press("Escape")
    expect(pages.panel(page)).to_have_count(0)
    assert first.bounding_box() == box
    assert calm.still(page)


def test_a_card_stays_under_the_pointer_that_dropped_it_and_the_terminal_opens_beside_it(product, page, filled):
    page.reload()
    dropped = filled["Measure it"]
    pages.drag_to(page, dropped, "active")
    expect(pages.panel(page)).to_be_visible()
    box = pages.card(page, dropped).bounding_box()
    pages.live(page)
    after = pages.card(page, dropped).bounding_box()
    assert box is not None
    assert after is not None
    assert (box["x"], box["width"]) == (after["x"], after["width"])
    assert after["x"] + after["width"] <= pages.panel(page).bounding_box()["x"]
    product.move(dropped, "backlog")
    product.until(dropped, "asleep")


def test_a_card_that_the_terminal_would_cover_is_scrolled_into_sight(page, filled):
    page.reload()
    rests = pages.card(page, filled["Rests"])
    rests.click()
    expect(pages.panel(page)).to_be_visible()
    box, panel = rests.bounding_box(), pages.panel(page).bounding_box()
    assert box is not None
    assert panel is not None
    assert box["x"] + box["width"] <= panel["x"]


def test_only_the_cards_below_make_room_when_somebody_else_moves_one(product, page, filled):
    page.reload()
    above = pages.card(page, filled["Plan the week"])
    box = above.bounding_box()
    product.move(filled["Read the tests"], "done")
    expect(pages.column(page, "done").locator(f'[data-card="{filled["Read the tests"]}"]')).to_be_visible()
    assert above.bounding_box() == box
    moved = [each for shift in calm.shifts(page) for each in shift.moved]
    assert not [each for each in moved if "column" in each or "Plan the week" in each], moved
