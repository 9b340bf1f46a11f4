"""Live changes to the containers of an installation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Final

from docker.types import CancellableStream
from docker.utils import convert_filters

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import translated
from engines.protocol import EngineEvent

ACTIONS: Final = ("create", "start", "die", "oom", "pause", "unpause", "destroy")


class Events:
    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation
        self._open: set[Any] = set()
        self._lock = threading.Lock()

    def follow(self) -> Iterator[EngineEvent]:
        """Yield until the engine ends the connection or `close` is called. Connects before the first value is asked."""
        wanted = [f"{labels.INSTALLATION}={self._installation}", labels.SESSION]
        api = self._client.raw
        filters = convert_filters({"type": "container", "event": list(ACTIONS), "label": wanted})
        with translated("report events"):
            # The library's own `events` takes an error's body for an event.
            answer = api._get(api._url("/events"), params={"filters": filters}, stream=True, timeout=None)
            api._raise_for_status(answer)
        stream = CancellableStream(api._stream_helper(answer, decode=True), answer)
        with self._lock:
            self._open.add(stream)
        return self._values(stream)

    def _values(self, stream: Any) -> Iterator[EngineEvent]:
        try:
            for event in stream:
                attributes = event["Actor"]["Attributes"]
                if not attributes[labels.SESSION]:  # of an image of a session, but not its container
                    continue
                yield EngineEvent(event["Action"], attributes["name"], attributes[labels.SESSION])
        finally:
            with self._lock:
                self._open.discard(stream)
            stream.close()

    def close(self) -> None:
        """End every iterator in use, also those that wait in other threads."""
        with self._lock:
            streams = list(self._open)
        for stream in streams:
            stream.close()
