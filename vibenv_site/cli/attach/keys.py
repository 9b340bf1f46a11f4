"""The key that leaves a terminal, in the ways that terminals send it."""

from __future__ import annotations

import re
from typing import Final

from vibenv_site.cli.errors import USAGE, CliError

DEFAULT: Final = "ctrl-]"
CONTROL: Final = b"\x1b[19;2~"  # Shift+F8: take control, hand it over
PAUSE: Final = b"\x1b[20;2~"  # Shift+F9: pause the agents, let them go on
OWN: Final = re.compile(re.escape(CONTROL) + b"|" + re.escape(PAUSE))
NAMED: Final = {"@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, "_": 31}


def code_of(name: str) -> int:
    """`ctrl-]`, `ctrl-q`, `^]`: the control character. Raises `CliError`."""
    found = re.fullmatch(r"(?:ctrl-|c-|\^)(.)", name.strip(), re.IGNORECASE)
    letter = found[1].lower() if found else ""
    if letter in NAMED:
        return NAMED[letter]
    if "a" <= letter <= "z":
        return ord(letter) - ord("a") + 1
    raise CliError(f"{name} is no key to leave by.", "It is one such as ctrl-] or ctrl-q.", USAGE)


def pattern_of(name: str) -> re.Pattern[bytes]:
    """As itself, and as programs have asked for it: kitty's protocol, xterm's modifyOtherKeys."""
    code = code_of(name)
    plain = code + 0x60 if 1 <= code <= 26 else code + 0x40
    kitty = rb"\x1b\[%d(?::[0-9:]*)?;5(?::1)?u" % plain
    other = rb"\x1b\[27;5;%d~" % plain
    return re.compile(re.escape(bytes([code])) + b"|" + kitty + b"|" + other)
