"""Several people in one terminal: who is here, who types, hands and chat. The owner, and guests by share links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pages
from tests.product import wait_for

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def come_in(product, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`come_in(card, role, name)` is a guest in the card's terminal, by a share link, in a browser of their own."""
    contexts = []

    def arrive(card, role: str, name: str, **options: object) -> Page:
        contexts.append(chromium.new_context(**options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        made = product.api.post(f"/cards/{card['id']}/links", json={"role": role, "expires_in_s": 600}).json()
        page.goto(made["url"])
        page.get_by_label("Your name").fill(name)
        page.keyboard.press("Enter")
        pages.live(page)
        return page

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def card(product):
    return product.running_card("Together")


@pytest.fixture
def owner(product, person, card) -> Page:
    page: Page = person()
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    return page


def foot(page: Page):
    return page.get_by_test_id("foot")


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def test_everybody_sees_who_is_here_in_colours_of_their_own_and_who_types(owner, come_in, card):
    grace = come_in(card, "type", "Grace Hopper")
    people = owner.locator(".people")
    expect(people.locator(".avatar")).to_have_text(["OW", "GH"])
    hues = people.locator(".avatar").evaluate_all("all => all.map((each) => each.dataset.hue)")
    assert len(set(hues)) == 2
    grace.locator(".xterm-helper-textarea").focus()
    grace.keyboard.type("echo a")
    expect(foot(owner)).to_have_text("Grace Hopper is typing")
    expect(people.locator("[data-typing] .avatar")).to_have_text("GH")
    expect(foot(owner)).to_have_text(re.compile("Sized for Grace Hopper; press any key to take it over"))
    owner.locator(".xterm-helper-textarea").focus()
    owner.keyboard.type("b")
    expect(foot(grace)).to_have_text("owner is typing")
    people.click()
    listed = owner.get_by_role("dialog", name="In this terminal")
    expect(listed.get_by_role("listitem")).to_have_text([re.compile("you"), re.compile("Grace Hopper.*guest")])


def test_one_person_with_two_windows_is_shown_once(product, owner, card):
    second = owner.context.new_page()
    second.goto(f"{product.url}/c/{card['id']}")
    pages.live(second)
    expect(owner.locator(".people .avatar")).to_have_text(["OW"])
    owner.locator(".people").click()
    expect(owner.get_by_role("dialog", name="In this terminal")).to_contain_text("2 windows")


def test_a_watchers_key_says_so_once_and_a_raised_hand_is_seen_and_lowered(owner, come_in, card):
    bob = come_in(card, "watch", "Bob")
    bob.locator(".xterm-helper-textarea").focus()
    bob.keyboard.type("ls")
    bob.locator(".toast").get_by_role("button", name="Raise your hand").click()
    expect(bob.locator(".toast")).to_have_count(0)
    bob.keyboard.type("ls")
    note = owner.locator(".toast", has_text="Bob raises a hand.")
    expect(note).to_be_visible()
    expect(owner.locator('.people [data-sign="hand"]')).to_be_visible()
    note.get_by_role("button", name="Lower").click()
    expect(owner.locator('[data-sign="hand"]')).to_have_count(0)
    expect(bob.get_by_text("Your hand was lowered.")).to_be_visible()
    expect(bob.get_by_text("typing is off", exact=False)).to_have_count(1)
    bob.get_by_role("button", name="Raise your hand").click()
    owner.locator(".people").click()
    owner.get_by_role("button", name="Lower the hand of Bob").click()
    expect(bob.get_by_role("button", name="Raise your hand")).to_be_visible()


def test_a_hand_that_nobody_sees_marks_the_card(product, person, come_in, card):
    page = person()
    bob = come_in(card, "watch", "Bob")
    bob.get_by_role("button", name="Raise your hand").click()
    expect(pages.card(page, card["id"])).to_contain_text("Bob raises a hand")
    bob.get_by_role("button", name="Lower your hand").click()
    expect(pages.card(page, card["id"])).not_to_contain_text("Bob raises a hand")


def test_chat_goes_both_ways_and_waits_for_who_comes_later(owner, come_in, card):
    bob = come_in(card, "watch", "Bob")
    bob.get_by_role("button", name="Chat").click()
    say(bob, "See https://example.org/<b>now</b>, please")
    expect(foot(owner)).to_contain_text("Bob See https://example.org/")
    expect(owner.get_by_role("button", name="Chat, 1 unread")).to_be_visible()
    owner.locator(".xterm-helper-textarea").focus()
    owner.keyboard.press("Control+Shift+Enter")
    chat = owner.get_by_test_id("chat")
    expect(chat.get_by_role("listitem")).to_contain_text("<b>now</b>, please")
    link = chat.get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.org/")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    say(owner, "I see")
    expect(bob.get_by_test_id("chat").get_by_role("listitem").last).to_contain_text("I see")
    owner.keyboard.press("Escape")
    expect(chat).to_be_hidden()
    owner.keyboard.type("echo ba''ck\n")
    pages.shows(owner, "back")
    late = come_in(card, "watch", "Late")
    expect(late.get_by_role("button", name="Chat, 2 unread")).to_be_visible()


def test_what_the_server_does_not_take_stays_in_the_field_with_the_reason(owner):
    owner.get_by_role("button", name="Chat").click()
    field = owner.get_by_label("Message", exact=True)
    # all within a moment, however busy the machine is
    field.evaluate("""(field) => {
      for (let number = 0; number < 6; number++) {
        field.value = `message ${number}`;
        field.form.requestSubmit();
      }
    }""")
    expect(owner.get_by_role("alert")).to_contain_text("Wait a few seconds")
    expect(owner.get_by_label("Message", exact=True)).to_have_value("message 5")


def test_a_guest_on_a_phone_has_keys_hand_and_chat_within_the_screen(owner, come_in, card):
    tim = come_in(card, "type", "Tim", **PHONE)
    keys = tim.get_by_role("toolbar", name="Keys")
    for button in [*keys.get_by_role("button").all(), *tim.locator(".foot-button").all()]:
        box = button.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert min(box["width"], box["height"]) >= 32
    tim.locator(".xterm-helper-textarea").focus()
    tim.keyboard.type("sleep 1000")
    tim.keyboard.press("Enter")
    pages.shows(tim, "sleep 1000")
    keys.get_by_role("button", name="Ctrl C").tap()
    pages.shows(tim, "^C")
    tim.get_by_role("button", name="Chat").tap()
    say(tim, "hello")
    expect(foot(owner)).to_contain_text("Tim hello")
    assert tim.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_prompt_stays_in_view_when_the_phones_keyboard_takes_half_of_the_screen(come_in, card):
    tim = come_in(card, "type", "Tim", **PHONE)
    pages.type_line(tim, "seq 40")
    pages.shows(tim, "40")
    tim.set_viewport_size({"width": 360, "height": 380})
    tim.keyboard.type("echo in-vi''ew")

    def cursor_line() -> float:
        cell = "document.querySelector('.xterm-screen').getBoundingClientRect()"
        at = "window.vibenv.terminal"
        return float(tim.evaluate(f"{cell}.top + ({at}.buffer.active.cursorY + 1) * {cell}.height / {at}.rows"))

    top_of_keys = tim.locator(".terminal-foot").bounding_box()
    assert top_of_keys
    wait_for(lambda: cursor_line() <= tim.locator(".terminal-foot").bounding_box()["y"] + 1, what="the prompt in view")
    assert tim.locator(".terminal-foot").bounding_box()["y"] < 380


def test_a_guest_takes_another_name_without_leaving_the_terminal(owner, come_in, card):
    grace = come_in(card, "type", "Grace")
    pages.type_line(grace, "echo st''ays")
    pages.shows(grace, "stays")
    grace.get_by_role("button", name="Change name").click()
    grace.get_by_label("Your name").fill("Admiral Hopper")
    grace.keyboard.press("Enter")
    expect(owner.locator(".people")).to_have_attribute("aria-label", re.compile("Admiral Hopper"))
    expect(grace.get_by_text("Can type as Admiral Hopper")).to_be_visible()
    pages.type_line(grace, "echo on''ward")
    pages.shows(grace, "onward")
    assert "stays" in pages.screen(grace)
