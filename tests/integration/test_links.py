"""A guest's terminal on a real session: what the link lets one do, and its end."""

from __future__ import annotations

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from sessions import protocol
from tests.product import wait_for
from tests.terminal_client import TerminalClient


def share(product, card, role, expires_in_s=600):
    made = product.api.post(f"/cards/{card['id']}/links", json={"role": role, "expires_in_s": expires_in_s})
    assert made.status_code == 201, made.text
    return made.json()


def guest(product, link):
    """Whoever has the link's secret, and nothing else."""
    secret = link["url"].rsplit("/", 1)[1]
    client = TerminalClient(f"ws://127.0.0.1:{product.port}/ws/links/{secret}/terminal", token="none")
    client.until("# ")
    return client


def test_a_guest_who_may_type_types(product):
    card = product.running_card("Shared")
    typist = guest(product, share(product, card, "type"))
    typist.type("echo shared-$((40+2))\r")
    typist.until("shared-42")
    assert typist.last("welcome")["you"]["kind"] == "guest"


def test_a_guest_who_watches_is_refused_by_the_server(product):
    watcher = guest(product, share(product, product.running_card("Watched"), "watch"))
    watcher.type("echo no\r")
    assert "watching" in watcher.until_message("refused")["reason"]


def test_revoking_closes_a_guests_socket_within_a_second(product):
    card = product.running_card("Revoked")
    link = share(product, card, "type")
    thrown_out, stays = guest(product, link), guest(product, share(product, card, "watch"))
    assert product.api.delete(f"/cards/{card['id']}/links/{link['id']}").status_code == 204
    assert thrown_out.closed_with(1.0) == protocol.FORBIDDEN
    assert "revoked" in thrown_out.until_message("ended")["reason"]
    stays.read(0.2)
    with pytest.raises(ConnectionClosed) as again:
        guest(product, link)
    assert again.value.rcvd.code == protocol.NOT_FOUND


def test_deleting_the_card_closes_its_guests_sockets(product):
    card = product.running_card("Deleted")
    client = guest(product, share(product, card, "watch"))
    product.api.delete(f"/cards/{card['id']}")
    assert client.closed_with(10) in {protocol.GONE, protocol.FORBIDDEN}


def test_a_link_that_expires_closes_its_sockets(product):
    client = guest(product, share(product, product.running_card("Brief"), "watch", expires_in_s=3))
    assert client.closed_with(5.0) == protocol.FORBIDDEN
    assert "expired" in client.until_message("ended")["reason"]


def test_a_page_of_another_site_is_refused(product):
    link = share(product, product.running_card("Mine"), "watch")
    secret = link["url"].rsplit("/", 1)[1]
    address = f"ws://127.0.0.1:{product.port}/ws/links/{secret}/terminal"
    with connect(address, origin=Origin("http://elsewhere.example")) as socket, pytest.raises(ConnectionClosed) as end:
        socket.recv(timeout=5)
    assert end.value.rcvd.code == protocol.FORBIDDEN


def test_a_hand_that_nobody_sees_who_may_type_marks_the_card_until_somebody_comes(product, terminal):
    card = product.running_card("Helped")
    watcher = guest(product, share(product, card, "watch"))
    watcher.send(type="hand", raised=True)
    wait_for(lambda: waiting(product, card) == "Guest raises a hand", what="the mark")
    helper = terminal(product, card)
    wait_for(lambda: waiting(product, card) == "", what="no mark")
    here = helper.until_message("participants")["participants"]
    assert [each.get("hand") for each in here] == [True, None]
    assert here[0]["colour"] != here[1]["colour"]


def waiting(product, card):
    return product.card(card["id"])["session"]["waiting"]


def test_a_guest_who_watches_chats_with_those_who_type(product, terminal):
    card = product.running_card("Talked about")
    watcher, helper = guest(product, share(product, card, "watch")), terminal(product, card)
    helper.until_message("participants")
    watcher.send(type="chat", text="what is this?")
    assert helper.until_message("chat", text="what is this?")["name"] == "Guest"
    helper.send(type="chat", text="a shell")
    assert watcher.until_message("chat", text="a shell")["kind"] == "agent"
