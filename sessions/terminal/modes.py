"""Which terminal modes a stream of output has switched on: what a viewer that joins in the middle must be told first."""

from __future__ import annotations

import re

PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]{1,40})([hl])|\x1bc|\x1b\[!p")
UNFINISHED = re.compile(rb"\x1b(?:\[[?!]?[0-9;]{0,40})?$")
ALTERNATE = frozenset({47, 1047, 1049})
ON_BY_DEFAULT = frozenset({7, 25})  # wrap, cursor visible
# Only modes whose loss a viewer would notice; others (132 columns, say) would do harm out of context.
TRACKED = frozenset({1, 7, 9, 25, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004})


class Modes:
    """Feed it output in order; `on` holds the tracked modes that are set."""

    def __init__(self, on: frozenset[int] = ON_BY_DEFAULT) -> None:
        self.on = on
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Follow `data`; a sequence cut at its end is completed by the next call."""
        data = self._rest + data
        for match in PRIVATE_MODE.finditer(data):
            if match[1] is None:
                self.on = ON_BY_DEFAULT
                continue
            named = {int(n) for n in match[1].split(b";") if n} & TRACKED
            self.on = self.on | named if match[2] == b"h" else self.on - named
        cut = UNFINISHED.search(data, max(0, len(data) - 48))
        self._rest = data[cut.start() :] if cut else b""

    @property
    def alternate(self) -> bool:
        return bool(self.on & ALTERNATE)

    def prelude(self) -> str:
        """What to write to a fresh terminal so that it is in these modes."""
        off = "".join(f"\x1b[?{mode}l" for mode in sorted(ON_BY_DEFAULT - self.on))
        return off + "".join(f"\x1b[?{mode}h" for mode in sorted(self.on - ON_BY_DEFAULT))

    def reset(self) -> bytes:
        """What to write so that a terminal in these modes is in the default ones, at the start of a fresh line."""
        off = "".join(f"\x1b[?{mode}l" for mode in sorted(self.on - ON_BY_DEFAULT))
        on = "".join(f"\x1b[?{mode}h" for mode in sorted(ON_BY_DEFAULT - self.on))
        return f"{off}{on}\x1b[0m\r\n".encode()
