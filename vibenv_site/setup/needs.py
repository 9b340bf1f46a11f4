"""Which system packages are needed, decided from what is there. Pure: looks at nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """A Debian package and the program in it that vibenv runs."""

    package: str
    program: str
    purpose: str


ENGINE = Need("docker.io", "dockerd", "runs the sessions")
REDIS = Need("redis-server", "redis-server", "carries messages between the processes")
DEBOOTSTRAP = Need("debootstrap", "debootstrap", "builds the base image")
REGISTRY = Need("docker-registry", "docker-registry", "keeps the images of layers")
TESTS = (
    Need("docker.io", "docker", "is the engine's command line, by which tests check from outside"),
    Need("chromium", "chromium", "runs the browser tests"),
    Need("postgresql", "initdb", "runs the tests a second time"),
    REGISTRY,
    Need("dtach", "dtach", "holds test terminals"),
    Need("fonts-dejavu-core", "", "draws text in the browser tests"),
    Need("git", "git", "serves repositories to the tests of layers"),
    Need("iproute2", "ip", "makes networks for the isolation tests"),
    Need("e2fsprogs", "mkfs.ext4", "makes the small file system that the chaos test fills"),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What was found: an engine that answers, one named by the user, a Redis of theirs, a base image."""

    engine_answers: bool
    engine_is_local: bool
    redis_given: bool
    base_image_there: bool
    base_image_named: bool
    tests: bool = False
    registry_child: bool = False


NOTHING = Situation(True, False, True, True, True)


def missing(situation: Situation, has: Callable[[Need], bool]) -> list[Need]:
    """Needed packages that `has` denies, in the order they are used."""
    wanted: list[Need] = []
    if not situation.engine_answers and situation.engine_is_local:
        wanted.append(ENGINE)
    if not situation.redis_given or situation.tests:
        wanted.append(REDIS)
    if not situation.base_image_there and not situation.base_image_named:
        wanted.append(DEBOOTSTRAP)
    if situation.registry_child:
        wanted.append(REGISTRY)
    if situation.tests:
        wanted.extend(TESTS)
    return [need for need in wanted if not has(need)]
