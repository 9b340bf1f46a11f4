"""Access tokens: made for a card, shown once, revoked; and a command line let in."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from tests.browser import axe, pages


def calls(product, path: str, token: str) -> int:
    answer = httpx.get(
        f"{product.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=20
    )
    return answer.status_code


def test_a_token_for_a_card_is_made_by_keyboard_shown_once_and_revoked(product, person):
    card = product.new_card("For the agent")
    page = person()
    pages.choose(page, card["id"], "Token for this card")
    dialog = page.get_by_role("dialog", name="Access tokens")
    expect(dialog.get_by_label("For what")).to_be_focused()
    expect(dialog.get_by_label("It reaches")).to_have_value("card")
    page.keyboard.type("night watch")
    page.keyboard.press("Enter")
    shown = dialog.get_by_role("textbox", name="Token", exact=True)
    expect(dialog.get_by_role("button", name="Copy token")).to_be_focused()
    token = shown.input_value()
    assert calls(product, f"/cards/{card['id']}", token) == 200
    assert calls(product, f"/boards/{card['board']}", token) == 404
    assert calls(product, "/tokens", token) == 403  # “Everything else” was not chosen
    assert axe.violations(page) == []
    page.keyboard.press("Escape")
    pages.choose(page, card["id"], "Token for this card")
    row = dialog.get_by_role("listitem").filter(has_text="night watch")
    expect(row).to_contain_text(f"…{token[-4:]}")
    expect(dialog.get_by_role("textbox", name="Token", exact=True)).to_be_hidden()
    row.get_by_role("button", name="Revoke night watch").click()
    page.get_by_role("dialog", name="Revoke this token?").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert calls(product, f"/cards/{card['id']}", token) == 401


def test_a_command_line_is_let_in_on_its_page(product, person):
    login = product.api.post("/device", json={"name": "vibenv on a laptop"}).json()
    page = person()
    page.goto(f"{product.url}/device")
    page.get_by_label("Code that it shows").fill(login["user_code"].lower())
    page.keyboard.press("Enter")
    expect(page.get_by_text("vibenv on a laptop")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_role("button", name="Log it in").click()
    expect(page.get_by_role("heading", name="It is logged in")).to_be_visible()
    got = product.api.post("/device/token", json={"device_code": login["device_code"]}).json()
    assert calls(product, "/me", got["token"]) == 200
