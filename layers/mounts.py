"""Where a layer is in a session, and the volume that brings it there."""

from __future__ import annotations

from typing import Final

from engines.protocol import LayerMount
from layers.models import Build, Kind, LayerVersion, Recipe

PROFILE: Final = "/opt/vibenv/profile"
TOOLCHAINS: Final = "/opt/vibenv/toolchain"
PROJECT: Final = "/workspace"
MOUNTED: Final = frozenset({Kind.PROFILE, Kind.TOOLCHAIN})  # the others are parts of the image


def volume_of(build: Build) -> str:
    """The volume on an engine that holds a profile or a toolchain."""
    return f"vibenv-layer-{build.digest[:16]}"


def prefix_of(kind: Kind, name: str) -> str:
    """The directory that is a layer's own."""
    return {
        Kind.BASE: "/",
        Kind.PROJECT: PROJECT,
        Kind.PROFILE: PROFILE,
        Kind.TOOLCHAIN: f"{TOOLCHAINS}/{name}",
    }[kind]


def path_of(recipe: Recipe) -> str:
    return prefix_of(Kind(recipe.kind), recipe.name)


def is_mounted(recipe: Recipe) -> bool:
    """Whether it is a volume, which can be changed under a running session."""
    return recipe.kind in MOUNTED


def mount_of(version: LayerVersion) -> LayerMount:
    """Of a profile or a toolchain; wants `recipe` and `build` loaded."""
    return LayerMount(volume_of(version.build), path_of(version.recipe))
