"""What a system knows of itself in files of many entries, merged: an old base, a newer one, and what a session made of
the old one. Pure.

An entry that the session changed is the session's; any other is the new base's. So packages, users and groups of
both are known, whoever brought them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

Entries = dict[str, str]


def _stanzas(text: str) -> Entries:
    """By package and architecture; of `status` and `extended_states`."""
    found = {}
    for stanza in text.split("\n\n"):
        if stanza.strip():
            fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
            found[f"{fields.get('Package', '')}:{fields.get('Architecture', '')}"] = stanza.strip("\n") + "\n"
    return found


def _lines(text: str, key: Callable[[str], str]) -> Entries:
    return {key(line): line for line in text.splitlines() if line}


def _by_name(text: str) -> Entries:
    """Of passwd and its like: `name:…`."""
    return _lines(text, lambda line: line.partition(":")[0])


def _whole_lines(text: str) -> Entries:
    return _lines(text, lambda line: line)


def _diversions(text: str) -> Entries:
    """Three lines each."""
    lines = text.splitlines()
    return {lines[at]: "\n".join(lines[at : at + 3]) for at in range(0, len(lines) - 2, 3)}


def _overrides(text: str) -> Entries:
    """Of statoverride: the path is the last of four."""
    return _lines(text, lambda line: line.rpartition(" ")[2])


Format = tuple[Callable[[str], Entries], str]
FILES: Final[Mapping[str, Format]] = {
    "/var/lib/dpkg/status": (_stanzas, "\n"),
    "/var/lib/apt/extended_states": (_stanzas, "\n"),
    "/var/lib/dpkg/diversions": (_diversions, "\n"),
    "/var/lib/dpkg/statoverride": (_overrides, "\n"),
    "/var/lib/dpkg/triggers/File": (_whole_lines, "\n"),
    "/etc/passwd": (_by_name, "\n"),
    "/etc/group": (_by_name, "\n"),
    "/etc/shadow": (_by_name, "\n"),
    "/etc/gshadow": (_by_name, "\n"),
    "/etc/subuid": (_by_name, "\n"),
    "/etc/subgid": (_by_name, "\n"),
    "/etc/shells": (_whole_lines, "\n"),
}
MODES: Final = {"/etc/shadow": 0o640, "/etc/gshadow": 0o640}
SHADOW_GROUP: Final = 42


def merged(path: str, old: bytes | None, new: bytes | None, mine: bytes | None) -> bytes | None:
    """What the file is to be; None where it is so already in what the session wrote over the new base."""
    if mine is None or mine == new:
        return None  # the session removed it, or has what the new base has
    if new is None or new == old:
        return None  # the base did not change it
    if mine == old:
        return new
    read, between = FILES[path]
    texts = [read((text or b"").decode(errors="surrogateescape")) for text in (old, new, mine)]
    return between.join(_merge(*texts)).encode(errors="surrogateescape") + b"\n"


def _merge(old: Entries, new: Entries, mine: Entries) -> Iterable[str]:
    """In the order of the new base, the session's own after them."""
    for key in [*new, *(key for key in mine if key not in new)]:
        theirs, ours = new.get(key), mine.get(key)
        chosen = theirs if ours == old.get(key) else ours
        if chosen is not None:
            yield chosen
