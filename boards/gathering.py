"""Events of a board on their way to its pages: those of one moment share a frame. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Gathering:
    """Of several events about one card the latest goes; all their versions do, so that a page misses none of them."""

    _versions: list[int] = field(default_factory=list)
    _latest: dict[str, tuple[int, str]] = field(default_factory=dict)  # by card; "" is the board itself

    def __bool__(self) -> bool:
        return bool(self._versions)

    def add(self, version: int, card: str, text: str) -> None:
        """`text`: the event as JSON."""
        self._versions.append(version)
        known = self._latest.get(card)
        if known is None or known[0] < version:
            self._latest[card] = (version, text)

    def take(self) -> str:
        """The frame, and begin anew. A lone event is a frame by itself."""
        texts = [text for _, text in self._latest.values()]
        frame = texts[0] if len(self._versions) == 1 else _together(self._versions, texts)
        self._versions, self._latest = [], {}
        return frame


def _together(versions: list[int], texts: list[str]) -> str:
    # the events are JSON already: they are put together, not read and written again
    return f'{{"type":"events","versions":{versions},"events":[{",".join(texts)}]}}'
