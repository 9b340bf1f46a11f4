"""What people say about a card, whom they name, and the files they give it: in two browsers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pages

DROP = """([selector, name, content]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], name));
  const target = document.querySelector(selector);
  for (const type of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def newcomer(chromium: Browser, product) -> Iterator[Callable[[str], tuple[Page, str]]]:
    """`newcomer("Ada")` joins the board as an editor, in a browser of their own; with the login name."""
    contexts = []

    def arrive(name: str) -> tuple[Page, str]:
        made = product.api.post(f"/boards/{product.board()['id']}/invites", json={"role": "editor"}).json()
        contexts.append(chromium.new_context(viewport={"width": 1280, "height": 800}))
        page = contexts[-1].new_page()
        page.goto(made["url"])
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Password").fill("quite a long one")
        page.get_by_role("button", name="Join the board").click()
        page.wait_for_selector('[data-testid="connection"][data-connection="live"]')
        return page, next(each["username"] for each in product.board()["members"] if each["name"] == name)

    yield arrive
    for context in contexts:
        context.close()
    me, board = product.api.get("/me").json()["id"], product.board()
    for member in board["members"]:
        if member["id"] != me:
            product.api.delete(f"/boards/{board['id']}/members/{member['id']}")


def open_details(page: Page, product, card) -> None:
    page.goto(f"{product.url}/b/{card['board']}#details={card['id']}")
    page.reload()
    expect(page.get_by_test_id("comments")).to_be_visible()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_comment_appears_live_and_the_draft_of_another_stays(product, person, newcomer):
    card = product.new_card("Talk about this")
    page, (other, _) = person(), newcomer("Ada")
    open_details(page, product, card)
    open_details(other, product, card)
    field = other.get_by_label("Write a comment")
    field.fill("half a tho")
    page.get_by_label("Write a comment").fill("**Bold** <script>alert(1)</script> <img src=x onerror=alert(2)>")
    page.keyboard.press("Control+Enter")
    said = other.locator(".comment")
    expect(said.locator("strong").nth(1)).to_have_text("Bold")
    expect(said).to_contain_text("<script>alert(1)</script>")
    expect(field).to_have_value("half a tho")
    expect(said.locator("script, img")).to_have_count(0)
    picture(page, "comment")
    page.get_by_role("button", name="Edit your comment").click()
    page.get_by_label("Change the comment").fill("Calm")
    page.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("edited")
    expect(said).to_contain_text("Calm")
    expect(said.get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="Delete the comment").click()
    page.get_by_role("button", name="Delete comment", exact=True).click()
    expect(said).to_have_count(0)


def test_whoever_is_mentioned_is_told_until_the_comments_are_read(product, person, newcomer):
    card = product.new_card("Look here")
    page, (other, username) = person(), newcomer("Grace")
    open_details(page, product, card)
    page.get_by_label("Write a comment").press_sequentially("ask @gr")
    expect(page.get_by_role("listbox").get_by_role("option")).to_contain_text("Grace")
    picture(page, "offer")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Write a comment")).to_have_value(f"ask @{username} ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment mark")).to_have_text("@Grace")
    toast = other.get_by_test_id("toast").filter(has_text="mentioned you on “Look here”")
    expect(toast).to_be_visible()
    expect(pages.card(other, card["id"]).get_by_role("img", name="You are mentioned")).to_be_visible()
    picture(other, "mentioned")
    assert other.title().startswith("(1) ")
    other.reload()
    expect(pages.card(other, card["id"]).get_by_role("img", name="You are mentioned")).to_be_visible()
    open_details(other, product, card)
    expect(other.locator(".mention-mark")).to_have_count(0)
    assert not other.title().startswith("(")


def test_a_file_dropped_on_the_details_is_in_the_session(product, person):
    card = product.running_card("With a file")
    page = person()
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    page.get_by_role("button", name="Details", exact=True).click()
    name = "<img src=x onerror=alert(1)>.html"
    page.locator("[data-sheet-card] .sheet-main").wait_for()
    page.evaluate(DROP, ["[data-sheet-card] .sheet-main", name, "from the page"])
    files = page.get_by_test_id("files")
    expect(files.locator("[data-in-session]")).to_be_visible()
    expect(files.locator(".file a")).to_have_text(name)
    picture(page, "files")
    with page.expect_download() as download:
        files.get_by_role("link", name=name).click()
    assert download.value.path().read_text() == "from the page"
    files.get_by_role("button", name=f"Delete {name}").click()
    expect(page.get_by_text("The copy in the session")).to_be_visible()
    page.get_by_role("button", name="Delete file", exact=True).click()
    expect(files.locator(".file")).to_have_count(0)


def test_a_file_dropped_on_the_terminal_is_told_with_its_path_and_can_be_read_there(product, person):
    card = product.running_card("Drop here")
    page = person()
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    page.evaluate(DROP, [".panel-body", "x", "dropped-42"])
    toast = page.get_by_test_id("toast").filter(has_text="is in the session")
    expect(toast).to_contain_text("/attachments/x")
    picture(page, "dropped")
    pages.type_line(page, "cat /attachments/x")
    pages.shows(page, "dropped-42")


def test_an_upload_that_fails_says_why_and_can_be_tried_again(product, person):
    card = product.new_card("Retry")
    page = person()
    open_details(page, product, card)
    address = f"**/api/v1/cards/{card['id']}/files"
    page.route(address, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.evaluate(DROP, ["[data-sheet-card] .sheet-main", "a.txt", "a"])
    files = page.get_by_test_id("files")
    expect(files.get_by_role("alert")).to_contain_text("be reached")
    picture(page, "failed")
    page.unroute(address)
    files.get_by_role("button", name="Try again").click()
    expect(files.get_by_role("link", name="a.txt")).to_be_visible()
    expect(files.get_by_role("alert")).to_have_count(0)
