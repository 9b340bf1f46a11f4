"""Files of many entries: read by key, and merged entry by entry. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Entries = dict[str, str]
# Of an old, a new and a session's own entry, all different.
Resolve = Callable[[str, str, str], str]


def text(content: bytes | None) -> str:
    return (content or b"").decode(errors="surrogateescape")


def lines(entries: Iterable[str]) -> bytes:
    return "".join(f"{entry}\n" for entry in entries).encode(errors="surrogateescape")


def stanzas(content: str) -> Entries:
    """By package and architecture; each ends with its line's end."""
    found = {}
    for stanza in content.split("\n\n"):
        if stanza.strip():
            fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
            found[f"{fields.get('Package', '')}:{fields.get('Architecture', '')}"] = stanza.strip("\n") + "\n"
    return found


def by_name(content: str) -> Entries:
    """Of passwd and its like: `name:…`."""
    return {line.partition(":")[0]: line for line in content.splitlines() if line}


def chosen(old: Entries, new: Entries, mine: Entries, both: Resolve | None = None) -> Entries:
    """In the order of the new one, the session's own after them."""
    found: Entries = {}
    for key in [*new, *(key for key in mine if key not in new)]:
        before, theirs, ours = old.get(key), new.get(key), mine.get(key)
        entry = theirs if ours == before else ours
        if both and before and theirs and ours and len({before, theirs, ours}) > 2:
            entry = both(before, theirs, ours)
        if entry is not None:
            found[key] = entry
    return found
