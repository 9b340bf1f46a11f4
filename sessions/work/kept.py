"""Output of any length in bounded memory: its beginning and its end. Pure."""

from __future__ import annotations

from collections import deque

LIMIT_BYTES = 1024**2


class Kept:
    """`add` output; `value` has at most `limit` bytes of it, with a line in between that says how many were left out."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._half = limit // 2
        self.omitted = 0

    def add(self, data: bytes) -> None:
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if not data:
            return
        self._tail.append(data)
        self._tail_bytes += len(data)
        while self._tail_bytes > self._half:
            self._drop(self._tail_bytes - self._half)

    def _drop(self, count: int) -> None:
        first = self._tail.popleft()
        gone = min(count, len(first))
        if gone < len(first):
            self._tail.appendleft(first[gone:])
        self._tail_bytes -= gone
        self.omitted += gone

    def parts(self) -> list[bytes]:
        """The beginning, and the end where anything between them was left out."""
        tail = b"".join(self._tail)
        return [bytes(self._head), tail] if self.omitted else [bytes(self._head) + tail]

    def value(self) -> bytes:
        return f"\n… {self.omitted} bytes left out …\n".encode().join(self.parts())
