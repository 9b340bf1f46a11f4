"""What a session wrote, laid over another base and another project: one image to start it from.

The engine's layers do most of it: what the session wrote lies above. What they cannot do is done here: files of many
entries are merged (`layers.dpkg`), and of a project nothing of the session's is overwritten silently (`layers.projects`).
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError, EngineError
from engines.protocol import WorkshopSpec
from layers import compose, dpkg, listings, projects
from layers.builders.bases import CAPABILITIES
from layers.models import Build
from layers.mounts import PROJECT
from sessions.models import Session

MOST_CONFLICTS: Final = 100
MOST_LAYERS: Final = 100  # above the base; overlay takes about 120
FILE_BYTES: Final = 32 * 1024**2
SPOOL_BYTES: Final = 16 * 1024**2
TICK_S: Final = 0.2
# Only what apt's own programs can say is asked of them: whether all is whole.
FINISH: Final = """
[ ! -x /sbin/ldconfig ] || /sbin/ldconfig
rm -f /var/cache/apt/*.bin
if command -v dpkg > /dev/null; then
  [ -z "$(dpkg --audit 2>&1)" ] || echo 'told: dpkg finds packages that are not whole; `dpkg --audit` says which.'
fi
if command -v apt-get > /dev/null; then
  apt-get -qq check > /dev/null 2>&1 || echo 'told: Some packages lack what they depend on; `apt-get -f install` mends that.'
fi
exit 0
"""


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


def rebased(session: Session, commit: str, old: Below, new: Below) -> Rebased:
    """Wants a `frozen` image of the session, which stands on `old`. Raises `BuildError` or `EngineError` that says what to do."""
    found = engine().image(commit)
    if found is not None and found.layers - int(found.labels.get(compose.BELOW, found.layers)) >= MOST_LAYERS:
        raise BuildError(
            f"This session was put on other layers {MOST_LAYERS} times, which is as often as an engine can. "
            "Copy what you need out of it into a new card."
        )
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool, tarfile.open(fileobj=spool, mode="w") as tar:
        told: list[str] = []
        kept = False
        conflicts: tuple[str, ...] = ()
        if new.project != old.project and old.project is not None:
            kept = projects.has_own_commits(*_trees(old.project.image, commit))
        if kept:
            told.append(
                "It has commits of its own: bring the project's new version in with `git pull`; the old one stays."
            )
            new = Below(new.base, old.project)
        image = compose.image_for(new.base, new.project, above=commit)
        if new.project is not None and new.project != old.project:
            conflicts = _merge_project(tar, old.project, new.project, commit)
        if new.base != old.base:
            _merge_system(tar, old.base.image, new.base.image, commit)
        tar.close()
        spool.seek(0)
        made = tag_of(session, compose.key([compose.part_of(new.base), compose.written(commit)]))
        told += _finish(session, image, made, spool)
    return Rebased(made, conflicts[:MOST_CONFLICTS], kept, " ".join(told))


def _trees(*images: str) -> Iterator[listings.Listing]:
    return (listings.of_image(image, PROJECT) for image in images)


# a system -----------------------------------------------------------------------------------------------
def _merge_system(tar: tarfile.TarFile, old: str, new: str, mine: str) -> None:
    found = [_system_files(image) for image in (old, new, mine)]
    for path in dpkg.FILES:
        content = dpkg.merged(path, *(files[path] for files in found))
        if content is not None:
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(content), dpkg.MODES.get(path, 0o644)
            member.gid = dpkg.SHADOW_GROUP if path in dpkg.MODES else 0
            tar.addfile(member, io.BytesIO(content))


def _system_files(image: str) -> Mapping[str, bytes | None]:
    with engine().open_image(image) as reader:
        return {path: reader.file(path, FILE_BYTES) for path in dpkg.FILES}


# a project ----------------------------------------------------------------------------------------------
def _merge_project(tar: tarfile.TarFile, old: Build | None, new: Build, commit: str) -> tuple[str, ...]:
    before = listings.of_image(old.image, PROJECT) if old else {}
    theirs, ours = _trees(new.image, commit)
    found = projects.merge(before, theirs, ours)
    beside = {path: f"{projects.INCOMING}{path.removeprefix(PROJECT)}" for path in found.conflicts}
    with engine().open_image(new.image) as reader, reader.tree(PROJECT) as source:
        for member in source:
            path = listings.place(PROJECT, member.name)
            to = path if path in found.take else beside.get(path)
            if to is not None and not member.isdir():
                _copy(source, member, to, tar)
    return found.conflicts


def _copy(source: tarfile.TarFile, member: tarfile.TarInfo, to: str, tar: tarfile.TarFile) -> None:
    content: IO[bytes] | None = source.extractfile(member) if member.isreg() else None
    member.name = to.lstrip("/")
    if member.islnk():
        member.linkname = listings.place(PROJECT, member.linkname).lstrip("/")
    tar.addfile(member, content)


# an image -----------------------------------------------------------------------------------------------
def _finish(session: Session, image: str, made: str, files: IO[bytes]) -> list[str]:
    """Write the merged files above all others, and make an image of that. What the system then says of itself."""
    below = compose.layers_below(image)
    workshop = engine().open_workshop(
        WorkshopSpec(
            name=f"vibenv-build-{settings.INSTALLATION_ID[:8]}-rebase-{session.pk}".lower(),
            image=image,
            command=("sh", "-c", FINISH),
            capabilities=CAPABILITIES,
            network=False,
        )
    )
    try:
        workshop.put("/", files)
        said = b"".join(workshop.run(TICK_S)).decode(errors="replace")
        workshop.keep_all(made, compose.own_labels(below), lambda _: None)
    finally:
        with contextlib.suppress(EngineError):
            workshop.close()
    return [line.removeprefix("told: ").strip() for line in said.splitlines() if line.startswith("told: ")]
