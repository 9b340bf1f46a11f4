"""What keys do to the line that somebody types: begin it, end it, or neither. Pure.

Keys, not the screen, are what is known of a line at once; so a line that was emptied by Backspace still counts as begun.
"""

from __future__ import annotations

import re

ENDERS = b"\r\n\x03\x04\x15"  # Enter, Ctrl-C, Ctrl-D, Ctrl-U
CLEAR = b"\x05\x15"  # a shell's line, to its end, then away: Ctrl-Y puts it back
PASTE, PASTED = b"\x1b[200~", b"\x1b[201~"

_ENDER = re.compile(rb"[\r\n\x03\x04\x15]")
# Letters, and what fetches an earlier line: Ctrl-N, Ctrl-P, Ctrl-R, Ctrl-Y.
_BEGINS = re.compile(rb"[^\x00-\x1f\x7f]|[\x0e\x10\x12\x19]")
# A paste (whose own line ends the shell does not take for Enter), a mouse's report, a key that sends a sequence.
_SEQUENCE = re.compile(
    rb"\x1b\[200~.*?(?:\x1b\[201~|\Z)|\x1b\[M.{0,3}|\x1b\[[<?]?[0-9;]*[ -/]*[@-~]|\x1bO.?|\x1b[^\x00-\x1f]?", re.DOTALL
)
_FETCHES = re.compile(rb"\x1b(?:\[|O)[AB]\Z|\x1b[a-z.<>]\Z")  # arrows up and down; what Alt does to words


class Keys:
    """One typist's keys, in order; a paste may be cut anywhere between its frames."""

    def __init__(self) -> None:
        self._pasting = False

    def feed(self, data: bytes) -> bool | None:
        """True: there is a line now that is not finished; False: there is none; None: they changed nothing of that."""
        if self._pasting:
            data = self._rest_of_paste(data)
        if b"\x1b" in data:
            data = _SEQUENCE.sub(self._meaning, data)
        ended = max(map(data.rfind, _EACH_ENDER))
        if _BEGINS.search(data, ended + 1):
            return True
        return False if ended >= 0 else None

    def _rest_of_paste(self, data: bytes) -> bytes:
        pasted, end, rest = data.partition(PASTED)
        self._pasting = not end
        return (b"x" if pasted else b"") + rest

    def _meaning(self, sequence: re.Match[bytes]) -> bytes:
        keys = sequence[0]
        if keys.startswith(PASTE):
            self._pasting = not keys.endswith(PASTED)
            return b"x"
        return b"x" if _FETCHES.search(keys) else b""


_EACH_ENDER = [ENDERS[at : at + 1] for at in range(len(ENDERS))]


def count(data: bytes) -> int:
    """How many lines were finished by Enter, roughly: for the history."""
    return data.count(b"\r")
