"""A newer project under what a session made of the old one: which of its files stay, and where the two collide. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from layers.listings import Listing
from layers.mounts import PROJECT

GIT: Final = f"{PROJECT}/.git"
INCOMING: Final = f"{PROJECT}/.vibenv/incoming"
# What says which commits are a session's own, or that it is in the middle of making one.
OWN: Final = (
    *("HEAD", "packed-refs", "refs/heads", "refs/tags", "refs/stash"),
    *("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_START"),
)


@dataclass(frozen=True, slots=True)
class Merge:
    """`take`: paths that are to be as in the new project. `conflicts`: paths where the session's stays although both
    changed it."""

    take: Set[str]
    conflicts: tuple[str, ...]


def has_own_commits(old: Listing, mine: Listing) -> bool:
    """Whether a session committed, made or moved a branch, stashed, or is about to."""
    roots = tuple(f"{GIT}/{name}" for name in OWN)
    watched = {
        path for path in old.keys() | mine.keys() if path in roots or path.startswith(tuple(f"{r}/" for r in roots))
    }
    return any(old.get(path) != mine.get(path) for path in watched if not _is_folder(old, mine, path))


def _is_folder(old: Listing, mine: Listing, path: str) -> bool:
    return {file.kind for file in (old.get(path), mine.get(path)) if file} <= {"dir"}


def merge(old: Listing, new: Listing, mine: Listing) -> Merge:
    """`.git` is the new project's, since the session has no commits of its own."""
    take, conflicts = set(), []
    for path in old.keys() | new.keys() | mine.keys():
        if path.startswith(INCOMING) or (_is_folder(old, mine, path) and _is_folder(new, new, path)):
            continue
        before, theirs, ours = old.get(path), new.get(path), mine.get(path)
        if path == GIT or path.startswith(f"{GIT}/"):
            if theirs is not None:
                take.add(path)
        elif ours == before:
            if theirs is not None and theirs != before:
                take.add(path)
        elif theirs not in (before, ours):
            conflicts.append(path)
    return Merge(take, tuple(sorted(conflicts)))
