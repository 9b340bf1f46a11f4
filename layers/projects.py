"""A newer project under what a session made of the old one: which of its files stay, and where the two collide. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from layers.listings import File, Listing
from layers.mounts import PROJECT

INCOMING: Final = f"{PROJECT}/.vibenv/incoming"
GIT: Final = f"{PROJECT}/.git"
EXCLUDE: Final = f"{GIT}/info/exclude"
# What says which commits are a session's own, or that it is in the middle of making one; in submodules, too.
OWN: Final = re.compile(
    r"/\.git/(modules/.+/)?(HEAD|packed-refs|refs/(heads|tags|stash)|MERGE_HEAD|CHERRY_PICK_HEAD|REVERT_HEAD"
    r"|rebase-merge|rebase-apply|BISECT_START)(/|$)"
)
# Of a repository's own files, those that people edit.
SETTINGS: Final = re.compile(r"/\.git/(config|description|info/.+|hooks/.+)$")
OBJECTS: Final = "/.git/objects/"


@dataclass(frozen=True, slots=True)
class Merge:
    """`take`: paths that are to be as in the new project, `drop`: those that are to go. `conflicts`: where the session's
    stays although both changed it."""

    take: Set[str]
    drop: tuple[str, ...]
    conflicts: tuple[str, ...]


def has_own_commits(old: Listing, mine: Listing) -> bool:
    """Whether a session committed, made or moved a branch, stashed, or is about to."""
    watched = (path for path in old.keys() | mine.keys() if OWN.search(path))
    return any(old.get(path) != mine.get(path) for path in watched if not _is_folder(old.get(path), mine.get(path)))


def _is_folder(*files: File | None) -> bool:
    return {file.kind for file in files if file} <= {"dir"}


def merge(old: Listing, new: Listing, mine: Listing) -> Merge:
    """A repository is the new project's, since the session has no commits of its own in it."""
    take: set[str] = set()
    drop: set[str] = set()
    conflicts: set[str] = set()
    stays: set[str] = set()
    for path in old.keys() | new.keys() | mine.keys():
        if path.startswith(f"{INCOMING}/"):
            continue
        before, theirs, ours = old.get(path), new.get(path), mine.get(path)
        if _is_folder(before, theirs, ours):
            if theirs is None and before is not None:
                drop.add(path)  # when nothing is left in it
        elif _is_of_git(path) or ours == before:
            if theirs is not None and theirs != ours:
                take.add(path)
            elif theirs is None and ours is not None and (OBJECTS not in path or before is not None):
                drop.add(path)
        else:
            stays.add(path)
            if theirs not in (before, ours):
                conflicts.add(path)
    blocked = _blocked(take, {path for path in stays if path in mine and mine[path].kind != "dir"})
    conflicts |= {path for path in blocked if new[path].kind != "dir"}
    take -= blocked
    drop -= _replaced(drop, {path for path in take if new[path].kind != "dir"})
    return Merge(take, tuple(sorted(drop, reverse=True)), tuple(sorted(conflicts)))


def _is_of_git(path: str) -> bool:
    return "/.git/" in path and not SETTINGS.search(path)


def _blocked(take: Set[str], stays: Set[str]) -> set[str]:
    """Where a file of the session's is in the place of a folder, or in a folder in the place of a file."""
    folders = {str(parent) for path in stays for parent in PurePosixPath(path).parents}
    return {path for path in take if path in folders or any(str(p) in stays for p in PurePosixPath(path).parents)}


def _replaced(drop: Set[str], files: Set[str]) -> set[str]:
    """What is in a folder that becomes a file goes with it; by the name of a link it would be something else."""
    return {path for path in drop if any(str(parent) in files for parent in PurePosixPath(path).parents)}


def excluded(text: bytes) -> bytes | None:
    """What git is told to overlook, with what is laid beside; None where it is told so already."""
    line = b"/" + INCOMING.removeprefix(f"{PROJECT}/").encode() + b"/"
    if line in text.splitlines():
        return None
    between = b"" if not text or text.endswith(b"\n") else b"\n"
    return text + between + line + b"\n"


def beside(conflicts: Iterable[str]) -> dict[str, str]:
    """Where the new project's file goes where the session's stays."""
    return {path: f"{INCOMING}{path.removeprefix(PROJECT)}" for path in conflicts}
