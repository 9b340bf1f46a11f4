"""What a session starts on: decided, waited for, and had on the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import ContainerStatus, LayerMount
from layers import base as base_layer
from layers import hooks, library, mounts, provision, stacks
from layers.models import Build, BuildState, Kind, LayerVersion, Stack
from sessions import leases, steps, wishes
from sessions.models import Session


class Waiting(Exception):
    """Nothing can be done now; news of what is waited for wakes the session again."""


@dataclass(frozen=True, slots=True)
class Environment:
    """`base_image` is the settings' own, with the tools that vibenv uses; `base` is the session's, where it has a stack."""

    base_image: str
    base: Build | None = None
    project: Build | None = None
    layers: tuple[LayerMount, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[LayerVersion, ...] = ()

    @property
    def made_of(self) -> str:
        """What a container keeps as `ContainerStatus.made_of`."""
        return " ".join(build.digest for build in (self.base, self.project) if build)


def parts_of(made: ContainerStatus) -> list[str]:
    """Digests of the base and the project in a container's image; of one that an older vibenv made, by its image."""
    if made.made_of:
        return made.made_of.split()
    return list(Build.objects.filter(kind=Kind.BASE, image=made.image).values_list("digest", flat=True))


def choose(session: Session) -> Environment:
    """Raises `Waiting` while something is being built (the step tells how far it is), `EngineError` when that failed.

    Comes before the line of starts: who waits for a build is not in it, and takes nobody's turn.
    """
    found = of(_settings_base(session), _wanted(session))
    for version in found.versions:
        if version.build.state == BuildState.BUILDING and not engine().has_image(version.build.image):
            _wait(session, _again(version.build))
    return found


def provide(session: Session, wanted: Environment) -> None:
    """Have it on the engine. Raises `Waiting` where the engine has lost something, which is then built again."""
    steps.begin(session, "environment")
    engine().ensure_guard(wanted.base_image)
    with leases.kept(session):  # a large layer is copied once, which takes longer than a claim lasts
        lost = provision.provide([each for each in wanted.versions if each.build.image != wanted.base_image])
    if lost:
        _wait(session, _again(lost[0]))
    steps.finish(session, "environment")  # tells what it wants of its layers, too


def at_hand(stack: Stack | None) -> Environment | None:
    """What a new session of a stack would start on, where all of that is there. Asks for no build, and waits for none."""
    found = base_layer.resolve()
    if found.state != "ready":
        return None
    layers = stacks.layers_of(stack) if stack else []
    versions = [version for layer in layers if (version := layer.pinned or library.latest(layer.recipe))]
    if len(versions) < len(layers) or any(version.build.state != BuildState.READY for version in versions):
        return None
    engine().ensure_guard(found.image)
    lost = provision.provide([each for each in versions if each.build.image != found.image])
    return None if lost else of(found.image, versions)


def of(base_image: str, versions: list[LayerVersion]) -> Environment:
    parts = {version.recipe.kind: version.build for version in versions}
    mounted = [version for version in versions if mounts.is_mounted(version.recipe)]
    toolchains = [version.recipe.name for version in mounted if version.recipe.kind == Kind.TOOLCHAIN]
    base = parts.get(Kind.BASE)
    # somebody's own image has a PATH of its own
    foreign = settings.BASE_IMAGE or (base is not None and base.request.get("source"))
    return Environment(
        base_image,
        base,
        parts.get(Kind.PROJECT),
        tuple(mounts.mount_of(version) for version in mounted),
        hooks.environment(toolchains) if mounted and not foreign else {},
        tuple(versions),
    )


def _settings_base(session: Session) -> str:
    """The settings' base, of which every session needs the tools at least."""
    found = base_layer.resolve()
    if found.state == "failed":
        _fail(session, f"The base image could not be built. {found.detail}", found.log_path)
    if found.state != "ready":
        base_layer.request()
        _wait(session, found.detail or "Building the base image")
    return found.image


def _again(build: Build) -> str:
    return f"Building the {build.kind} again, which the engine has lost"


def _wanted(session: Session) -> list[LayerVersion]:
    """What it is to run, from the bottom up: by its stack at first, and later where that wants it."""
    rows = wishes.rows_of(session)
    stack, first = session.stack, not any(row.runs for row in rows)
    if stack is not None and (first or stack.policy != Stack.Policy.MANUAL):
        found = stacks.standing(stack)
        if found.state == "building" and first:
            _wait(session, found.detail)
        if found.state == "failed" and first:
            _fail(session, found.detail, found.log_path)
        # later, what cannot be had of the stack now keeps nobody from working on
        if wishes.follow(session, wishes.newest(stack) if found.state != "ready" else _by_recipe(found.versions)):
            rows = wishes.rows_of(session)
    return [row.wants for row in rows if row.wants is not None]


def _by_recipe(versions: tuple[LayerVersion, ...]) -> dict[int, LayerVersion | None]:
    return {version.recipe_id: version for version in versions}


def _wait(session: Session, detail: str) -> None:
    steps.finish(session, "queued")
    steps.begin(session, "environment", detail[:300])
    raise Waiting


def _fail(session: Session, reason: str, log_path: Path | None) -> None:
    steps.finish(session, "queued")
    steps.begin(session, "environment")
    session.log = _tail(log_path) if log_path else ""
    raise EngineError(reason, permanent=True)


def _tail(path: Path, limit: int = 20_000) -> str:
    """The end of a log file; nothing where there is none."""
    try:
        return path.read_text(errors="replace")[-limit:]
    except OSError:
        return ""
