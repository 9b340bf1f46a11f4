"""A terminal's client for tests: speaks `sessions/protocol.py` over a real socket."""

from __future__ import annotations

import json
import time
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect


class TerminalClient:
    """Keeps everything it was told and shown; acknowledges what it reads unless `acknowledges` is False."""

    def __init__(
        self, url: str, token: str, rows: int = 24, cols: int = 80, acknowledges: bool = True, **hello: Any
    ) -> None:
        """`cookie` and `origin` instead of the token: as a browser comes."""
        cookie, origin = hello.pop("cookie", None), hello.pop("origin", None)
        self.socket: ClientConnection = connect(
            url,
            additional_headers={"Cookie": cookie} if cookie else {"Authorization": f"Bearer {token}"},
            origin=origin,
            max_size=None,
            compression=None,
            legacy=True,
            close_timeout=0.5,
        )
        self.acknowledges = acknowledges
        self.messages: list[dict[str, Any]] = []
        self.shown = bytearray()  # since the last reset
        self.seq = 0
        self.epoch = ""
        self._history_due = 0
        self._acked = 0
        self.send(type="hello", rows=rows, cols=cols, **hello)

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def type(self, text: str | bytes) -> None:
        self.socket.send(text.encode() if isinstance(text, str) else text)

    def read(self, timeout_s: float = 0.2) -> bool:
        """Take one frame; False when none came in time."""
        try:
            frame = self.socket.recv(timeout=timeout_s)
        except TimeoutError:
            return False
        if isinstance(frame, bytes):
            self._bytes(frame)
        else:
            self._message(json.loads(frame))
        return True

    def _bytes(self, data: bytes) -> None:
        self.shown += data
        history = min(self._history_due, len(data))
        self._history_due -= history
        self.seq += len(data) - history
        if self.acknowledges and self.seq - self._acked >= 32 * 1024:
            self._acked = self.seq
            self.send(type="ack", seq=self.seq)

    def _message(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message["type"] == "screen":
            self.epoch, self.seq, self._history_due = message["epoch"], message["seq"], message["bytes"]
            if message["reset"]:
                self.shown = bytearray()

    def until(self, text: str | bytes, timeout_s: float = 20) -> bytes:
        """Read until `text` was shown; returns everything shown."""
        wanted = text.encode() if isinstance(text, str) else text
        end, searched = time.monotonic() + timeout_s, 0
        while self.shown.find(wanted, searched) < 0:
            searched = max(0, len(self.shown) - len(wanted))  # a flood is searched once, not once per frame
            if time.monotonic() > end:
                raise AssertionError(f"{wanted!r} was not shown within {timeout_s} s; shown: {self.shown[-800:]!r}")
            self.read()
            searched = min(searched, len(self.shown))
        return bytes(self.shown)

    def until_message(self, kind: str, timeout_s: float = 20, **fields: Any) -> dict[str, Any]:
        """Read until a message of that type and those fields came (one that came already counts)."""
        end = time.monotonic() + timeout_s
        at = 0
        while True:
            while at < len(self.messages):
                message = self.messages[at]
                at += 1
                if message["type"] == kind and all(message.get(k) == v for k, v in fields.items()):
                    return message
            if time.monotonic() > end:
                raise AssertionError(f"no {kind} {fields} within {timeout_s} s; told: {self.messages[-12:]}")
            self.read()

    def last(self, kind: str) -> dict[str, Any] | None:
        return next((m for m in reversed(self.messages) if m["type"] == kind), None)

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
