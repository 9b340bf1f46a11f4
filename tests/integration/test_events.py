"""A board and a card followed as server-sent events, by programs over real connections."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sessions.protocol import UNAUTHENTICATED
from tests.product import Product


class Stream:
    """A client of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()
        self.last_id = ""

    def next(self) -> tuple[str, dict]:
        """The next event and its data."""
        kind, data = "", ""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif not line and data:
                return kind, json.loads(data)
        raise EOFError("the stream has ended")

    def until(self, kind: str, holds=lambda _data: True) -> dict:
        while True:
            got, data = self.next()
            if got == kind and holds(data):
                return data


@contextlib.contextmanager
def following(product: Product, path: str, token: str, last_id: str = "") -> Iterator[Stream]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last_id} if last_id else {})
    with (
        httpx.Client(trust_env=False, timeout=30) as client,
        client.stream("GET", f"{product.url}/api/v1{path}", headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"] == "text/event-stream"
        yield Stream(response)


@pytest.fixture
def board(product):
    return product.api.post("/boards", json={"name": "Followed"}).json()


def new_card(product, board, title):
    return product.api.post(f"/boards/{board['id']}/cards", json={"title": title}).json()


def new_token(product, **scope):
    return product.api.post("/tokens", json={"name": "follower", **scope}).json()


def named(title):
    return lambda data: data["card"]["title"] == title


def test_who_comes_back_has_missed_nothing(product, board):
    path = f"/boards/{board['id']}/events"
    with following(product, path, product.token) as stream:
        stream.until("hello")
        new_card(product, board, "first")
        stream.until("card", named("first"))
    new_card(product, board, "meanwhile")
    with following(product, path, product.token, stream.last_id) as again:
        kind, data = again.next()
        assert (kind, data["card"]["title"]) == ("card", "meanwhile")
        new_card(product, board, "after")
        again.until("card", named("after"))
    with following(product, path, product.token, "1") as late:
        assert late.next()[0] in {"reset", "card", "board"}


def test_a_cards_token_follows_its_card_alone_until_it_is_revoked(product, board):
    mine = new_card(product, board, "mine")
    token = new_token(product, card=mine["id"])
    refused = httpx.get(
        f"{product.url}/api/v1/boards/{board['id']}/events",
        headers={"Authorization": f"Bearer {token['token']}"},
        trust_env=False,
    )
    assert refused.status_code == 404
    with following(product, f"/cards/{mine['id']}/events", token["token"]) as stream:
        stream.until("hello")
        new_card(product, board, "another")
        product.api.patch(f"/cards/{mine['id']}", json={"title": "renamed"})
        seen = [stream.next()]
        while seen[-1][1].get("card", {}).get("title") != "renamed":
            seen.append(stream.next())
        assert {data["card"]["id"] for kind, data in seen if kind == "card"} == {mine["id"]}
        product.api.delete(f"/tokens/{token['id']}")
        assert stream.until("end") == {"reason": "The token was revoked, or has expired."}


def test_many_streams_keep_nobody_from_calling(product, board):
    path = f"/boards/{board['id']}/events"
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(following(product, path, product.token)) for _ in range(12)]
        for stream in streams:
            stream.until("hello")
        new_card(product, board, "for all")
        for stream in streams:
            stream.until("card", named("for all"))
        assert product.api.get("/me").status_code == 200


def test_a_socket_ends_with_the_token_that_it_came_by(product, board):
    token = new_token(product, board=board["id"], verbs=["look"])
    address = product.url.replace("http", "ws", 1) + "/ws/boards/" + board["id"]
    bearer = {"Authorization": f"Bearer {token['token']}"}
    with connect(address, additional_headers=bearer, open_timeout=20) as socket:
        assert socket.recv(timeout=20)
        product.api.delete(f"/tokens/{token['id']}")
        with pytest.raises(ConnectionClosed) as closed:
            list(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == UNAUTHENTICATED
    with connect(address, additional_headers=bearer, open_timeout=20) as again, pytest.raises(ConnectionClosed):
        again.recv(timeout=20)
