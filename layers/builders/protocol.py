"""What turns a recipe into a layer: the `Builder` protocol and the values that cross it.

Every layer but a base is one tree: what a script left at its prefix, as an image of a single layer that holds the
tree at that very path. So profile and toolchains can be copied into volumes, and a project laid over any base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from layers.models import Kind
from layers.progress import Progress

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One build. The script runs as root, by `sh -eu` in `/build`, in a container of `base_image`, with `PREFIX` set
    and made anew. It has no capabilities, and no privileges to gain.

    `inputs` are tar files, unpacked at `/build/<name>` before. What is written outside of the prefix has no effect.
    `trust` is a bundle of certificates that the build trusts instead of the base's own; it decides nothing.
    """

    digest: str
    kind: Kind
    name: str
    image: str  # the reference to make: `vibenv/<kind>-<name>:<first 12 of digest>`
    base_image: str
    prefix: str
    script: str
    inputs: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    trust: Path | None = None
    network: bool = True
    size_limit_bytes: int = 4 * GIB
    timeout_s: int = 30 * 60


@dataclass(frozen=True, slots=True)
class BaseRequest:
    """One build of a base of somebody's own: `source` (any image), else our own base, with packages and set-up upon it.

    The set-up runs as root, by `sh -eu` in `/`. Sessions run from it, so it must have `sh` and `dtach` in the end.
    """

    digest: str
    image: str  # the reference to make: `vibenv/base-<name>:<first 12 of digest>`
    source: str = ""
    packages: tuple[str, ...] = ()
    setup: str = ""
    trust: Path | None = None
    size_limit_bytes: int = 8 * GIB
    timeout_s: int = 30 * 60


@dataclass(frozen=True, slots=True)
class Built:
    """A finished layer: `image` is on the engine. In the registry, too, where Dagger built it; else composing puts it there."""

    image: str
    size_bytes: int


class Builder(Protocol):
    """`name` is what `VIBENV_BUILDER` calls it."""

    name: str

    def missing(self) -> str:
        """Why it cannot build here, for people; empty when it can. Quick, never raises."""

    def build(self, request: BuildRequest, progress: Progress) -> Built:
        """Build, telling every line to `progress`. Raises `BuildError` that says what failed and what to do.

        A build that failed, was cancelled (`progress` raises) or was killed leaves no image under the reference, and
        nothing that the next build of the digest does not clear away.
        """
