"""Sort keys between any two others, so that a move writes one row and never renumbers a column.

A rank is a fraction between 0 and 1 written in base 36 without its leading "0.": "i" is a half. No rank ends in "0".
"""

from __future__ import annotations

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)


def between(before: str, after: str) -> str:
    """A rank greater than `before` ("" for the start) and less than `after` ("" for the end).

    Raises `ValueError` unless `before` < `after`.
    """
    if after and before >= after:
        raise ValueError(f"no rank lies between {before!r} and {after!r}")
    made, bounded = "", bool(after)
    for at in range(max(len(before), len(after)) + 1):
        low = DIGITS.index(before[at]) if at < len(before) else 0
        high = DIGITS.index(after[at]) if bounded and at < len(after) else (0 if bounded else BASE)
        if high - low > 1:
            return made + DIGITS[(low + high) // 2]
        made += DIGITS[low]
        bounded = bounded and high == low
    return made + DIGITS[BASE // 2]


def after_all(last: str) -> str:
    """A rank after `last` ("" when there is none), growing slowly when cards are only ever added at the end."""
    for at, digit in enumerate(last):
        if digit != DIGITS[-1]:
            return last[:at] + DIGITS[DIGITS.index(digit) + 1]
    return last + DIGITS[1 if last else BASE // 2]
