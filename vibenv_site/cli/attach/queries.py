"""What programs ask a terminal, and what it answers.

Of many viewers one answers, and nobody answers what is history (`sessions/protocol.py`, *Queries*): so questions are kept from
one's own terminal unless it is to answer, and its answers are told from typed keys.
"""

from __future__ import annotations

import re
from typing import Final

QUESTION: Final = re.compile(
    rb"\x1b\[[?>=]?0?c"  # what are you (DA1, DA2, DA3)
    rb"|\x1bZ"
    rb"|\x1b\[\??(?:[56]|15|25|26|53|55|56|62|63|75|85|996)n"  # status, cursor position (DSR)
    rb"|\x1b\[1[1-9](?:;[0-9]*)?t|\x1b\[2[01]t"  # the window's size and title
    rb"|\x1b\[\??[0-9]+\$p"  # modes (DECRQM)
    rb"|\x1b\[>0?q"  # name and version
    rb"|\x1b\[\?u"  # keyboard protocol
    rb"|\x1b\[[01]?x"
    rb"|\x1bP(?:\+q|\$q)[^\x1b\x07]*(?:\x1b\\|\x07)"  # capabilities, settings
    rb"|\x1b\](?:4;[0-9]+|1[0-9]|2[0-9]|52;[a-z0-9]*);\?(?:\x1b\\|\x07)"  # colours, clipboard
)
CLIPBOARD_READ: Final = re.compile(rb"\x1b\]52;[a-z0-9]*;\?(?:\x1b\\|\x07)")
CLIPBOARD: Final = re.compile(rb"\x1b\]52;[^\x1b\x07]*(?:\x1b\\|\x07)")
ANSWER: Final = re.compile(
    rb"\x1b\[[?>][0-9;]*c"
    rb"|\x1b\[\?[0-9;]*[nRu]"
    rb"|\x1b\[[03]n"
    rb"|\x1b\[[0-9]+;[0-9]+;[0-9]+t"
    rb"|\x1b\[\??[0-9;]+\$y"
    rb"|\x1bP[^\x1b\x07]*(?:\x1b\\|\x07)"
    rb"|\x1b\](?:4|1[0-9]|2[0-9]|[lL])[^\x1b\x07]*(?:\x1b\\|\x07)"
)
POSITION: Final = re.compile(rb"\x1b\[[0-9]+;[0-9]+R")  # also a function key's code: an answer only if somebody asked
ASKS_POSITION: Final = re.compile(rb"\x1b\[6n")
# A sequence, or a character, that has begun and not ended. Longer ones than `LONGEST` pass as they are.
UNFINISHED: Final = re.compile(
    rb"(?:\x1b(?:\[[0-9;?>=$ ]*|[P\]][^\x1b\x07]*\x1b?)?|[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})$"
)
LONGEST: Final = 4096


class OutputFilter:
    """Output on its way to one's own terminal, cut anywhere."""

    def __init__(self) -> None:
        self.answering = False
        self.watching = False
        self.positions_asked = 0
        self._rest = b""

    def feed(self, data: bytes, live: bool) -> bytes:
        data = self._rest + data
        cut = UNFINISHED.search(data, max(0, len(data) - LONGEST))
        self._rest = data[cut.start() :] if cut else b""
        data = data[: cut.start()] if cut else data
        if b"\x1b" not in data:
            return data
        if self.watching:
            data = CLIPBOARD.sub(b"", data)
        if not (live and self.answering):
            return QUESTION.sub(b"", data)
        self.positions_asked += len(ASKS_POSITION.findall(data))
        return CLIPBOARD_READ.sub(b"", data)

    def rest(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest

    def answers_in(self, typed: bytes) -> tuple[bytes, list[bytes]]:
        """What of the input was typed, and what answers questions."""
        if b"\x1b" not in typed:
            return typed, []
        answers = ANSWER.findall(typed)
        typed = ANSWER.sub(b"", typed)
        if self.positions_asked:
            found = POSITION.findall(typed)[: self.positions_asked]
            typed = POSITION.sub(b"", typed, count=self.positions_asked)
            self.positions_asked -= len(found)
            answers += found
        return typed, answers
