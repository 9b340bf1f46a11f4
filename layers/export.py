"""A whole stack as one ordinary image, and the launcher: the base under a name that others can build on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.current import engine
from engines.errors import BuildError, InvalidInput
from layers import compose, registry
from layers.models import Build

EXPORTS: Final = "vibenv/export"
MOST_LETTERS: Final = 180
LAUNCHER: Final = "vibenv/launcher"
PROFILE_BIN: Final = "/opt/vibenv/profile/bin"
_WORD: Final = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
NAME: Final = re.compile(rf"(?:{_WORD}(?::[0-9]+)?/)?{_WORD}(?:/{_WORD})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}})?")


@dataclass(frozen=True, slots=True)
class Stack:
    """Ready builds, one over the other. `above` is a commit of a session, of which what it wrote is taken."""

    base: Build
    project: Build | None = None
    toolchains: Sequence[Build] = ()
    profile: Build | None = None
    above: str | None = None


def export(stack: Stack, name: str = "") -> str:
    """One image on the engine that has all of the stack; its name, which is made from the content when none is given.

    `docker run NAME` finds the programs of all layers by PATH. The name comes last: what is not finished has none.
    Raises `BuildError`, `EngineError` or `InvalidInput`.
    """
    if name:
        check_name(name)
    parts = [compose.part_of(build) for build in (stack.base, stack.project) if build]
    if stack.above:  # beneath what was mounted, so that its empty places for that hide nothing
        parts.append(replace(compose.written(stack.above), own=False))
    parts += [compose.part_of(build) for build in (*stack.toolchains, stack.profile) if build]
    environment = {"PATH": ":".join([*_paths(stack), "$PATH"])}
    image = compose.compose(parts, f"{EXPORTS}:{compose.key(parts, environment)}", environment)
    if not name:
        return image
    wanted = ":".join(registry.split(name))
    engine().tag_image(image, wanted)
    engine().remove_image(image)
    return wanted


def check_name(name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > MOST_LETTERS:
        raise InvalidInput(
            f"image: {name!r} is no name of an image. It takes small letters, digits and . _ - / and, behind a colon, "
            "a tag, such as team/app:1."
        )


def _paths(stack: Stack) -> list[str]:
    profile = [PROFILE_BIN] if stack.profile else []
    return [*profile, *(f"/opt/vibenv/toolchain/{_name(build)}/bin" for build in stack.toolchains)]


def _name(toolchain: Build) -> str:
    """A toolchain's directory is named as in its image: `vibenv/toolchain-python:…`."""
    return registry.split(toolchain.image)[0].partition("toolchain-")[2]


def publish_launcher(image: str, digest: str) -> str:
    """Publish a base as the launcher, `latest` and by its digest; the reference of the first."""
    where = registry.current()
    if where is None:
        raise BuildError(
            f"The launcher cannot be published: {registry.missing()} `./vibenv up` starts a registry, "
            "or name one in VIBENV_REGISTRY."
        )
    names = [f"{LAUNCHER}:{tag}" for tag in (digest[:12], "latest")]
    for name in names:
        compose.publish_as(where, image, name)
    return where.reference(names[-1])
