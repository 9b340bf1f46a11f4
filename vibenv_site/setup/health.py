"""Asking a running vibenv how it is."""

from __future__ import annotations

import http.client
import json
from typing import Any

NEEDED = ("database", "redis", "worker")
TIMEOUT_S = 5


def ask(host: str, port: int) -> dict[str, Any]:
    """The answer of `/healthz`; empty while nothing answers."""
    connect_to = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host).strip("[]")
    connection = http.client.HTTPConnection(connect_to, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}


def waiting_for(answer: dict[str, Any]) -> list[str]:
    """What is not well yet, of the parts without which nothing works; `web` when there was no answer."""
    if not answer:
        return ["web"]
    parts = answer.get("parts", {})
    return [name for name in NEEDED if parts.get(name, {}).get("status") != "ok"]
