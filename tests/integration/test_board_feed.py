"""What pages of a board are told: events, and who is here, over one web process or two."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.board_client import BoardClient
from tests.product import ROOT, free_port, wait_for


@pytest.fixture
def page(product):
    """`page()` is a page of the product's board; `page(port)` of another web process."""
    opened = []

    def open_page(port=None):
        opened.append(BoardClient(port or product.port, product.board()["id"], product.token))
        return opened[-1]

    yield open_page
    for client in opened:
        client.close()


def test_many_moves_at_once_reach_all_pages_in_few_frames_and_none_is_missed(product, page):
    cards = [product.new_card()["id"] for _ in range(10)]
    one, two = page(), page()
    before, done = product.board()["version"], product.column("done")
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda card: product.api.post(f"/cards/{card}/move", json={"column": done}), cards * 3))
    after = product.board()["version"]
    for client in (one, two):
        client.until(lambda told: after in told.versions, "the last move")
        client.until(lambda told: len(told.versions) >= after - before, "all moves")
        assert sorted(client.versions) == list(range(before + 1, after + 1))
        assert client.frames < len(client.versions)
        assert {client.cards[card]["version"] for card in cards} == {product.card(card)["version"] for card in cards}


def test_a_page_tells_the_others_which_card_it_looks_at_and_when_it_is_left(product, page):
    card = product.new_card()["id"]
    one, two = page(), page()
    two.looks_at(card)
    one.until(lambda told: any(person["cards"] == [card] for person in told.presence["people"]), "the card looked at")
    assert len(one.presence["people"]) == 1, "two pages of one person are one person"
    two.close()
    one.until(lambda told: told.presence["people"][0]["cards"] == [], "the page gone", timeout_s=1)


def test_who_is_in_a_terminal_is_told_to_pages_that_are_open_and_to_later_ones(product, page, terminal):
    card = product.running_card()
    early = page()
    client = terminal(product, card)
    client.until("#")
    late = page()
    for each in (early, late):
        each.until(lambda told: card["id"] in told.presence["terminals"], "somebody in the terminal")
        assert [p["kind"] for p in each.presence["terminals"][card["id"]]] == ["agent"]
    client.close()
    early.until(lambda told: card["id"] not in told.presence["terminals"], "nobody in the terminal")


@pytest.mark.parametrize("nonsense", ["", "[]", "{", '{"type":"looking","card":5}', '{"type":"else"}', "x" * 100_000])
def test_nonsense_from_a_page_hurts_nobody(product, page, nonsense):
    client = page()
    client.socket.send(nonsense)
    card = product.new_card()
    client.until(lambda told: card["id"] in told.cards, "the next event")


@pytest.fixture
def second_web(product):
    """The port of another web process of the same installation."""
    port, first = free_port(), product.processes()["web"]
    command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", "vibenv_site.asgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=first.environ(), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(port), 30, "a second web process")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def test_two_web_processes_tell_each_other_of_changes_and_of_people(product, page, second_web):
    card = product.new_card()["id"]
    here, there = page(), page(second_web)
    there.looks_at(card)
    here.until(lambda told: any(person["cards"] == [card] for person in told.presence["people"]), "the other's card")
    late = page(second_web)
    late.until(lambda told: told.presence["people"], "who is here")
    product.api.patch(f"/cards/{card}", json={"title": "Told everywhere"})
    for client in (here, there):
        client.until(lambda told: told.cards.get(card, {}).get("title") == "Told everywhere", "the change")
    there.close()
    late.close()
    here.until(lambda told: told.presence["people"][0]["cards"] == [], "the other's page gone", timeout_s=2)
