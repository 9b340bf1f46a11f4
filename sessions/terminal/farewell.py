"""What dtach says when it ends is for a person's own terminal: it jumps to the screen's end to tell of it. Left out."""

from __future__ import annotations

START = b"\x1b[999H\r\n"
ENDINGS = (b"\r\n", b"\x1b[?25h")  # of the line; and the cursor is shown again
WORDS = (
    b"[EOF - dtach terminating]",
    b"[detached]",
    b"[read returned an error]",
    *(b"[got signal %d - dtach dying]" % number for number in range(1, 32)),
)
WHOLE = tuple(START + words + ENDINGS[0] + ENDINGS[1] for words in WORDS)


class Farewell:
    """A filter of output, in whatever pieces it is read: what may be the beginning of a farewell is held back."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The output without what may be a farewell at its end, which comes with the next piece if it was none."""
        data = self._held + data
        start = next((at for at in _starts(data) if any(whole.startswith(data[at:]) for whole in WHOLE)), len(data))
        self._held = data[start:]
        return data[:start]

    def rest(self) -> bytes:
        """What is held back when the output has ended: nothing, if it is a farewell."""
        held, self._held = self._held, b""
        return b"" if any(held.startswith(START + words) for words in WORDS) else held


def _starts(data: bytes) -> list[int]:
    """Where a farewell, of which perhaps not all has come, could begin."""
    longest = max(len(whole) for whole in WHOLE)
    first = max(0, len(data) - longest)
    return [at for at in range(first, len(data)) if data[at] == START[0]]
