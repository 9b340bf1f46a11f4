"""Several people on one board, each in a browser of their own: invited, given another role, removed, logged out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pages

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def alone(product) -> Iterator[None]:
    """The board has its owner only, again."""
    yield
    board = product.board()
    for member in board["members"]:
        if member["role"] != "owner" or member["username"] != "owner":
            assert product.api.delete(f"/boards/{board['id']}/members/{member['id']}").status_code == 204


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`stranger()` is somebody in a browser of their own who has never logged in."""
    contexts = []

    def arrive(**options: object) -> Page:
        contexts.append(chromium.new_context(**options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        return page

    yield arrive
    for context in contexts:
        context.close()


def invite(product, role: str) -> str:
    made = product.api.post(f"/boards/{product.board()['id']}/invites", json={"role": role})
    assert made.status_code == 201, made.text
    return str(made.json()["url"])


def join(page: Page, link: str, name: str, product) -> str:
    """Fill in the invite's form; the login name is the one that it suggests."""
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    username = page.get_by_label("Login name").input_value()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-testid="connection"][data-connection="live"]')
    return username


def name() -> str:
    return f"Ada {secrets.token_hex(3).upper()}"


def members(page: Page):
    page.get_by_test_id("members-button").click()
    return page.get_by_role("dialog", name="Members")


def test_an_owner_invites_and_sees_who_joined(product, person, stranger):
    page, guest, who = person(), stranger(), name()
    dialog = members(page)
    dialog.get_by_role("button", name="Create link").click()
    expect(dialog.get_by_role("img", name="QR code of the invite link")).to_be_visible()
    link = dialog.get_by_role("textbox", name="Invite link").input_value()
    guest.goto(link)
    expect(guest.get_by_text("invites you to this board as an editor")).to_be_visible()
    username = join(guest, link, who, product)
    assert username == who.lower().replace(" ", ".")
    row = dialog.get_by_role("listitem").filter(has_text=who)
    expect(row.get_by_role("combobox", name=f"Role of {who}")).to_have_value("editor")
    guest.get_by_test_id("add-card").first.click()
    guest.keyboard.type("Made by who joined\n")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Made by who joined")).to_be_visible()


def test_a_role_and_its_end_take_effect_in_the_open_page_and_terminal(product, person, stranger):
    card = product.running_card("Watch this")
    page, guest, who = person(), stranger(viewport={"width": 1280, "height": 800}), name()
    join(guest, invite(product, "editor"), who, product)
    guest.goto(f"{product.url}/c/{card['id']}")
    pages.live(guest)
    pages.type_line(guest, "echo typed-$((40+2))")
    pages.shows(guest, "typed-42")
    dialog = members(page)
    dialog.get_by_role("combobox", name=f"Role of {who}").select_option("viewer")
    expect(guest.get_by_text("You can look at this board")).to_be_visible()
    expect(guest.get_by_text("You are watching; typing is off.")).to_be_visible()
    expect(guest.get_by_test_id("add-card")).to_have_count(0)
    expect(
        guest.get_by_role("button", name=re.compile("^(Sleep|Fork|Move|Delete|Archive|Column|Share)"))
    ).to_have_count(0)
    dialog.get_by_role("button", name=f"Remove {who}").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(guest.get_by_role("dialog", name="This board is closed to you")).to_be_visible()
    expect(dialog.get_by_role("listitem").filter(has_text=who)).to_have_count(0)
    guest.get_by_role("link", name="Go to your boards").click()
    expect(guest.get_by_role("heading", name="No board yet")).to_be_visible()


def test_a_password_opens_the_page_one_wanted(product, stranger):
    card, who = product.new_card("Come back to this"), name()
    first = stranger()
    username = join(first, invite(product, "viewer"), who, product)
    second = stranger()
    second.goto(f"{product.url}/c/{card['id']}")
    second.get_by_label("Login name").fill(username.upper())
    second.get_by_label("Password").fill("not this one")
    second.keyboard.press("Enter")
    expect(second.get_by_role("alert")).to_have_text("The login name or the password is wrong.")
    second.get_by_label("Password").fill(PASSWORD)
    second.keyboard.press("Enter")
    expect(second.get_by_role("heading", name="Come back to this").first).to_be_visible()
    assert second.url.endswith(f"/c/{card['id']}")


def test_a_login_revoked_elsewhere_ends_at_once(product, stranger):
    here, there, who = stranger(), stranger(), name()
    username = join(here, invite(product, "viewer"), who, product)
    there.goto(product.url)
    there.get_by_label("Login name").fill(username)
    there.get_by_label("Password").fill(PASSWORD)
    there.keyboard.press("Enter")
    there.wait_for_selector('[data-testid="connection"][data-connection="live"]')
    here.get_by_role("button", name=f"You: {who}").click()
    here.get_by_role("button", name="Logins…").click()
    dialog = here.get_by_role("dialog", name="Where you are logged in")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog.get_by_text("You are here")).to_have_count(1)
    dialog.get_by_role("button", name="Log out Chrom").click()
    expect(there.get_by_role("heading", name="Log in to vibenv")).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_count(1)


def test_a_profile_is_seen_by_others_at_once_and_a_new_password_keeps_the_page(product, person, stranger):
    page, guest, who = person(), stranger(), name()
    join(guest, invite(product, "editor"), who, product)
    dialog = members(page)
    guest.get_by_role("button", name=f"You: {who}").click()
    guest.get_by_role("button", name="Profile…").click()
    guest.get_by_label("Name", exact=True).fill("Countess")
    guest.get_by_label("Initials").fill("cal")
    guest.get_by_title("pink").click()
    guest.get_by_role("button", name="Save").click()
    row = dialog.get_by_role("listitem").filter(has_text="Countess")
    expect(row.locator('.avatar[data-hue="pink"]')).to_have_text("CAL")
    guest.get_by_role("button", name="You: Countess").click()
    guest.get_by_role("button", name="Password…").click()
    guest.get_by_label("Present password").fill("not this one")
    guest.get_by_label("New password").fill("another horse battery")
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("alert")).to_contain_text("The present password is another one")
    guest.get_by_label("Present password").fill(PASSWORD)
    guest.keyboard.press("Enter")
    expect(guest.get_by_text("Your password is set.")).to_be_visible()
    expect(guest.get_by_test_id("connection")).to_have_attribute("data-connection", "live")
    assert "/b/" in guest.url
    guest.get_by_role("button", name="You: Countess").click()
    guest.get_by_role("button", name="Log out").click()
    expect(guest.get_by_role("heading", name="Log in to vibenv")).to_be_visible()
