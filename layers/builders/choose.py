"""Which builder builds here: what `VIBENV_BUILDER` names, or the first that can."""

from __future__ import annotations

from dataclasses import dataclass

from engines.current import engine
from engines.errors import BuildError
from layers.builders.docker import DockerBuilder
from layers.builders.protocol import Builder


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` says so to people; `missing` what the chosen one lacks, empty when it can build."""

    builder: Builder
    why: str
    missing: str = ""


def choose() -> Choice:
    """Never raises. Quick, but asks Dagger's engine and ours whether they answer."""
    docker = DockerBuilder(engine())
    return Choice(docker, "it needs nothing but the container engine", docker.missing())


def chosen() -> Builder:
    """Raises `BuildError` when it cannot build here."""
    choice = choose()
    if choice.missing:
        raise BuildError(f"The {choice.builder.name} builder cannot build: {choice.missing}")
    return choice.builder
