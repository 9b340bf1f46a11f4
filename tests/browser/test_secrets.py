"""Secrets as people set them: of a card in its details, of a board in a dialog. Nobody sees a value again."""

from __future__ import annotations

import os
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.product import Product


def picture(page: Page, name: str) -> None:
    """For whoever wants to look: where VIBENV_SHOTS names a folder."""
    if folder := os.environ.get("VIBENV_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_card_has_its_own_beside_its_boards_and_each_is_deleted_where_it_was_set(
    product: Product, person: Callable[..., Page]
) -> None:
    card, board = product.new_card("Deploy")["id"], product.board()["id"]
    page = person()
    page.get_by_role("button", name="Boards").click()
    page.locator(".menu").get_by_role("button", name="Secrets…").click()
    dialog = page.get_by_role("dialog", name="Secrets of this board")
    dialog.get_by_label("Name").fill("SHARED_KEY")
    dialog.get_by_label("Value").fill("of-the-board")
    dialog.get_by_role("button", name="Set").click()
    expect(dialog.get_by_role("listitem").filter(has_text="SHARED_KEY")).to_be_visible()
    picture(page, "secrets-dialog")
    dialog.get_by_role("button", name="Close").click()
    page.goto(f"{product.url}/c/{card}#details={card}")
    section = page.get_by_role("region", name="Secrets")
    section.get_by_label("Name").fill("1ST")
    section.get_by_label("Value").fill("its-own-value")
    section.get_by_role("button", name="Set").click()
    expect(section.locator("input:invalid")).to_have_count(1)
    section.get_by_label("Name").fill("API_TOKEN")
    section.get_by_role("button", name="Set").click()
    own = section.get_by_role("listitem").filter(has_text="API_TOKEN")
    expect(own).to_be_visible()
    expect(section.get_by_role("listitem").filter(has_text="SHARED_KEY")).to_contain_text("of the board")
    assert "its-own-value" not in page.content()
    section.scroll_into_view_if_needed()
    picture(page, "secrets-section")
    page.set_viewport_size({"width": 360, "height": 740})
    picture(page, "secrets-phone")
    expect(section.get_by_role("button", name="Delete SHARED_KEY")).to_have_count(0)
    own.get_by_role("button", name="Delete API_TOKEN").click()
    page.get_by_role("button", name="Delete secret").click()
    expect(own).to_have_count(0)
    product.api.delete(f"/boards/{board}/secrets/SHARED_KEY")
