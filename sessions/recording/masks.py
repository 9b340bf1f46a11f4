"""What a recording must not tell: a session's secrets, taken out of what is printed and typed."""

from __future__ import annotations

from sessions.masking import Masker


class Masks:
    """`use` the secrets' values, then pass output and input through, in order. What may begin one is held back."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._output, self._input = Masker(()), Masker(())
        self._before = {"output": b"", "input": b""}  # held back by the former ones, and certain now

    def use(self, values: tuple[str, ...]) -> None:
        if values == self._values:
            return
        printed, typed = self._output.rest(), self._input.rest()
        self._values = values
        self._output, self._input = Masker(values), Masker(values)
        self._before["output"] += self._output.feed(printed)
        self._before["input"] += self._input.feed(typed)

    def output(self, data: bytes) -> bytes:
        before, self._before["output"] = self._before["output"], b""
        return before + self._output.feed(data)

    def input(self, data: bytes) -> bytes:
        before, self._before["input"] = self._before["input"], b""
        return before + self._input.feed(data)

    def rest(self) -> bytes:
        """What was held back of the output, at its end."""
        before, self._before["output"] = self._before["output"], b""
        return before + self._output.rest()
