"""Words in recordings: which lines of a session's terminals have them, and when those were printed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engines.errors import InvalidInput
from sessions.models import Recording
from sessions.recording import cast, plain, store

LONGEST_WORDS: Final = 200
LONGEST_CONTEXT: Final = 200  # characters of a line that are told
MOST: Final = 200
PATIENCE_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class Hit:
    """`start`, `end`: where in `line`, which may be a part of a longer one, the words are. `at_s` since the recording began."""

    recording: str
    at_s: float
    line: str
    start: int
    end: int


def search(recordings: Iterable[Recording], words: str, limit: int) -> tuple[list[Hit], bool]:
    """The latest recordings first, each from its beginning; and whether there may be more than `limit`, or than time allowed.

    Capitals or not is one. Raises `InvalidInput`.
    """
    wanted = " ".join(words.split()).casefold()
    if not wanted or len(wanted) > LONGEST_WORDS:
        raise InvalidInput(f"q: takes 1 to {LONGEST_WORDS} characters.")
    found: list[Hit] = []
    end = time.monotonic() + PATIENCE_S
    for recording in recordings:
        for hit in _in(recording, wanted):
            if len(found) == max(1, min(limit, MOST)):
                return found, True
            found.append(hit)
        if time.monotonic() > end:
            return found, True
    return found, False


def _in(recording: Recording, wanted: str) -> Iterator[Hit]:
    end = time.monotonic() + PATIENCE_S
    try:
        for at, text in plain.lines(cast.read(store.path_of(recording))):
            place = text.casefold().find(wanted)
            if place >= 0:
                yield _hit(recording.pk, at, text, place, len(wanted))
            if time.monotonic() > end:
                return
    except OSError:  # removed meanwhile
        return


def _hit(recording: str, at_s: float, text: str, place: int, length: int) -> Hit:
    begin = max(0, place - LONGEST_CONTEXT // 3) if len(text) > LONGEST_CONTEXT else 0
    line = text[begin : begin + LONGEST_CONTEXT]
    return Hit(recording, at_s, line, place - begin, min(len(line), place - begin + length))
