"""Text and keys as the bytes that a terminal takes. Pure."""

from __future__ import annotations

import re
from typing import Final

from engines.errors import InvalidInput

COMMAND_BYTES: Final = 64 * 1024
TEXT_BYTES: Final = 256 * 1024
PASTE_BEGIN: Final = b"\x1b[200~"
PASTE_END: Final = b"\x1b[201~"
INTERRUPT: Final = b"\x03"

KEYS: Final[dict[str, bytes]] = {
    "Enter": b"\r", "Tab": b"\t", "Escape": b"\x1b", "Backspace": b"\x7f", "Space": b" ",
    "Up": b"\x1b[A", "Down": b"\x1b[B", "Right": b"\x1b[C", "Left": b"\x1b[D",
    "Home": b"\x1b[H", "End": b"\x1b[F", "Insert": b"\x1b[2~", "Delete": b"\x1b[3~",
    "PageUp": b"\x1b[5~", "PageDown": b"\x1b[6~", "BackTab": b"\x1b[Z",
    "F1": b"\x1bOP", "F2": b"\x1bOQ", "F3": b"\x1bOR", "F4": b"\x1bOS", "F5": b"\x1b[15~", "F6": b"\x1b[17~",
    "F7": b"\x1b[18~", "F8": b"\x1b[19~", "F9": b"\x1b[20~", "F10": b"\x1b[21~", "F11": b"\x1b[23~", "F12": b"\x1b[24~",
}  # fmt: skip
_KEYS = {name.lower(): data for name, data in KEYS.items()} | {"esc": b"\x1b", "return": b"\r"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def key(name: str) -> bytes:
    """`Enter`, `Up`, `C-c`, `M-b`, `x`. Raises `InvalidInput`."""
    if name.lower() in _KEYS:
        return _KEYS[name.lower()]
    if name[:2] in {"C-", "c-", "^"} or name[:1] == "^":
        letter = name[1:] if name[0] == "^" else name[2:]
        if len(letter) == 1 and "@" <= letter.upper() <= "_":
            return bytes([ord(letter.upper()) & 0x1F])
    if name[:2] in {"M-", "m-"} and len(name) > 2:
        return b"\x1b" + key(name[2:])
    if len(name) == 1 and name.isprintable():
        return name.encode()
    raise InvalidInput(f"keys: {name[:20]!r} is no key; there are {', '.join(KEYS)}, C-c, M-b and single characters.")


def command(text: str, *, pasted: bool) -> bytes:
    """A whole command as it is typed. Raises `InvalidInput`; `pasted`: the shell tells a paste from keys."""
    text = text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        raise InvalidInput("command: is empty.")
    if len(text.encode()) > COMMAND_BYTES:
        raise InvalidInput(f"command: takes at most {COMMAND_BYTES // 1024} KiB; write it to a file and run that.")
    if _CONTROL.search(text):
        raise InvalidInput("command: has control characters in it; use the verb `type` for keys.")
    if pasted:
        return PASTE_BEGIN + text.encode() + PASTE_END + b"\r"
    if "\n" in text or "\t" in text:
        raise InvalidInput("command: this shell takes single lines without tabs only; use `exec` for more.")
    return text.encode() + b"\r"
