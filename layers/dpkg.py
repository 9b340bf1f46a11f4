"""What a system knows of its packages and people, merged: an old base, a newer one, and what a session made of the old one. Pure.

An entry that the session changed is the session's; any other is the new base's. So packages, users and groups of
both are known, whoever brought them. Of a package that both changed the session's files lie above, so its entry counts,
and what only the new base's version has goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from layers import accounts, alternatives
from layers.entries import Entries, by_name, chosen, lines, stanzas, text

HOME: Final = "/var/lib/dpkg"
STATUS: Final = f"{HOME}/status"
INFO: Final = f"{HOME}/info/"
TRIGGERS: Final = f"{HOME}/triggers/"
ALTERNATIVES: Final = f"{HOME}/alternatives/"
OTHERS: Final = (
    *("/var/lib/apt/extended_states", "/etc/shells", "/etc/subuid", "/etc/subgid"),
    *(accounts.PASSWD, accounts.GROUP, "/etc/shadow", "/etc/gshadow"),
)
MODES: Final = {"/etc/shadow": 0o640, "/etc/gshadow": 0o640}
SHADOW_GROUP: Final = 42
MERGED_USR: Final = ("/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/")


@dataclass(frozen=True, slots=True)
class System:
    """Files of an image by path: of `HOME`, and `OTHERS`. `written`: when those of `INFO` were."""

    files: Mapping[str, bytes]
    written: Mapping[str, float] = field(default_factory=dict)

    def entries(self) -> Entries:
        return stanzas(text(self.files.get(STATUS)))

    def about(self, package: str) -> str:
        """How names of a package's files in `INFO` begin; empty where it has none."""
        name, _, architecture = package.partition(":")
        return next((each for each in (f"{name}:{architecture}", name) if f"{INFO}{each}.list" in self.files), "")

    def has(self, package: str) -> set[str]:
        """The paths of a package."""
        return set(text(self.files.get(f"{INFO}{self.about(package)}.list")).splitlines())

    def unpacked(self, package: str) -> tuple[float, bytes] | None:
        """What changes whenever a package's files are written."""
        path = f"{INFO}{self.about(package)}.list"
        return (self.written.get(path, 0), self.files[path]) if path in self.files else None


@dataclass(frozen=True, slots=True)
class Merged:
    """`write`: contents by path. `drop`: paths that go unless the session wrote them. `restore`: paths that are to be as
    in the new base. `owners`: users and groups by number in the new base, who have another one now.
    """

    write: Mapping[str, bytes]
    drop: tuple[str, ...] = ()
    restore: frozenset[str] = frozenset()
    owners: accounts.Numbers = field(default_factory=accounts.Numbers)
    alternatives: tuple[str, ...] = ()


def merge(old: System, new: System, mine: System) -> Merged:
    write: dict[str, bytes] = {}
    packages = _Packages(old, new, mine)
    if STATUS in new.files:
        write[STATUS] = lines(packages.entries.values())
    for path in _paths(old, new, mine):
        content = _merged(path, *(system.files.get(path) for system in (old, new, mine)))
        if content is not None:
            write[path] = content
    final = {path: write.get(path, mine.files.get(path, b"")) for path in (accounts.PASSWD, accounts.GROUP)}
    numbers = accounts.kept_apart(final, new.files, mine.files)
    write |= {path: content for path, content in final.items() if content != mine.files.get(path, b"")}
    names = tuple(path.removeprefix(ALTERNATIVES) for path in write if path.startswith(ALTERNATIVES))
    return Merged(write, packages.orphans(), packages.hidden(), numbers, names)


def reads(path: str) -> bool:
    """Whether what is in a file of `HOME` matters."""
    return path == STATUS or bool(_reader(path)) or (path.startswith(INFO) and path.endswith(".list"))


def knows(path: str) -> bool:
    """Whether it matters at all; of some only that they are there."""
    return reads(path) or path.startswith(INFO)


def _paths(*systems: System) -> list[str]:
    found = {path for system in systems for path in system.files}
    return sorted(path for path in found if path != STATUS and not path.startswith(INFO) and _reader(path))


def _reader(path: str) -> str:
    """How a file is to be read; empty for one that is not merged."""
    if path.startswith(ALTERNATIVES):
        return "alternatives"
    if path in OTHERS or path in {f"{HOME}/diversions", f"{HOME}/statoverride"}:
        return "entries"
    return "lines" if path.startswith(TRIGGERS) and not path.endswith(("/Lock", "/Unincorp")) else ""


