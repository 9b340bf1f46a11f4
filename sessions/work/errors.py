"""What can go wrong inside a session, besides what the engine refuses."""

from __future__ import annotations

from engines.errors import InvalidInput, PolicyRejected, VibenvError


class NoSuchFile(VibenvError):
    """There is nothing at that path in the session."""


class FileRefused(PolicyRejected):
    """The file system of the session refused: permissions, room, a directory in the way."""


class PatchRefused(PolicyRejected):
    """A patch does not fit what is there; nothing was changed. `conflicts` are git's own words, a line each."""

    def __init__(self, message: str, conflicts: list[str]) -> None:
        super().__init__(message)
        self.conflicts = conflicts


class CutOff(VibenvError):
    """The session or its terminal ended in the middle. `output` is what had come until then."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def bounded(name: str, value: float, low: float, high: float) -> float:
    """`value`, or `InvalidInput` that says what it takes."""
    if not low <= value <= high:
        raise InvalidInput(f"{name}: is {value:g}; it takes {low:g} to {high:g}.")
    return value
