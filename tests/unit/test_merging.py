"""Layers merged into one, held against applying them one by one."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.merging import OPAQUE, WHITEOUT, Unmergeable, merge

XATTR = "SCHILY.xattr.security.capability"
DEFAULT = ("dir", "0o755", 0, None, None)


# layers as they are said here ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Entry:
    path: str
    kind: bytes = tarfile.REGTYPE
    content: bytes = b""
    mode: int = 0o644
    owner: int = 0
    time: str = "1700000000.123456789"
    link: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


def packed(entries: Iterable[Entry]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            member = tarfile.TarInfo(entry.path)
            member.type, member.mode, member.uid, member.linkname = entry.kind, entry.mode, entry.owner, entry.link
            member.mtime = float(entry.time)
            member.pax_headers = {"mtime": entry.time, **entry.attributes}
            if entry.kind == tarfile.CHRTYPE:
                member.devmajor, member.devminor = 1, 3
            member.size = len(entry.content)
            tar.addfile(member, io.BytesIO(entry.content))
    return buffer.getvalue()


def merged(*layers: bytes) -> bytes:
    out = io.BytesIO()
    merge([lambda data=data: io.BytesIO(data) for data in layers], out)
    return out.getvalue()


def listed(layer: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        return {member.name: member for member in tar.getmembers()}


def content(layer: bytes, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        found = tar.extractfile(path)
        assert found is not None
        return found.read()


# the model: what an engine makes of them ----------------------------------------------------------------
Tree = dict[str, Any]


def apply(tree: Tree, layer: bytes) -> Tree:
    """What is there once a layer lies over a tree. A file is a list, one for all its names."""
    tree = dict(tree)
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        entries = [(member, member.name.removeprefix("./").rstrip("/")) for member in tar.getmembers()]
        marks = [path for _, path in entries if path.rpartition("/")[2].startswith(WHITEOUT)]
        for path in marks:
            parent, slash, name = path.rpartition("/")
            remove(tree, parent if name == OPAQUE else f"{parent}{slash}{name.removeprefix(WHITEOUT)}", name != OPAQUE)
        for _, path in entries:
            parents = path.split("/")[:-1]
            for deep in range(1, len(parents) + 1):
                if not is_directory(tree, parent := "/".join(parents[:deep])):
                    remove(tree, parent)
                    tree[parent] = DEFAULT
        for member, path in entries:
            if path not in marks:
                put(tree, path, member, tar)
    return tree


def put(tree: Tree, path: str, member: tarfile.TarInfo, tar: tarfile.TarFile) -> None:
    if not (member.isdir() and is_directory(tree, path)):
        remove(tree, path)
    about = (oct(member.mode), member.uid, member.pax_headers.get("mtime"), member.pax_headers.get(XATTR))
    if member.isdir():
        tree[path] = ("dir", *about) if path else None
    elif member.islnk():
        tree[path] = tree[member.linkname]
    else:
        held = tar.extractfile(member) if member.isreg() else None
        tree[path] = [member.type, about, held.read() if held else member.linkname, member.devmajor]


def remove(tree: Tree, path: str, itself: bool = True) -> None:
    for other in [other for other in tree if other.startswith(f"{path}/") or not path]:
        del tree[other]
    if itself:
        tree.pop(path, None)


def is_directory(tree: Tree, path: str) -> bool:
    return isinstance(tree.get(path), tuple)


def seen(tree: Tree) -> tuple[Any, Any]:
    """What each name is, and which names are one file."""
    groups: dict[int, list[str]] = {}
    for path, node in tree.items():
        if isinstance(node, list):
            groups.setdefault(id(node), []).append(path)
    return {path: node for path, node in tree.items() if path}, sorted(sorted(x) for x in groups.values())


# any layers ---------------------------------------------------------------------------------------------
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map("/".join)
MODES = st.sampled_from([0o644, 0o755, 0o4755, 0o600, 0o1777])


@st.composite
def layers(draw: st.DrawFn) -> list[Entry]:
    """One as engines write it: nothing lies below a file, a link comes after its file, a mark has its directory."""
    found: dict[str, Entry] = {}
    for path in draw(st.lists(NAMES, max_size=8, unique=True)):
        above = ["/".join(path.split("/")[:deep]) for deep in range(1, path.count("/") + 1)]
        if any(other.startswith(f"{path}/") for other in found) or draw(st.booleans()):
            kind = tarfile.DIRTYPE
        else:
            kind = draw(st.sampled_from([tarfile.REGTYPE] * 3 + [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]))
        if any(found[parent].kind != tarfile.DIRTYPE for parent in above if parent in found):
            continue
        data = draw(st.binary(max_size=3)) if kind == tarfile.REGTYPE else b""
        files = [name for name, entry in found.items() if entry.kind in (tarfile.REGTYPE, tarfile.LNKTYPE)]
        entry = Entry(path, kind, data, draw(MODES), draw(st.sampled_from([0, 33])), link="else/where")
        if kind == tarfile.REGTYPE and files and draw(st.booleans()):
            entry = replace(entry, kind=tarfile.LNKTYPE, content=b"", link=draw(st.sampled_from(files)))
        elif draw(st.booleans()):
            entry = replace(entry, attributes={XATTR: draw(st.sampled_from(["x=\n", "\udcff\x00\x01"]))})
        found[path] = entry
    directories = {"", *(path for path, entry in found.items() if entry.kind == tarfile.DIRTYPE)}
    marks = []
    for path in sorted(directories):
        names = draw(st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True))
        names = [f"{WHITEOUT}{name}" for name in names] if draw(st.integers(0, 4)) else [OPAQUE]
        marks += [Entry(f"{path}/{name}" if path else name) for name in names]
    return [*marks, *found.values()]


@settings(max_examples=60, deadline=None)
@given(layers(), st.lists(layers(), min_size=1, max_size=5))
def test_one_layer_does_what_all_do_whatever_lies_below(below: list[Entry], above: list[list[Entry]]) -> None:
    one_by_one = base = apply({}, packed(below))
    tars = [packed(entries) for entries in above]
    for layer in tars:
        one_by_one = apply(one_by_one, layer)
    assert seen(apply(base, merged(*tars))) == seen(one_by_one)


@settings(max_examples=15, deadline=None)
@given(layers(), st.lists(layers(), min_size=3, max_size=5))
def test_what_was_merged_can_be_merged_again(below: list[Entry], above: list[list[Entry]]) -> None:
    base, tars = apply({}, packed(below)), [packed(entries) for entries in above]
    again = merged(merged(*tars[:2]), *tars[2:])
    assert seen(apply(base, again)) == seen(apply(base, merged(*tars)))


# one by one ---------------------------------------------------------------------------------------------
def test_nothing_is_both_there_and_taken_away() -> None:
    lower = packed(
        [Entry(f"a/{WHITEOUT}x"), Entry("b", tarfile.DIRTYPE), Entry(f"b/{WHITEOUT}y"), Entry(f"{WHITEOUT}d")]
    )
    upper = packed([Entry("a/x", content=b"again"), Entry(f"{WHITEOUT}b"), Entry("d", tarfile.DIRTYPE, mode=0o700)])
    assert sorted(listed(merged(lower, upper))) == [f"{WHITEOUT}b", "a/x", "d", f"d/{OPAQUE}"]


def test_a_link_whose_file_was_replaced_becomes_the_file() -> None:
    lower = packed(
        [
            Entry("f", content=b"first", mode=0o751, attributes={XATTR: "\udcff\x00"}),
            Entry("g", tarfile.LNKTYPE, link="f"),
            Entry("h", tarfile.LNKTYPE, link="g"),
        ]
    )
    made = merged(lower, packed([Entry("f", content=b"second")]))
    found = listed(made)
    assert (content(made, "f"), content(made, "g")) == (b"second", b"first")
    assert (found["g"].mode, found["g"].pax_headers[XATTR]) == (0o751, "\udcff\x00")
    assert (found["h"].type, found["h"].linkname) == (tarfile.LNKTYPE, "g")


def test_times_long_names_and_names_that_are_no_text_are_kept() -> None:
    names = ["x" * 200 + "/" + "y" * 120, "caf\udce9", "grün"]
    made = listed(merged(packed([Entry(name, content=b"1") for name in names]), packed([])))
    assert list(made) == names
    assert {member.pax_headers["mtime"] for member in made.values()} == {"1700000000.123456789"}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([Entry("l", tarfile.LNKTYPE, link="elsewhere")], "not in it"),
        ([Entry("a"), Entry("a", tarfile.DIRTYPE)], "twice"),
    ],
)
def test_what_no_engine_makes_is_refused(entries: Sequence[Entry], said: str) -> None:
    with pytest.raises(Unmergeable, match=said):
        merged(packed(entries), packed([]))


def test_the_same_file_twice_in_a_layer_is_the_last() -> None:
    made = merged(packed([Entry("a", content=b"1"), Entry("a", content=b"2")]), packed([]))
    assert (list(listed(made)), content(made, "a")) == (["a"], b"2")
