"""Logs of builds, read in parts while they grow."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from layers import builder, builds
from layers.models import Build, BuildState

PART_BYTES: Final = 64 * 1024


def path(build: Build) -> Path:
    """Of any build, the settings' base's included."""
    return builder.log_path() if build.request == {} else builds.log_path(build)


def part(build: Build, offset: int) -> dict[str, Any]:
    """`text` from a byte on, the `offset` of what follows it, and whether there will be no more (`ended`)."""
    done = build.state != BuildState.BUILDING
    try:
        with path(build).open("rb") as file:
            file.seek(offset)
            data = file.read(PART_BYTES)
    except FileNotFoundError:
        return {"text": "", "offset": 0, "ended": done}
    more = len(data) == PART_BYTES
    if more:  # not in the middle of a line, and so of a character, unless it has no end
        data = data[: data.rfind(b"\n") + 1] or data
    return {"text": data.decode(errors="replace"), "offset": offset + len(data), "ended": done and not more}
