"""Secrets taken out of what is kept or told of a session: recordings, answers of the API, logs.

What a program changes before it prints it (encoded, cut, coloured in the middle) is not found. Short values are left:
they would be found in everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from engines.errors import PolicyRejected
from sessions.models import SessionSecret
from sessions.sealing import unseal

SHORTEST: Final = 6  # characters
STARS: Final = b"******"


def values_of(session_id: str) -> tuple[str, ...]:
    """What is to be taken out: each value, and each line of one that has several."""
    found: set[str] = set()
    for sealed in SessionSecret.objects.filter(session=session_id).values_list("sealed", flat=True):
        found |= _parts(sealed)
    return tuple(sorted(found))


@lru_cache(maxsize=512)
def _parts(sealed: str) -> frozenset[str]:
    try:
        value = unseal(sealed)
    except PolicyRejected:  # of another key: nobody has it
        return frozenset()
    return frozenset(part for part in (value, *value.splitlines()) if len(part.strip()) >= SHORTEST)


def mask(session_id: str, text: str) -> str:
    """A text without the session's secrets."""
    values = values_of(session_id)
    if not values:
        return text
    masker = Masker(values)
    encoded = text.encode("utf-8", "surrogatepass")
    return (masker.feed(encoded) + masker.rest()).decode("utf-8", "surrogatepass")


def mask_screen(values: Iterable[str], lines: Sequence[str], cols: int) -> list[str]:
    """A screen's lines, each of the length that it had. A value that was wrapped at the edge is found, too."""
    wanted = sorted(values, key=len, reverse=True)
    if not wanted:
        return list(lines)
    padded = [line.ljust(cols) for line in lines]
    whole = "".join(padded)
    for value in wanted:
        whole = whole.replace(value, "*" * len(value))
    at, found = 0, []
    for line, wide in zip(lines, padded, strict=True):
        found.append(whole[at : at + len(line)])
        at += len(wide)
    return found


class Masker:
    """For a stream: `feed` gives back what is certain, `rest` what was held back at the end. Cut anywhere."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({value.encode() for value in values if len(value) >= SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(value) for value in self._values)) if self._values else None
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        if self._pattern is None:
            return data
        data = self._held + data
        done, at = [], 0
        there = any(value in data for value in self._values)  # far quicker than the pattern, which a flood feels
        for found in self._pattern.finditer(data) if there else ():
            if self._may_grow(data, found.start()):
                break  # a longer value may begin here
            done += [data[at : found.start()], STARS]
            at = found.end()
        held = self._begun(data, at)
        self._held = data[held:]
        return b"".join([*done, data[at:held]])

    def rest(self) -> bytes:
        data, self._held = self._held, b""
        return self._pattern.sub(STARS, data) if self._pattern else data

    def _may_grow(self, data: bytes, start: int) -> bool:
        left = data[start : start + len(self._values[0])]
        return any(len(value) > len(left) and value.startswith(left) for value in self._values)

    def _begun(self, data: bytes, at: int) -> int:
        """Where, from `at` on, a value begins that has not come whole; else the end."""
        first = max(at, len(data) - len(self._values[0]) + 1)
        starts = [self._begun_one(data, value, first) for value in self._values]
        return min(starts, default=len(data))

    @staticmethod
    def _begun_one(data: bytes, value: bytes, first: int) -> int:
        at = max(first, len(data) - len(value) + 1)
        while (at := data.find(value[:1], at)) >= 0:
            if value.startswith(data[at:]):
                return at
            at += 1
        return len(data)
