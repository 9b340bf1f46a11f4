"""Miniatures on real sessions: frames come, only to those who may look, and only while they look."""

from __future__ import annotations

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sessions import protocol
from tests.product import docker, wait_for


def socket(product, board=None, token=None):
    return connect(
        f"ws://127.0.0.1:{product.port}/ws/boards/{board or product.board()['id']}/screens",
        additional_headers={"Authorization": f"Bearer {token or product.token}"},
        max_size=None,
    )


def frames_until(page, text, timeout_s=20):
    """Take and acknowledge frames until `text` was in one; returns the messages."""
    told, shown, end = [], b"", time.monotonic() + timeout_s
    while text not in shown:
        assert time.monotonic() < end, (told[-5:], shown[-300:])
        try:
            message = page.recv(timeout=0.5)
        except TimeoutError:
            continue
        if isinstance(message, bytes):
            shown += message
            page.send(json.dumps({"type": "drawn", "card": told[-1]["card"]}))
        elif (news := json.loads(message))["type"] == "screen":
            told.append(news)
            if told[-1].get("bytes") == 0:
                page.send(json.dumps({"type": "drawn", "card": told[-1]["card"]}))
    return told


def test_a_page_is_sent_the_screen_and_then_what_is_new(product, terminal):
    card = product.running_card("Looked at")
    typist = terminal(product, card)
    typist.until("# ")
    typist.type("echo be''fore\r")
    typist.until("before")
    with socket(product) as page:
        page.send(json.dumps({"type": "show", "cards": [card["id"]]}))
        first = frames_until(page, b"before")[0]
        assert first["reset"]
        assert (first["rows"], first["cols"]) == (24, 80)
        typist.type("echo af''ter\r")
        assert not any(told["reset"] for told in frames_until(page, b"after"))


def people_until(page, wanted):
    while True:
        message = page.recv(timeout=20)
        if isinstance(message, str) and (news := json.loads(message))["type"] == "people" and wanted(news):
            return news


def test_a_page_is_told_who_is_in_a_terminal_who_types_and_who_raises_a_hand(product, terminal):
    card = product.running_card("Busy")
    with socket(product) as page:
        page.send(json.dumps({"type": "show", "cards": [card["id"]]}))
        frames_until(page, b"# ")
        typist = terminal(product, card)
        (somebody,) = people_until(page, lambda news: news["participants"])["participants"]
        typist.type(" ")
        people_until(page, lambda news: news["typing"] == somebody["id"])
        typist.send(type="hand", raised=True)
        assert people_until(page, lambda news: news["participants"][0].get("hand"))["card"] == card["id"]
        typist.close()
        people_until(page, lambda news: not news["participants"])


def test_a_terminal_is_attached_while_a_miniature_is_shown_and_let_go_after(product):
    card = product.running_card("Glanced at")
    name = card["session"]["container"]

    def attaches():
        return docker("top", name).count("dtach -a")

    with socket(product) as page:
        page.send(json.dumps({"type": "show", "cards": [card["id"]]}))
        frames_until(page, b"# ")
        assert attaches() == 1
        page.send(json.dumps({"type": "show", "cards": []}))
        wait_for(lambda: attaches() == 0, 20, "no attach left")


def test_cards_that_are_not_on_the_board_show_nothing(product):
    other = product.api.post("/boards", json={"name": "Another"}).json()
    card = product.running_card("Elsewhere")
    with socket(product, board=other["id"]) as page:
        page.send(json.dumps({"type": "show", "cards": [card["id"], "nosuch"]}))
        page.send(json.dumps({"type": "ping"}))
        assert json.loads(page.recv(timeout=10)) == {"type": "pong"}
        with pytest.raises(TimeoutError):
            page.recv(timeout=1)


@pytest.mark.parametrize(
    ("board", "token", "code"), [("nosuch", None, protocol.NOT_FOUND), (None, "wrong", protocol.UNAUTHENTICATED)]
)
def test_whoever_may_not_see_the_board_is_turned_away(product, board, token, code):
    with socket(product, board, token) as page, pytest.raises(ConnectionClosed) as closed:
        page.recv(timeout=10)
    assert closed.value.rcvd.code == code


def test_a_message_of_no_protocol_closes_the_socket(product):
    with socket(product) as page:
        page.send('{"type":"show"}')
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(timeout=10)
    assert closed.value.rcvd.code == protocol.BAD_MESSAGE
