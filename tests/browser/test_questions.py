"""An agent asks, people answer: on the board, beside the terminal, and seen by guests."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import expect

from tests.browser import pages
from tests.product import wait_for


def ask(product, card, text, *options):
    body = {"text": text, "options": list(options)}
    answer = product.api.post(f"/cards/{card['id']}/questions", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_question_is_seen_on_the_card_and_answered_beside_the_terminal_for_all(product, person):
    card = product.running_card("Ask me")
    page, other = person(), person()
    asked = ask(product, card, "Which database?", "SQLite", "PostgreSQL")
    for each in (page, other):
        expect(pages.card(each, card["id"])).to_contain_text("asks: Which database?")
        expect(pages.card(each, card["id"])).to_have_attribute("data-waiting", "true")
        expect(each).to_have_title(re.compile(r"^\(1\) "))
    for each in (page, other):
        pages.card(each, card["id"]).click()
        pages.live(each)
    with ThreadPoolExecutor() as agent:
        waits = agent.submit(product.api.get, f"/questions/{asked['id']}?wait_s=30", timeout=40)
        page.get_by_test_id("panel").get_by_role("button", name="PostgreSQL").click()
        heard = waits.result(timeout=10).json()  # at once, and not when its time is up
    assert (heard["answer"], heard["answered_by"]) == ("PostgreSQL", "owner")
    for each in (page, other):
        expect(each.get_by_test_id("questions")).to_be_hidden()
        expect(pages.card(each, card["id"])).not_to_have_attribute("data-waiting", "true")


def test_in_words_of_ones_own_in_the_details_and_it_is_kept_there(product, person):
    card = product.new_card("Not started")
    ask(product, card, "Anything else?")
    page = person()
    pages.card(page, card["id"]).press("e")
    sheet = page.get_by_test_id("card-sheet")
    sheet.get_by_label(re.compile("^Your answer to")).fill("No, thank you")
    page.keyboard.press("Enter")
    expect(sheet.get_by_text("1 earlier question")).to_be_visible()
    expect(sheet.get_by_test_id("history")).to_contain_text("answered “No, thank you”")
    assert wait_for(lambda: not product.card(card["id"])["questions"])
