"""A board's page for tests, without a browser: hears its socket and keeps what it was told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class BoardClient:
    def __init__(self, port: int, board_id: str, token: str) -> None:
        url = f"ws://127.0.0.1:{port}/ws/boards/{board_id}"
        headers = {"Authorization": f"Bearer {token}"}
        self.socket: ClientConnection = connect(
            url, additional_headers=headers, compression=None, legacy=True, close_timeout=0.5
        )
        self.frames = 0  # that carried numbered events
        self.versions: list[int] = []
        self.cards: dict[str, dict[str, Any]] = {}
        self.presence: dict[str, Any] = {"people": [], "terminals": {}}
        self.until(lambda page: page.greeted, "hello")

    greeted = False

    def looks_at(self, card: str | None, idle: bool = False) -> None:
        self.socket.send(json.dumps({"type": "looking", "card": card, "idle": idle}))

    def read(self, timeout_s: float = 0.2) -> bool:
        """Take one frame; False when none came in time."""
        try:
            self._take(json.loads(self.socket.recv(timeout=timeout_s)))
        except TimeoutError:
            return False
        return True

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "hello":
                self.greeted = True
            case "presence":
                self.presence = message
            case "events":
                self._count(message["versions"], message["events"])
            case "card" | "card_deleted" | "board":
                self._count([message["version"]], [message])

    def _count(self, versions: list[int], events: list[dict[str, Any]]) -> None:
        self.frames += 1
        self.versions += versions
        self.cards |= {event["card"]["id"]: event["card"] for event in events if event["type"] == "card"}

    def until(self, condition: Callable[[BoardClient], object], what: str, timeout_s: float = 20) -> None:
        end = time.monotonic() + timeout_s
        while not condition(self):
            assert time.monotonic() < end, f"{what} did not come within {timeout_s} s; {self.presence}, {self.versions}"
            self.read()

    def people(self) -> dict[str, dict[str, Any]]:
        return {person["name"]: person for person in self.presence["people"]}

    def closed_with(self, timeout_s: float = 20) -> int:
        """Read until the server closes; returns its code."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                self.read()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError("the server did not close the socket")

    def close(self) -> None:
        self.socket.close()
