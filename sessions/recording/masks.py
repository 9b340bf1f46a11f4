"""What a recording must not tell: a session's secrets, replaced in what is printed and typed."""

from __future__ import annotations


class Masks:
    """`use` the secrets' values, then pass output and input through, in order."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def use(self, values: tuple[str, ...]) -> None:
        self._values = values

    def output(self, data: bytes) -> bytes:
        for value in self._values:
            data = data.replace(value.encode(), b"***")
        return data

    def input(self, data: bytes) -> bytes:
        return self.output(data)
