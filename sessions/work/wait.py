"""Waiting for something in a terminal: words, a prompt, the end of a command, a bell, silence."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from engines.errors import InvalidInput, PolicyRejected
from sessions.terminal.hub import Hub
from sessions.terminal.marks import Mark, Marks
from sessions.work.errors import bounded
from sessions.work.patterns import Pattern
from sessions.work.place import Place
from sessions.work.secrecy import masked
from sessions.work.terminals import terminal

LONGEST_S: Final = 3600.0
TEXT_LENGTH: Final = 1000
WINDOW: Final = 4096  # characters that are looked at again together with what comes after them
AT_ONCE: Final = 64 * 1024  # bytes of the newest output: a flood is looked at by its end

_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\`-~]|[\x00-\x06\x08\x0e-\x1a\x7f]"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,2048}\x1b?|[ -/]*)\Z")

What = Literal["text", "regex", "prompt", "exit", "bell", "idle", "timeout"]


@dataclass(frozen=True, slots=True)
class For:
    """Any of these; the first that comes. `idle_s`: no output for so long."""

    text: str = ""
    regex: str = ""
    prompt: bool = False
    exit: bool = False
    bell: bool = False
    idle_s: float | None = None

    def checked(self) -> For:
        """Raises `InvalidInput`."""
        if not (self.text or self.regex or self.prompt or self.exit or self.bell or self.idle_s is not None):
            raise InvalidInput("Say what to wait for: text, regex, prompt, exit, bell or idle_s.")
        if len(self.text) > TEXT_LENGTH:
            raise InvalidInput(f"text: takes at most {TEXT_LENGTH} characters.")
        if self.idle_s is not None:
            bounded("idle_s", self.idle_s, 0.05, LONGEST_S)
        return self


@dataclass(frozen=True, slots=True)
class Came:
    """`what` came first, or `timeout`; `line` is where the words were found, `exit_code` a command's where the shell tells it."""

    what: What
    line: str
    exit_code: int | None
    seq: int


class Waiter:
    """An `Ear`. `came` is set as soon as something did; `changed` whenever there is output."""

    def __init__(self, wanted: For) -> None:
        self._wanted = wanted
        self._pattern = Pattern(wanted.regex) if wanted.regex else None
        self._rest = b""
        self._seen = ""
        self.news = asyncio.Event()
        self.came: What | None = None
        self.line = ""
        self.exit_code: int | None = None
        self.heard_at = time.monotonic()
        self.lost = False

    def heard(self, data: bytes, end: int, marks: Sequence[Mark]) -> None:  # noqa: ARG002
        self.heard_at = time.monotonic()
        self.news.set()
        if self.came is None:
            self._read(data[-AT_ONCE:])
        for mark in marks:
            if self.came is not None:
                return
            if mark.kind == "end" and self._wanted.exit:
                self.came, self.exit_code = "exit", mark.exit_code
            elif mark.kind == "typing" and self._wanted.prompt:
                self.came = "prompt"
            self.exit_code = mark.exit_code if mark.kind == "end" else self.exit_code

    def recall(self, data: bytes) -> None:
        """What was printed before it listened."""
        self.heard(data, 0, Marks().feed(data))

    @property
    def wants_prompt(self) -> bool:
        return self._wanted.prompt

    def cut(self) -> None:
        self.lost = True
        self.news.set()

    def _read(self, data: bytes) -> None:
        data = self._rest + data
        cut = _UNFINISHED.search(
            data, max(0, data.rfind(b"\x1b", 0, -1) if data.endswith(b"\x1b") else data.rfind(b"\x1b"))
        )
        self._rest = data[cut.start() :] if cut else b""
        data = _SEQUENCE.sub(b"", data[: cut.start()] if cut else data)
        if self._wanted.bell and b"\x07" in data:
            self.came = "bell"
            return
        text = data.replace(b"\x07", b"").decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        self._seen += text
        self._look()
        self._seen = self._seen[-WINDOW:]

    def _look(self) -> None:
        at = self._seen.find(self._wanted.text) if self._wanted.text else -1
        if at >= 0:
            self.came, self.line = "text", _line(self._seen, at)
            return
        found = self._pattern.search(self._seen) if self._pattern else None
        if found is not None:
            self.came, self.line = "regex", _line(self._seen, max(0, found - 1))


def _line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)][:TEXT_LENGTH]


async def wait_for(place: Place, wanted: For, *, timeout_s: float = 60.0, since: int | None = None) -> Came:
    """Until something of `wanted` came. With `since`, what was printed from that number of the output on counts, too.

    Raises `InvalidInput`, and `PolicyRejected` where the session ends meanwhile.
    """
    waiter = Waiter(wanted.checked())
    deadline = time.monotonic() + bounded("timeout_s", timeout_s, 0, LONGEST_S)
    async with terminal(place) as hub:
        _recall(hub, waiter, since)
        hub.ears.add(waiter)
        try:
            what = await _first(hub, waiter, wanted, deadline)
        finally:
            hub.ears.discard(waiter)
        seq = hub.history.seq
    return Came(what, await masked(place, waiter.line), waiter.exit_code, seq)


def _recall(hub: Hub, waiter: Waiter, since: int | None) -> None:
    """What is there already."""
    if since is None:
        if waiter.came is None and hub.shell.at == "prompt" and waiter.wants_prompt:
            waiter.came = "prompt"
        return
    if not 0 <= since <= hub.history.seq:
        raise InvalidInput("since: is no number that this terminal's output has reached; leave it out.")
    missed = hub.history.since(since)
    if missed is None:
        missed = hub.history.tail(AT_ONCE).data
    if missed:
        waiter.recall(missed)
    if (
        waiter.came is None
        and waiter.wants_prompt
        and hub.shell.at == "prompt"
        and (hub.shell.typed_from or 0) >= since
    ):
        waiter.came = "prompt"


async def _first(hub: Hub, waiter: Waiter, wanted: For, deadline: float) -> What:
    while waiter.came is None:
        waiter.news.clear()
        now = time.monotonic()
        idle_at = waiter.heard_at + wanted.idle_s if wanted.idle_s is not None else None
        if idle_at is not None and now >= idle_at:
            return "idle"
        if now >= deadline:
            return "timeout"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiter.news.wait(), min(deadline, idle_at or deadline) - now)
        if waiter.lost and not hub.attached:
            raise PolicyRejected("The session's terminal ended while it was waited for. Look at the card.")
    return waiter.came
