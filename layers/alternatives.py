"""What stands behind a name like `editor`, as update-alternatives keeps it, merged. Pure.

How it is set (auto or manual), the link; names and links of what goes along with it; an empty line; then each
alternative: its path, its priority, the path of each that goes along.
"""

from __future__ import annotations

from dataclasses import dataclass

from layers.entries import Entries, chosen


@dataclass(frozen=True, slots=True)
class Group:
    mode: str
    link: str
    along: Entries  # links by name
    ways: dict[str, tuple[str, Entries]]  # priority, and the paths of what goes along by name, by path


def merged(old: str, new: str, mine: str) -> str:
    """Every alternative that either has; the mode is the session's where it changed it."""
    before, theirs, ours = parse(old), parse(new), parse(mine)
    if theirs is None or ours is None:
        return mine
    told = [
        {path: repr(way) for path, way in (group.ways if group else {}).items()} for group in (before, theirs, ours)
    ]
    paths = chosen(told[0], told[1], told[2])
    ways = {path: ours.ways[path] if paths[path] == told[2].get(path) else theirs.ways[path] for path in paths}
    mode = theirs.mode if before and ours.mode == before.mode else ours.mode
    return written(Group(mode, ours.link, theirs.along | ours.along, ways))


def parse(text: str) -> Group | None:
    """None for what is not of this form."""
    lines = text.split("\n")
    if len(lines) < 3 or "" not in lines[2:]:
        return None
    ends = lines.index("", 2)
    along = dict(zip(lines[2:ends:2], lines[3:ends:2], strict=False))
    ways = {}
    at = ends + 1
    while at + 1 < len(lines) and lines[at]:
        paths = lines[at + 2 : at + 2 + len(along)]
        ways[lines[at]] = (lines[at + 1], dict(zip(along, paths, strict=False)))
        at += 2 + len(along)
    return Group(lines[0], lines[1], along, ways)


def written(group: Group) -> str:
    lines = [group.mode, group.link]
    for name, link in group.along.items():
        lines += [name, link]
    lines.append("")
    for path, (priority, paths) in group.ways.items():
        lines += [path, priority, *(paths.get(name, "") for name in group.along)]
    return "\n".join([*lines, "", ""])