def _merged(path: str, old: bytes | None, new: bytes | None, mine: bytes | None) -> bytes | None:
    """What the file is to be; None where it is so already in what the session wrote over the new base."""
    if new in {old, mine} or mine == old:
        return new if mine == old else None
    how = _reader(path)
    if (mine is None and how != "lines") or (new is None and how == "alternatives"):
        return None  # the session's word
    before, theirs, ours = text(old), text(new), text(mine)
    if how == "alternatives":
        return alternatives.merged(before, theirs, ours).encode(errors="surrogateescape")
    read = by_line if how == "lines" else READERS.get(path, by_name)
    both = accounts.both_changed if path in accounts.WITH_MEMBERS else None
    return lines(chosen(read(before), read(theirs), read(ours), both).values())


def by_line(content: str) -> Entries:
    return {line: line for line in content.splitlines() if line}


def _diversions(content: str) -> Entries:
    """Three lines each."""
    found = content.splitlines()
    return {found[at]: "\n".join(found[at : at + 3]) for at in range(0, len(found) - 2, 3)}


def _overrides(content: str) -> Entries:
    """The path is the last of four."""
    return {line.rpartition(" ")[2]: line for line in content.splitlines() if line}


READERS: Final = {
    "/var/lib/apt/extended_states": stanzas,
    f"{HOME}/diversions": _diversions,
    f"{HOME}/statoverride": _overrides,
    "/etc/shells": by_line,
}


class _Packages:
    """Whose version of each package counts, and what follows for their files."""

    def __init__(self, old: System, new: System, mine: System) -> None:
        self._old, self._new, self._mine = old, new, mine
        before, theirs, ours = (system.entries() for system in (old, new, mine))
        self.entries: Entries = {}
        self._sessions: set[str] = set()  # those of which the session's word counts
        for key in [*theirs, *(key for key in ours if key not in theirs), *before]:
            if self._is_sessions(key, before.get(key), ours.get(key)):
                self._sessions.add(key)
                found = ours.get(key)
            else:
                found = _with_wish(theirs.get(key), before.get(key), ours.get(key))
            if found is not None:
                self.entries[key] = found

    def _is_sessions(self, key: str, before: str | None, ours: str | None) -> bool:
        """It unpacked the package's files, or removed them. Else it changed no more than what it wishes for it."""
        if ours is None or not _is_installed(ours):
            return ours != before
        return self._mine.unpacked(key) != self._old.unpacked(key)

    def orphans(self) -> tuple[str, ...]:
        """What the new base's version of a package brought that the session's has not; deepest first."""
        gone: set[str] = set()
        kept: set[str] = set()
        for key in self._sessions:
            about = self._new.about(key)
            gone |= self._new.has(key) if about else set()
            kept |= self._mine.has(key)
            gone |= {path for path in self._new.files if about and path.startswith(f"{INFO}{about}.")}
        for key in self.entries.keys() - self._sessions:
            kept |= self._new.has(key)
        there = {_real(path) for path in kept} | {_real(path) for path in self._mine.files}
        return tuple(sorted((path for path in gone if path != "/." and _real(path) not in there), reverse=True))

    def hidden(self) -> frozenset[str]:
        """What the session removed with a package, and now belongs to one of the new base's."""
        removed = {_real(path) for key in self._sessions for path in self._old.has(key)}
        removed -= {_real(path) for key in self._mine.entries() for path in self._mine.has(key)}
        wanted = {path for key in self.entries.keys() - self._sessions for path in self._new.has(key)}
        return frozenset(path for path in wanted if _real(path) in removed)


def _is_installed(entry: str) -> bool:
    return _status(entry).split()[-1:] not in (["config-files"], ["not-installed"])


def _status(entry: str) -> str:
    return next((line for line in entry.splitlines() if line.startswith("Status: ")), "Status: install ok installed")


def _with_wish(theirs: str | None, before: str | None, ours: str | None) -> str | None:
    """The new base's entry, held where the session holds it."""
    if theirs is None or before is None or ours is None or _status(ours) == _status(before):
        return theirs
    wish = _status(ours).split()[1]
    return theirs.replace(_status(theirs), " ".join(["Status:", wish, *_status(theirs).split()[2:]]), 1)


def _real(path: str) -> str:
    """Packages name files of /usr by their former places, too."""
    return f"/usr{path}" if path.startswith(MERGED_USR) else path
