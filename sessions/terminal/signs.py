"""Signs in a terminal's output that a program wants somebody: a bell, a notification, the end of a long command.

OSC 9 (text) and OSC 777 (notify; title; text) are notifications, OSC 133 C and D begin and end a command where the
shell marks them.
"""

from __future__ import annotations

import re

LONG_COMMAND_S = 10.0  # a shorter one is still being watched by whoever began it
LONGEST_OSC = 1024  # bytes that are looked at; clipboards can be far longer
LONGEST_WORDS = 160
BELL = "The bell rang."

_START = re.compile(rb"\x07|\x1b\]")
_END = re.compile(rb"[\x07\x1b]")
_PROGRESS = re.compile(rb"9;\d+(;|$)")  # what other terminals mean by OSC 9 and a number
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


class Signs:
    """Feed it output in order; sequences may be cut anywhere."""

    def __init__(self) -> None:
        self._osc: bytes | None = None  # what has come of a sequence that has not ended
        self._rest = b""
        self._began: float | None = None

    def feed(self, data: bytes, now: float) -> str | None:
        """Why somebody is wanted, in words, if `data` says so. `now` in seconds of any steady clock."""
        data, self._rest = self._rest + data, b""
        found, at = None, 0
        while True:
            if self._osc is None:
                start = _START.search(data, at) if b"\x07" in data or b"\x1b]" in data else None
                if start is None:
                    break
                at = start.end()
                if start[0] == b"\x07":
                    found = found or BELL
                    continue
                self._osc = b""
            end = _END.search(data, at)
            self._osc = (self._osc + data[at : end.start() if end else len(data)])[:LONGEST_OSC]
            if end is None:
                break
            found = self._said(self._osc, now) or found
            self._osc = None
            at = end.end() if end[0] == b"\x07" else end.start()
        if self._osc is None and data.endswith(b"\x1b"):
            self._rest = b"\x1b"
        return found

    def _said(self, osc: bytes, now: float) -> str | None:
        if osc.startswith(b"9;") and not _PROGRESS.match(osc):
            return _words(osc[2:])
        if osc.startswith(b"777;notify;"):
            return _words(osc[11:].replace(b";", b": ", 1))
        if osc.startswith(b"133;C"):
            self._began = now
        elif osc.startswith(b"133;D") and self._began is not None:
            took, self._began = now - self._began, None
            return _ended(osc[6:]) if took >= LONG_COMMAND_S else None
        return None


def _words(text: bytes) -> str | None:
    said = _CONTROL.sub(" ", text.decode(errors="replace")).strip()
    return said[:LONGEST_WORDS] or None


def _ended(code: bytes) -> str:
    failed = code.isdigit() and int(code) != 0
    return f"A command ended with {int(code)}." if failed else "A command ended."
