"""Build the base image in the first way that works, once at a time, leaving nothing usable behind when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError, EngineError
from layers import debootstrap, recipes, records
from layers.attempts import Outcome, attempt
from layers.progress import Progress

REPOSITORY: Final = "vibenv/base"


@dataclass(frozen=True, slots=True)
class Target:
    """The base image that the settings ask for. `named`: somebody else's image, to be used as it is."""

    digest: str
    image: str
    named: bool


def target() -> Target:
    if settings.BASE_IMAGE:
        named = recipes.Recipe("", (settings.BASE_IMAGE,), "")
        return Target(named.digest(), settings.BASE_IMAGE, named=True)
    digest = recipes.BASE.digest()
    return Target(digest, f"{REPOSITORY}:{digest[:12]}", named=False)


def log_path() -> Path:
    return Path(settings.DATA_DIR) / "logs" / "base-build.log"


def build() -> bool:
    """Build the base image unless another builder is at it (False then). Failures are written to its row."""
    wanted = target()
    version = records.claim(wanted.digest, wanted.image)
    if version is None:
        return False

    def work(progress: Progress) -> Outcome:
        _make(wanted, progress)
        return Outcome()

    attempt(version, log_path(), work)
    return True


def _make(wanted: Target, progress: Progress) -> None:
    if engine().has_image(wanted.image):
        progress.line(f"The engine has {wanted.image} already.")
    elif wanted.named:
        _pull_named(wanted, progress)
    elif not _from_slim(wanted, progress):
        _from_nothing(wanted, progress)


def _pull_named(wanted: Target, progress: Progress) -> None:
    progress.say(None, f"pulling {wanted.image}", now=True)
    try:
        for line in engine().pull_image(wanted.image):
            progress.line(line)
            progress.say(None, f"pulling {wanted.image}: {line}")
    except EngineError as error:
        raise BuildError(f"{error} Check VIBENV_BASE_IMAGE, or load that image into the engine.") from error


def _from_slim(wanted: Target, progress: Progress) -> bool:
    """Build on a published slim image; False where it cannot be pulled or built on, which the log explains."""
    slim = recipes.BASE.slim_image
    try:
        progress.say(0, f"looking for {slim}", now=True)
        for line in engine().pull_image(slim):
            progress.line(line)
            progress.say(None, f"pulling {slim}")
        progress.say(None, "installing packages", now=True)
        for line in engine().build_image(recipes.BASE.dockerfile(), wanted.image, _labels(wanted)):
            progress.line(line)
            progress.say(None, f"installing packages: {line.splitlines()[0][:100]}")
    except EngineError as error:
        progress.line(str(error))
        return False
    return True


def _from_nothing(wanted: Target, progress: Progress) -> None:
    debootstrap.build(
        engine(),
        recipes.BASE,
        wanted.image,
        _labels(wanted),
        mirror=settings.DEBIAN_MIRROR,
        data_dir=Path(settings.DATA_DIR),
        progress=progress,
    )


def _labels(wanted: Target) -> dict[str, str]:
    return {"vibenv.layer": "base", "vibenv.digest": wanted.digest}
