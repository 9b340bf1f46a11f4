"""Where one is in a terminal's output: tells history from live, and what to ask for after a lost connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vibenv_site.cli.attach.queries import OutputFilter


@dataclass(slots=True)
class Stream:
    """`position` is the number of the next byte; `epoch` is empty before the first screen."""

    epoch: str = ""
    position: int = 0
    filter: OutputFilter = field(default_factory=OutputFilter)
    _history: int = 0

    def screen(self, message: dict[str, Any]) -> None:
        self.epoch = message["epoch"]
        self.position = message["seq"] - message["bytes"]
        self._history = message["bytes"]
        if message["reset"]:
            self.filter.rest()

    def bytes(self, data: bytes) -> bytes:
        """What of it is to be shown."""
        history, live = data[: self._history], data[self._history :]
        self._history -= len(history)
        self.position += len(data)
        shown = self.filter.feed(history, live=False) if history else b""
        return shown + (self.filter.feed(live, live=True) if live else b"")

    def resume(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "seq": self.position} if self.epoch else {}
