"""The steps of set-up, in order, each shown. Done ones cost next to nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from pathlib import Path

import django

from vibenv_site import environment
from vibenv_site.cli.show import Screen, Step
from vibenv_site.setup import apt, assets, data_dir, database, engine, needs, paths, programs, registry
from vibenv_site.setup.errors import SetupError


def prepare(screen: Screen, path: Path, yes: bool, own_redis: bool) -> registry.Choice:
    """Everything that must be there before the processes start; the registry that was found or is to be started.

    Raises `VibenvError` for what only a person can mend.
    """
    engine_there = engine.answers(engine.find())
    packages(screen, path, yes, situation(engine_there, own_redis))
    ensure_engine(screen, path)
    chosen = ensure_registry(screen, path, yes)
    front_end(screen, path)
    ensure_database(screen, path)
    base_builder(screen, path, yes, own_redis)
    return chosen


def situation(
    engine_there: bool, own_redis: bool, base_there: bool | None = None, tests: bool = False
) -> needs.Situation:
    """What was found. Until an engine has been asked its base image counts as there; with no engine it is not."""
    return needs.Situation(
        engine_answers=engine_there,
        engine_is_local=engine.may_start(engine.find()),
        redis_given=not own_redis,
        base_image_there=engine_there if base_there is None else base_there,
        base_image_named=bool(environment.text("VIBENV_BASE_IMAGE")),
        tests=tests,
    )


def packages(screen: Screen, path: Path, yes: bool, found: needs.Situation) -> None:
    """Install what is missing. Says nothing when nothing is."""
    missing = needs.missing(found, programs.has)
    if not missing:
        return
    with screen.step("Packages") as step:
        apt.install(missing, screen.asker(yes), paths.logs(path) / "packages.log", step.say)
        step.result = " ".join(need.package for need in missing)


def ensure_engine(screen: Screen, path: Path) -> None:
    with screen.step("Engine") as step:
        where = engine.find()
        version = engine.ensure(where, paths.logs(path), step.say)
        step.result = f"Docker {version} at {where.url}"


def ensure_registry(screen: Screen, path: Path, yes: bool) -> registry.Choice:
    """The first that can be had: one that answers, one in a container, Debian's as our child. Without one much still works."""
    with screen.step("Registry") as step:
        found = registry.settled(path) or _start_registry(path, step, pull=False)
        if found is None:
            found = _start_registry(path, step, pull=True)
        if found is not None and found.config:
            registry.collect_blobs(path, step.say)
        if found is not None:
            step.result = found.found
            return found
        step.result = "none yet"
    with contextlib.suppress(SetupError):
        packages(screen, path, yes, dataclasses.replace(needs.NOTHING, registry_child=True))
    return registry.as_child(path) or registry.Choice("", "none")


def _start_registry(path: Path, step: Step, pull: bool) -> registry.Choice | None:
    """A registry would be of no use beside us where the engine is elsewhere."""
    from engines.docker import DockerEngine

    where = engine.find()
    if where.socket_path is None:
        return registry.Choice("", "none: the engine is elsewhere; name one in VIBENV_REGISTRY that both can reach")
    speaking = DockerEngine(where, "")
    try:
        found = registry.in_container(path, speaking, pull, step.say)
    finally:
        speaking.close()
    return found or (None if pull else registry.as_child(path))


def front_end(screen: Screen, path: Path) -> None:
    with screen.step("Front end") as step:
        step.result = "built" if assets.ensure(paths.logs(path), step.say) else "up to date"


def ensure_database(screen: Screen, path: Path) -> None:
    with screen.step("Database") as step:
        django.setup()
        logging.getLogger().setLevel(logging.ERROR)  # warnings are for the processes' logs, not between our lines
        from boards.setup import prepare as prepare_boards

        step.result = database.ensure(path, step.say)
        prepare_boards(path)


def base_builder(screen: Screen, path: Path, yes: bool, own_redis: bool) -> None:
    """When the base image must still be made: room for it, and the program that makes it."""
    from layers import base

    if base.resolve().state == "ready":
        return
    data_dir.require_room(path, data_dir.BUILD_FREE_BYTES, "building the base image")
    packages(screen, path, yes, situation(True, own_redis, base_there=False))
