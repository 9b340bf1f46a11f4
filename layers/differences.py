"""What changed between two versions of a recipe: what it says, its size, its files."""

from __future__ import annotations

import difflib
from typing import Any, Final

from engines.errors import EngineError, InvalidInput
from layers import files, toml_text
from layers.listings import Listing
from layers.models import Build, BuildState, LayerVersion

MOST_ENTRIES: Final = 1000


def between(was: LayerVersion, now: LayerVersion) -> dict[str, Any]:
    """Shapes as the API has them. Raises `InvalidInput` for versions of two recipes."""
    if was.recipe_id != now.recipe_id:
        raise InvalidInput("The two versions are of different recipes; compare those of one.")
    return {
        "was": was.number,
        "now": now.number,
        "spec": _spec(was, now),
        "size_bytes": [was.build.size_bytes, now.build.size_bytes],
        "files": _files(was.build, now.build),
    }


def _spec(was: LayerVersion, now: LayerVersion) -> list[str]:
    names = f"version {was.number}", f"version {now.number}"
    return list(difflib.unified_diff(_text(was), _text(now), *names, lineterm=""))


def _text(version: LayerVersion) -> list[str]:
    commit = [f"# commit {version.commit}"] if version.commit else []
    return [*commit, *toml_text.lines(version.spec)]


def _files(was: Build, now: Build) -> dict[str, Any]:
    if was.pk == now.pk:
        return _answer("ready")
    if BuildState.READY not in {was.state} & {now.state}:
        return _answer("unavailable")
    listings = [files.listing(build) for build in (was, now)]
    if listings[0] is None or listings[1] is None:
        missing = [build for build, found in zip((was, now), listings, strict=True) if found is None]
        try:
            asked = [files.ask(build) for build in missing]
            return _answer("preparing" if all(asked) else "unavailable")
        except EngineError:
            return _answer("unavailable")
    return compared(listings[0], listings[1])


def _answer(state: str) -> dict[str, Any]:
    return {"state": state, "added": 0, "removed": 0, "changed": 0, "entries": []}


def _largest_first(entry: dict[str, Any]) -> tuple[int, str]:
    return -max(entry["was_bytes"] or 0, entry["bytes"] or 0), entry["path"]


def compared(was: Listing, now: Listing) -> dict[str, Any]:
    """Pure. Files and links that are in one alone, or differ; the largest first. Folders do not count."""
    entries: list[dict[str, Any]] = []
    for path in was.keys() | now.keys():
        before, after = was.get(path), now.get(path)
        kinds = {file.kind for file in (before, after) if file}
        if before == after or kinds == {"dir"}:
            continue
        change = "added" if before is None else "removed" if after is None else "changed"
        sizes = {"was_bytes": before.size_bytes if before else None, "bytes": after.size_bytes if after else None}
        entries.append({"path": path, "change": change, **sizes})
    counts = {kind: sum(entry["change"] == kind for entry in entries) for kind in ("added", "removed", "changed")}
    entries.sort(key=_largest_first)
    return {"state": "ready", **counts, "entries": entries[:MOST_ENTRIES]}
