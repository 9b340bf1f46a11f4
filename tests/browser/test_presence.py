"""Two people on one board: they see each other come, look at cards, and go; and what a page says that lost its connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pages
from tests.product import Product, wait_for

Newcomer = Callable[[str], Page]


@pytest.fixture
def newcomer(product: Product, chromium: Browser) -> Iterator[Newcomer]:
    """`newcomer("Ada")` joins the board by an invite, in a browser of their own."""
    contexts = []

    def arrive(name: str) -> Page:
        invite = product.api.post(f"/boards/{product.board()['id']}/invites", json={"role": "editor"}).json()
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 800}))
        page = contexts[-1].new_page()
        page.goto(invite["url"])
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Password").fill("quite a long one")
        page.get_by_role("button", name="Join the board").click()
        page.wait_for_selector('[data-testid="connection"][data-connection="live"]')
        return page

    yield arrive
    for context in contexts:
        context.close()
    me = product.api.get("/me").json()["id"]
    board = product.board()
    for member in board["members"]:
        if member["id"] != me:
            product.api.delete(f"/boards/{board['id']}/members/{member['id']}")


def test_people_see_each_other_on_the_board_and_at_a_card_until_they_go(product, person, newcomer):
    card = product.new_card("Looked at")["id"]
    mine = person()
    expect(mine.get_by_test_id("here")).to_have_count(0)
    theirs = newcomer("Ada Byron")
    here = mine.get_by_test_id("here")
    expect(here.get_by_role("img", name="Ada Byron, on this board")).to_be_visible()
    expect(theirs.get_by_test_id("here").get_by_role("img")).to_have_count(1)
    pages.card(theirs, card).click()
    expect(pages.card(mine, card).get_by_role("img", name="Ada Byron")).to_be_visible()
    expect(here.get_by_role("img", name="Ada Byron, at “Looked at”")).to_be_visible()
    expect(pages.card(theirs, card).get_by_test_id("here-at-card")).to_have_count(0)
    theirs.close()
    expect(mine.get_by_test_id("here")).to_have_count(0)
    expect(pages.card(mine, card).get_by_test_id("here-at-card")).to_have_count(0)


def test_a_guest_in_a_terminal_is_seen_on_the_card_and_on_the_wall(product, person, chromium):
    card = product.running_card("Shared")["id"]
    link = product.api.post(f"/cards/{card}/links", json={"role": "watch"}).json()["url"]
    board = person()
    context = chromium.new_context()
    guest = context.new_page()
    guest.goto(link)
    guest.get_by_role("textbox").fill("Gil")
    guest.get_by_role("button").click()
    words = "Gil, a guest in the terminal"
    expect(pages.card(board, card).get_by_role("img", name=words)).to_be_visible()
    board.goto(f"{product.url}/b/{product.board()['id']}/wall")
    expect(board.locator(f'[data-tile="{card}"]').get_by_role("img", name=re.compile(r"\bGil\b"))).to_be_visible()
    context.close()
    expect(board.get_by_test_id("here-at-card")).to_have_count(0)


def test_without_its_connection_a_page_stays_readable_refuses_changes_at_once_and_catches_up(product, person):
    card = product.new_card("Read on")["id"]
    page = person()
    page.context.set_offline(True)
    expect(page.get_by_test_id("cut-off")).to_contain_text(re.compile(r"as it was at \d"))
    expect(pages.card(page, card)).to_contain_text("Read on")
    pages.drag_to(page, card, "done")
    expect(page.get_by_text("The connection is lost, so nothing was changed.")).to_be_visible()
    expect(pages.column(page, "backlog").locator(f'[data-card="{card}"]')).to_have_count(1)
    assert page.url.endswith(f"/b/{product.board()['id']}"), "a refused drop opens nothing"
    product.api.patch(f"/cards/{card}", json={"title": "Renamed meanwhile"})
    page.context.set_offline(False)  # the browser's word for it has the page try at once
    expect(pages.card(page, card)).to_contain_text("Renamed meanwhile")
    expect(page.get_by_test_id("connection")).to_contain_text("You were away")
    expect(page.get_by_test_id("cut-off")).to_have_count(0)


def test_a_page_catches_up_by_itself_when_the_server_was_started_again(product, person):
    card = product.new_card("Before")["id"]
    page = person()
    product.kill("web")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-connection", "lost")
    product.healthy()
    product.api.patch(f"/cards/{card}", json={"title": "After"})
    expect(pages.card(page, card)).to_contain_text("After")
    wait_for(lambda: page.get_by_test_id("connection").get_attribute("data-connection") == "live", what="live again")
