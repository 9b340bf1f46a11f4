"""What a session wrote, laid over another base and another project: one image to start it from.

The engine's layers do most of it: what the session wrote lies above. What they cannot do is done here: files of many
entries are merged (`layers.systems`), and of a project nothing of the session's is overwritten silently (`layers.projects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError
from layers import builds, compose, laying, listings, projects, systems
from layers.laying import Laying
from layers.models import Build
from layers.mounts import PROJECT
from sessions.models import Session

MOST_CONFLICTS: Final = 100
MOST_LAYERS: Final = 100  # above the base; overlay takes about 120
# Only what apt's own programs can say is asked of them: whether all is whole.
FINISH: Final = """
[ ! -x /sbin/ldconfig ] || /sbin/ldconfig
rm -f /var/cache/apt/*.bin
if command -v dpkg > /dev/null; then
  [ -z "$(dpkg --audit 2>&1)" ] || echo vibenv: audit
fi
if command -v apt-get > /dev/null; then
  apt-get -qq check > /dev/null 2>&1 || echo vibenv: check
fi
"""
TOLD: Final = {
    "vibenv: audit": "Some packages are not whole; `dpkg --audit` says which.",
    "vibenv: check": "Some packages lack what they depend on; `apt-get -f install` mends that.",
}
OWN_COMMITS: Final = "It has commits of its own: bring the project's new version in with `git pull`; the old one stays."
OWN_REPOSITORY: Final = "It has a repository of its own at /workspace, so the project was not laid over that."


@dataclass(frozen=True, slots=True)
class Below:
    """What a session's own layer lies on."""

    base: Build
    project: Build | None = None


@dataclass(frozen=True, slots=True)
class Rebased:
    """`image` to start from. `conflicts`: files of which the session's own stayed. `kept_project`: the old one is still in it.

    `told` is for people; empty when there is nothing to say.
    """

    image: str
    conflicts: tuple[str, ...] = ()
    kept_project: bool = False
    told: str = ""


def tag_of(session: Session, suffix: str) -> str:
    """A name for an image of a session's own."""
    return f"{compose.SESSIONS}:{session.pk}-{suffix}".lower()


def frozen(session: Session, tag: str) -> str:
    """An image of the session's container as it is. Raises `EngineError`."""
    engine().snapshot(session.container, tag, compose.own_labels(compose.layers_below(session.image)))
    return tag


def workshop_of(session: Session) -> str:
    """Where the image is made. What a killed worker leaves of it goes with the next one, or the session."""
    return f"vibenv-build-{settings.INSTALLATION_ID[:8]}{builds.OF_A_SESSION}{session.pk}".lower()


def rebased(session: Session, commit: str, old: Below, new: Below) -> Rebased:
    """Wants a `frozen` image of the session, which stands on `old`. Raises `BuildError` or `EngineError` that says what to do."""
    _check_room(commit)
    told: list[str] = []
    conflicts: tuple[str, ...] = ()
    kept = False
    with laying.gathered() as above:
        if new.project != old.project:
            before, mine = _project(old.project), listings.of_image(commit, PROJECT)
            kept = projects.has_own_commits(before, mine)
            if kept:
                told.append(OWN_COMMITS if old.project else OWN_REPOSITORY)
                new = Below(new.base, old.project)
            else:
                conflicts = _merge_project(above, before, new.project, mine, commit)
        if new.base != old.base:
            images = (old.base.image, new.base.image, commit)
            told += systems.merge(above, *images, workshop=workshop_of(session))
        parts = [compose.part_of(build) for build in (new.base, new.project) if build]
        made = tag_of(session, compose.key([*parts, compose.written(commit)]))
        image = compose.image_for(new.base, new.project, above=commit)
        labels = compose.own_labels(compose.layers_below(image))
        script = FINISH if new.base != old.base else ""
        said = above.make(image, made, labels, workshop=workshop_of(session), script=script)
    told += [words for line, words in TOLD.items() if line in said.splitlines()]
    return Rebased(made, conflicts[:MOST_CONFLICTS], kept, " ".join(told))


def _check_room(commit: str) -> None:
    if compose.own_layers(engine().image(commit)) >= MOST_LAYERS:
        raise BuildError(
            f"This session was put on other layers {MOST_LAYERS} times, which is as often as an engine can. "
            "Copy what you need out of it into a new card."
        )


# a project ----------------------------------------------------------------------------------------------
def _project(build: Build | None) -> listings.Listing:
    return listings.of_image(build.image, PROJECT) if build else {}


def _merge_project(
    above: Laying, old: listings.Listing, new: Build | None, mine: listings.Listing, commit: str
) -> tuple[str, ...]:
    theirs = _project(new)
    found = projects.merge(old, theirs, mine)
    above.drop(found.drop)
    if new is not None:
        above.copy(new.image, PROJECT, {**{path: path for path in found.take}, **projects.beside(found.conflicts)})
        if found.conflicts and projects.GIT in theirs:
            _overlook(above, new.image if projects.EXCLUDE in found.take else commit)
    return found.conflicts


def _overlook(above: Laying, image: str) -> None:
    """What is laid beside is nothing to commit."""
    with engine().open_image(image) as reader:
        content = projects.excluded(reader.file(projects.EXCLUDE, systems.FILE_BYTES) or b"")
    if content is not None:
        above.put(projects.EXCLUDE, content)
