"""Several layers of an image merged into one that does the same to whatever lies below them.

Layers are tar files in which `.wh.name` takes a name away from those below, and `.wh..wh..opq` all that a directory has
there. They are read twice, the uppermost first: once for their names, to know what is hidden by what lies above, and
once for what is seen. Contents are passed on as they come; only names are held.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, Final, Protocol, cast

from engines.errors import BuildError

WHITEOUT: Final = ".wh."
SPECIAL: Final = ".wh..wh."
OPAQUE: Final = ".wh..wh..opq"
DIRECTORY_MODE: Final = 0o755

Open = Callable[[], AbstractContextManager[IO[bytes]]]


class Unmergeable(BuildError):
    """Layers that are not made as engines make them."""


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


def merge(layers: Sequence[Open], into: Writable) -> None:
    """Write the tar file. `layers`: how each is read as a tar file, the lowest first. Raises `Unmergeable`."""
    above = _Above()
    plans = [_planned(layer, above) for layer in reversed(layers)]
    with tarfile.open(fileobj=cast(IO[bytes], into), mode="w|", format=tarfile.PAX_FORMAT) as out:
        for made in above.made_up():
            out.addfile(made)
        for layer, plan in zip(reversed(layers), plans, strict=True):
            _copy(layer, plan, out)
            _forget(out)


# what is hidden -----------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Above:
    """What the layers so far, of which each lies below the last, do to those further below.

    `directories` are all that they have, also those that only a path leads through; `told` those with an entry.
    """

    directories: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    invented: set[str] = field(default_factory=set)

    def _covers(self, path: str) -> bool:
        """Whether nothing below that is further down this path is seen."""
        return path in self.opaque or path in self.files or path in self.gone

    def buried(self, path: str) -> bool:
        return any(self._covers(parent) for parent in _parents(path))

    def shows(self, path: str, *, directory: bool) -> bool:
        """Whether a lower layer's entry is seen."""
        if path in self.files or path in self.gone or self.buried(path):
            return False
        return path not in (self.told if directory else self.directories)

    def add(self, names: _Names) -> None:
        """A layer more, below those so far."""
        buried = {path for path in names.all() if self.buried(path)}
        fresh = [path for path in names.files if path not in buried]
        replaced = [path for path in fresh if path in self.directories]
        self.files.update(path for path in fresh if path not in self.directories and path not in self.gone)
        for path in names.all():
            if path not in buried:
                self.directories.update(_parents(path))
        for path in names.directories:
            if path not in buried and path not in self.files and path not in self.gone:
                self.directories.add(path)
                self.told.add(path)
        for path in names.opaque:
            if path not in buried and path not in self.files and path not in self.gone:
                self.directories.add(path)
                self.opaque.add(path)
        for path in [*replaced, *(path for path in names.gone if path not in buried)]:
            self._remove(path)

    def _remove(self, path: str) -> None:
        if path in self.files:
            return
        if path not in self.directories:
            self.gone.add(path)
            return
        self.opaque.add(path)  # a directory of the same name came later, which has nothing of it
        if path not in self.told:
            self.told.add(path)
            self.invented.add(path)

    def made_up(self) -> Iterator[tarfile.TarInfo]:
        """The entries that say what is taken away. Those first: some engines read a layer as a list of things to do."""
        for path in sorted(self.invented):
            entry = tarfile.TarInfo(path)
            entry.type, entry.mode = tarfile.DIRTYPE, DIRECTORY_MODE
            yield entry
        for path in sorted(self.opaque):
            if not self.buried(path):
                yield _mark(f"{path}/{OPAQUE}" if path else OPAQUE)
        for path in sorted(self.gone):
            if not self.buried(path):
                parent, slash, name = path.rpartition("/")
                yield _mark(f"{parent}{slash}{WHITEOUT}{name}")


def _mark(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode = 0
    return entry


def _parents(path: str) -> Iterator[str]:
    """From the next one up to the root, which is the empty path."""
    while path:
        path = path.rpartition("/")[0]
        yield path


# what of a layer is seen --------------------------------------------------------------------------------
@dataclass(slots=True)
class _Names:
    """All that a layer has something at."""

    directories: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)

    def all(self) -> Iterator[str]:
        for paths in (self.directories, self.files, self.gone, self.opaque):
            yield from paths


