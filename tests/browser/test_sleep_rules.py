"""When sessions sleep, as people set it: in a card's details, and for a board."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_people import invite, join, name
from tests.product import Product, wait_for


def rules_of(product: Product, card_id: str) -> dict[str, int]:
    return dict(product.card(card_id)["rules"])


def test_a_card_differs_from_its_board_is_given_more_time_and_goes_back(
    product: Product, person: Callable[..., Page]
) -> None:
    card = product.running_card("Works")["id"]
    page = person()
    page.goto(f"{product.url}/c/{card}#details={card}")
    section = page.get_by_role("region", name="Sleep")
    section.get_by_text("Paused when idle for 30 min").click()
    section.get_by_label("Pause when idle").select_option("never")
    section.get_by_label("Time to live").select_option("4 h")
    expect(section.get_by_text("Never paused by itself")).to_be_visible()
    wait_for(lambda: rules_of(product, card) == {"idle_timeout_s": 0, "ttl_s": 4 * 3600})
    before = product.card(card)["session"]["expires_at"]
    section.get_by_role("button", name="More time…").click()
    page.get_by_role("button", name="1 day more").click()
    wait_for(lambda: product.card(card)["session"]["expires_at"] > before)
    for rule in ("Pause when idle", "Time to live"):
        section.get_by_label(rule).select_option(index=0)
    wait_for(lambda: rules_of(product, card) == {})
    expect(section.get_by_role("button", name="More time…")).to_have_count(0)


def test_a_board_s_rules_are_chosen_in_a_dialog_and_others_see_them_at_once(
    product: Product, person: Callable[..., Page], chromium: Browser
) -> None:
    card, board = product.new_card("Plan")["id"], product.board()["id"]
    page, context = person(), chromium.new_context()
    viewer = context.new_page()
    join(viewer, invite(product, "viewer"), name(), product)
    viewer.goto(f"{product.url}/c/{card}#details={card}")
    page.get_by_role("button", name="Boards").click()
    page.locator(".menu").get_by_role("button", name="Sleep…").click()
    page.get_by_label("Stop after a pause").select_option("1 h")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    try:
        assert product.board()["rules"]["board"] == {"stop_after_s": 3600}
        section = viewer.get_by_role("region", name="Sleep")
        section.get_by_text("stopped 1 h later").click()
        expect(section.get_by_text("1 h as the board")).to_be_visible()
        expect(section.get_by_role("combobox")).to_have_count(0)
    finally:
        product.api.patch(f"/boards/{board}/rules", json={"stop_after_s": None})
        context.close()
