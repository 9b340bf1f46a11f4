"""What a page says when something does not come, and how it is for those who see less, bear less, or have no mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import pages


def broken(route: Route) -> None:
    route.fulfill(
        status=503, content_type="application/problem+json", body='{"detail": "The database does not answer."}'
    )


def test_a_page_whose_script_does_not_come_shows_its_cards_and_says_what_to_do(product, person):
    product.new_card("Readable all the same")
    arrived = person()
    page = arrived.context.new_page()  # one that has no script in its memory
    page.route("**/*.js", lambda route: route.abort())
    page.goto(arrived.url)
    expect(page.get_by_text("Readable all the same")).to_be_visible()
    expect(page.get_by_text("Still loading.")).to_be_hidden()
    page.unroute("**/*.js")
    page.get_by_role("link", name="load the page again").click()
    expect(page.get_by_test_id("connection")).to_have_attribute("data-connection", "live")
    expect(page.get_by_text("Still loading.")).to_have_count(0)


def test_without_javascript_a_page_says_that_it_needs_it(product, person, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(product.new_login_url())
    expect(page.locator("noscript p")).to_contain_text("need JavaScript")
    context.close()


def test_a_terminal_whose_program_does_not_come_says_so(product, person):
    card = product.running_card("Unlucky")
    page = person()
    page.route("**/deck-*.js", lambda route: route.abort())
    page.reload()
    pages.card(page, card["id"]).focus()
    page.keyboard.press("Enter")
    expect(pages.panel(page).get_by_role("alert")).to_contain_text("be loaded")


@pytest.mark.parametrize(("item", "call"), [("Archived cards", "**/archive"), ("Members", "**/invites")])
def test_a_list_that_does_not_come_says_why(person, item, call):
    page: Page = person()
    page.route(call, broken)
    page.get_by_role("button", name="Boards").click()
    page.locator(".menu").get_by_role("button", name=item).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The database does not answer.")


def test_whoever_asked_for_less_motion_gets_none(product, person):
    product.running_card("Still")
    page = person(reduced_motion="reduce")
    page.get_by_test_id("add-card").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    moving = (
        "() => document.getAnimations().filter((each) => each.effect.getComputedTiming().activeDuration > 0).length"
    )
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize(
    "asked", [{"contrast": "more"}, {"forced_colors": "active"}], ids=lambda asked: next(iter(asked))
)
def test_whoever_asked_for_more_contrast_sees_where_a_card_ends_and_what_state_it_is_in(product, person, asked):
    product.running_card("Runs")
    page = person(**asked)
    edge, ground, sign = page.locator(".card").evaluate("""(card) => [
      getComputedStyle(card).borderTopColor, getComputedStyle(card).backgroundColor,
      getComputedStyle(card.querySelector(".dot")).borderTopColor]""")
    assert edge not in {ground, "rgba(0, 0, 0, 0)"}
    assert sign not in {ground, "rgba(0, 0, 0, 0)"}


def test_everything_is_reached_and_left_by_keyboard_alone(product, person):
    card = product.running_card("By key")
    page = person()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Go to the cards")).to_be_focused()
    page.keyboard.press("Enter")
    expect(pages.card(page, card["id"])).to_be_focused()
    page.keyboard.press("Enter")
    pages.live(page)
    page.keyboard.type("echo by-$((40+2))\n")
    pages.shows(page, "by-42")
    page.keyboard.press("Shift+F6")
    expect(pages.card(page, card["id"])).to_be_focused()
    page.keyboard.press("?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
    )
    page.keyboard.press("Escape")
    expect(pages.card(page, card["id"])).to_be_focused()
    page.keyboard.press("Escape")
    expect(pages.panel(page)).to_have_count(0)
    menu = page.get_by_role("button", name="Boards")
    menu.focus()
    for key in ("Enter", "ArrowDown", "Escape"):
        page.keyboard.press(key)
    expect(menu).to_be_focused()
