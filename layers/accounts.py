"""Users and groups of a session, and those who came with a newer base. Pure.

Each side gave them numbers without knowing of the other: whoever came with the base gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from layers.entries import by_name, lines, text

PASSWD: Final = "/etc/passwd"  # noqa: S105  (the file of users)
GROUP: Final = "/etc/group"
WITH_MEMBERS: Final = (GROUP, "/etc/gshadow")
NUMBER: Final = 2
OWN_GROUP: Final = 3
FIRST_PERSON: Final = 1000


@dataclass(frozen=True, slots=True)
class Numbers:
    """By the number in the new base, the one that is meant now."""

    users: Mapping[int, int] = field(default_factory=dict)
    groups: Mapping[int, int] = field(default_factory=dict)

    def owner(self, user: int, group: int) -> tuple[int, int] | None:
        """Who is to have what these have in the new base; None where it is right as it is."""
        found = self.users.get(user, user), self.groups.get(group, group)
        return None if found == (user, group) else found


def both_changed(before: str, theirs: str, ours: str) -> str:
    """The session's group, with whom the new base took in and without whom it put out."""
    was, new, own = ([name for name in entry.rpartition(":")[2].split(",") if name] for entry in (before, theirs, ours))
    came = [name for name in new if name not in own and name not in was]
    stayed = [name for name in own if name in new or name not in was]
    return f"{ours.rpartition(':')[0]}:{','.join([*stayed, *came])}"


def kept_apart(final: dict[str, bytes], new: Mapping[str, bytes], mine: Mapping[str, bytes]) -> Numbers:
    """Gives who came with the new base another number where one of the session's has it, in `final`, which is changed.

    Says who of the new base has another number now, for this reason or because the session gave it.
    """
    _renumber(final, GROUP, mine)
    groups = _moved(final, GROUP, new)
    _renumber(final, PASSWD, mine, groups)
    return Numbers(_moved(final, PASSWD, new), groups)


def _renumber(
    final: dict[str, bytes], path: str, mine: Mapping[str, bytes], groups: Mapping[int, int] | None = None
) -> None:
    entries, own = by_name(text(final.get(path))), by_name(text(mine.get(path)))
    held = {_number(entry) for entry in own.values()}
    taken = {_number(entry) for entry in entries.values()} | held
    for name in entries.keys() - own.keys():
        parts = entries[name].split(":")
        if groups and len(parts) > OWN_GROUP and parts[OWN_GROUP].isdigit():
            parts[OWN_GROUP] = str(groups.get(int(parts[OWN_GROUP]), int(parts[OWN_GROUP])))
        if (number := _number(entries[name])) in held and number >= 0:
            parts[NUMBER] = str(_free(number, taken))
        entries[name] = ":".join(parts)
    if entries:
        final[path] = lines(entries.values())


def _free(number: int, taken: set[int]) -> int:
    """Of programs downwards, of people upwards, as the system itself gives them."""
    step = 1 if number >= FIRST_PERSON else -1
    start = number if number >= FIRST_PERSON else FIRST_PERSON - 1
    found = next(each for each in range(start, start + step * 900, step) if each not in taken)
    taken.add(found)
    return found


def _moved(final: Mapping[str, bytes], path: str, new: Mapping[str, bytes]) -> dict[int, int]:
    now = {name: _number(entry) for name, entry in by_name(text(final.get(path))).items()}
    before = {name: _number(entry) for name, entry in by_name(text(new.get(path))).items()}
    return {number: now[name] for name, number in before.items() if name in now and now[name] != number}


def _number(entry: str) -> int:
    """-1 where it has none."""
    parts = entry.split(":")
    return int(parts[NUMBER]) if len(parts) > NUMBER and parts[NUMBER].isdigit() else -1
