"""Which builder builds here: what `VIBENV_BUILDER` names, else Dagger where its engine and command line are, else Docker."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError
from layers.builders.dagger import DaggerBuilder, command_line
from layers.builders.docker import DockerBuilder
from layers.builders.protocol import Builder


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` says so to people; `missing` what the chosen one lacks, empty when it can build."""

    builder: Builder
    why: str
    missing: str = ""


def choose() -> Choice:
    """Never raises. Quick, but asks Dagger's engine, the registry and ours whether they answer."""
    dagger, docker = DaggerBuilder(engine()), DockerBuilder(engine())
    if settings.BUILDER != "auto":
        named: Builder = dagger if settings.BUILDER == "dagger" else docker
        return Choice(named, f"VIBENV_BUILDER={settings.BUILDER}", named.missing())
    if why_not := _no_dagger(dagger):
        return Choice(docker, f"not Dagger: {why_not}", docker.missing())
    return Choice(dagger, f"Dagger's engine answers at {settings.DAGGER_HOST}")


def _no_dagger(dagger: DaggerBuilder) -> str:
    """Why it is not taken unasked: it must be there already, since bringing its engine takes minutes and a download."""
    if not settings.DAGGER_HOST:
        return "no engine is named in VIBENV_DAGGER_HOST"
    if not command_line():
        return "its command line `dagger` is not in PATH"
    return dagger.missing()


def chosen() -> Builder:
    """Raises `BuildError` when it cannot build here."""
    choice = choose()
    if choice.missing:
        raise BuildError(f"The {choice.builder.name} builder cannot build: {choice.missing}")
    return choice.builder
