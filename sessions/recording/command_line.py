"""The line that somebody typed, from what the shell printed while they did: keys, corrections, completions, old commands."""

from __future__ import annotations

from typing import Final

import pyte

LONGEST: Final = 16 * 1024  # bytes of a prompt and what is typed after it; what is longer is no command line
LONGEST_WORDS: Final = 300
_ROWS: Final = 40
_COLS: Final = 1000


def typed(prompt: bytes, echo: bytes, cols: int) -> str:
    """`prompt` and then `echo` were printed in a terminal of `cols` columns; what stands behind the prompt."""
    screen = pyte.Screen(max(10, min(cols, _COLS)), _ROWS)
    stream = pyte.ByteStream(screen)
    stream.feed(prompt)
    row, col = screen.cursor.y, screen.cursor.x
    stream.feed(echo)
    shown = screen.display
    rows = [shown[row][col:], *shown[row + 1 :]]
    words = "".join(each if len(each.rstrip()) == len(each) else each.rstrip() + "\n" for each in rows)
    return " ".join(words.split())[:LONGEST_WORDS]