@dataclass(slots=True)
class _Plan:
    """Of a layer, by the place of each entry: whether it is `seen`; other names of files, and what links lead to."""

    seen: bytearray = field(default_factory=bytearray)
    names: dict[int, str] = field(default_factory=dict)
    links: dict[int, str] = field(default_factory=dict)


def _planned(layer: Open, above: _Above) -> _Plan:
    plan, names = _Plan(), _Names()
    places: dict[str, int] = {}
    links: dict[int, list[tuple[int, str]]] = {}  # by the place of the file: place and name of each link to it
    leads: dict[int, int] = {}
    paths: dict[int, str] = {}  # of files that links lead to
    for place, member in enumerate(_members(layer)):
        plan.seen.append(0)
        path = _path(member.name)
        if _is_mark(path, names):
            continue
        if path in places:
            plan.seen[places[path]] = 0  # the same once more: the last one counts
        kind = names.directories if member.isdir() else names.files
        if path in places and path not in kind:
            raise Unmergeable(f"A layer has /{path} twice, as a directory and as a file.")
        kind.add(path)
        if member.islnk():
            target = places.get(_path(member.linkname))
            if target is None:
                raise Unmergeable(f"A layer has /{path} as a link to /{member.linkname}, which is not in it.")
            leads[place] = leads.get(target, target)
            links.setdefault(leads[place], []).append((place, path))
            paths.setdefault(leads[place], _path(member.linkname))
        places[path] = place
        plan.seen[place] = above.shows(path, directory=member.isdir())
    for place, linked in links.items():
        _relink(plan, place, paths[place], [link for link in linked if plan.seen[link[0]]])
    above.add(names)
    return plan


def _is_mark(path: str, names: _Names) -> bool:
    """Whether an entry only takes away; noted."""
    parent, slash, name = path.rpartition("/")
    if name == OPAQUE:
        names.opaque.add(parent)
    elif name.startswith(WHITEOUT) and not name.startswith(SPECIAL):
        names.gone.add(f"{parent}{slash}{name.removeprefix(WHITEOUT)}")
    return name.startswith(WHITEOUT)


def _relink(plan: _Plan, place: int, path: str, links: Iterable[tuple[int, str]]) -> None:
    """A file that is hidden, to which links are not, is there by the first one's name."""
    rest = iter(links)
    if not plan.seen[place]:
        first = next(rest, None)
        if first is None:
            return
        plan.seen[first[0]], plan.seen[place] = 0, 1
        path = plan.names[place] = first[1]
    plan.links.update((link, path) for link, _ in rest)


def _path(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in ("", "."))


# reading and writing ------------------------------------------------------------------------------------
def _members(layer: Open) -> Iterator[tarfile.TarInfo]:
    """All entries; read to the end, so that whoever reads sees all of it."""
    for _, member in _entries(layer):
        yield member


def _entries(layer: Open) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with layer() as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                while (member := tar.next()) is not None:
                    yield tar, member
                    _forget(tar)
        except tarfile.TarError as error:
            raise Unmergeable(f"A layer is no whole tar file: {error}.") from error
        while stream.read(1 << 16):
            pass


def _copy(layer: Open, plan: _Plan, out: tarfile.TarFile) -> None:
    for place, (tar, member) in enumerate(_entries(layer)):
        if not plan.seen[place]:
            continue
        content = tar.extractfile(member) if member.isreg() else None
        _prepare(member, plan.names.get(place) or _path(member.name) or ".", plan.links.get(place))
        out.addfile(member, content)
        _forget(out)


def _forget(tar: tarfile.TarFile) -> None:
    """It would keep every entry for the whole time."""
    tar.members = []  # type: ignore[attr-defined]


def _prepare(member: tarfile.TarInfo, name: str, link: str | None) -> None:
    """As it is, with times and attributes as they were written; only where its name or link changed, that."""
    member.name = name
    dropped = {"path", "size"}
    if link is not None:
        member.linkname = link
        dropped.add("linkpath")
    if member.issparse():  # read, its holes are zeros
        member.type = tarfile.REGTYPE
    member.pax_headers = {
        key: value
        for key, value in member.pax_headers.items()
        if key not in dropped and not key.startswith("GNU.sparse")
    }
