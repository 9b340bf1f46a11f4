"""Take over the connection of an engine request as a plain socket.

Written on a socket of our own: the docker library reads answers through a buffer that can swallow the first bytes of
the stream, and closes the socket when its response object is collected.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any, Final

from engines.address import EngineAddress
from engines.docker.dial import dial
from engines.errors import EngineError

HEADER_LIMIT: Final = 64 * 1024


def open_stream(address: EngineAddress, path: str, body: Mapping[str, Any], timeout_s: float) -> socket.socket:
    """POST `body` and return the socket at the first byte of the stream. Raises OSError, or `EngineError` if refused."""
    sock = dial(address, timeout_s)
    try:
        sock.sendall(_request(path, json.dumps(body).encode()))
        head = _read_head(sock)
        status = int(head.split(b" ", 2)[1])
        if status not in (101, 200):
            raise EngineError(f"The engine refused the stream with status {status}: {_reason(sock)}")
    except BaseException:
        sock.close()
        raise
    sock.settimeout(None)
    return sock


def _request(path: str, payload: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


def _read_head(sock: socket.socket) -> bytes:
    """The answer's header. It is looked at before it is taken, so that no byte of the stream is taken with it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        seen = sock.recv(4096, socket.MSG_PEEK)
        if not seen or len(head) > HEADER_LIMIT:
            raise ConnectionError("the engine closed the connection before its answer was whole")
        end = (head[-3:] + seen).find(b"\r\n\r\n")
        take = len(seen) if end < 0 else end + 4 - len(head[-3:])
        head += sock.recv(take)
    return head


def _reason(sock: socket.socket) -> str:
    text = sock.recv(4096).decode(errors="replace")
    try:
        return str(json.loads(text[text.index("{") : text.rindex("}") + 1])["message"])
    except (ValueError, KeyError):
        return text.strip()
