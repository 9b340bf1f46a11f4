"""What of this installation nobody owns any more: found, and removed.

Each thing on the engine or the disk is made for a row that is there before it, and goes before the row does. So whatever
is listed first and then has no row was left: by a worker that was killed, or an engine that finished what its caller
did not live to see. The other way round, rows first, would take what is new for an orphan.

Only what bears this installation's label or id is looked at. What is removed is named by its id, never by a name that
something new may bear by then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from engines.current import engine
from engines.errors import VibenvError
from engines.protocol import Belonging, EngineImage
from layers import builds, compose, exports, registry, registry_lock
from layers.collect import BLOBS_LEFT
from layers.registry import Registry
from layers.registry_http import RegistryError
from sessions import files, rebase
from sessions.models import Session, Snapshot
from sessions.states import Desired, State
from sessions.terminal import keys, ring

log = logging.getLogger(__name__)

SNAPSHOTS: Final = "vibenv/snapshot"
GRACE_S: Final = 10
UNKNOWN_S: Final = 3600  # what has no owner by nature, and was made by who knows whom, lives shorter than this
WORDS: Final = {
    "session": "container",
    "workshop": "container",
    "helper": "container",
    "network": "network",
    "draft": "image",
    "snapshot draft": "image",
}


@dataclass(frozen=True, slots=True)
class Orphan:
    """`kind` and `name` are for people. Sizes in bytes, of images with what they share; None: unknown."""

    kind: str
    name: str
    size_bytes: int | None
    why: str
    remove: Callable[[], None] = field(repr=False, compare=False)


@dataclass(slots=True)
class Removed:
    """`kept` are those that could not be removed, and why."""

    removed: list[Orphan] = field(default_factory=list)
    kept: list[tuple[Orphan, str]] = field(default_factory=list)


_owners: list[Callable[[], Iterable[str]]] = []


def register_owner(keys: Callable[[], Iterable[str]]) -> None:
    """Tell whose containers and networks there are besides sessions': keys that their label `vibenv.session` bears."""
    if keys not in _owners:
        _owners.append(keys)


def find(grace_s: float = GRACE_S, *, sizes: bool = False) -> list[Orphan]:
    """All of them that are older than the grace; removes nothing. Raises `EngineError`."""
    on_disk = [*_terminals(), *_folders()]
    belongings = engine().belongings(sizes=sizes)
    images = [each for prefix in _prefixes() for each in engine().list_images(prefix)]
    published = _published()
    known = _Known(belongings)
    before = time.time() - grace_s
    return [
        *(found for each in published for found in known.published(*each)),
        *(found for each in belongings if each.created_at < before for found in known.belonging(each)),
        *(found for each in images if each.created_at < before for found in known.image(each)),
        *(found for each in on_disk if each.changed_at < before for found in known.kept(each)),
    ]


def remove(found: Sequence[Orphan]) -> Removed:
    done = Removed()
    for orphan in found:
        try:
            orphan.remove()
        except (VibenvError, OSError) as error:
            done.kept.append((orphan, str(error)))
        else:
            done.removed.append(orphan)
    return done


def sweep() -> None:
    """Remove what is certain. An engine that is away is asked by the next one. Raises `EngineError`."""
    done = remove(find())
    for orphan in done.removed:
        log.warning("removed the %s %s: %s", orphan.kind, orphan.name, orphan.why)
    for orphan, why in done.kept:
        log.warning("the %s %s stays although %s: %s", orphan.kind, orphan.name, orphan.why, why)


def _prefixes() -> list[str]:
    """Of names that images of sessions bear; in the registry's own words only while they are pushed or pulled."""
    where = registry.current()
    return [f"{compose.SESSIONS}:", f"{SNAPSHOTS}:", *([where.reference(compose.OURS)] if where else [])]


def _published() -> list[tuple[Registry, str]]:
    """The tags of snapshots in the registry, where there is one."""
    where = registry.current()
    try:
        return [(where, tag) for tag in where.tags(SNAPSHOTS)] if where else []
    except RegistryError as error:
        log.warning("the registry cannot be asked for orphans: %s", error)
        return []


# what is there ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Kept:
    """Something in the data directory that is named after a session."""

    path: Path
    session: str
    size_bytes: int
    changed_at: float
    remove: Callable[[], None]


def _terminals() -> Iterator[_Kept]:
    for path in _listed(ring.ring_path("any").parent):
        about = path.stat()
        yield _Kept(
            path, keys.parse(path.stem)[0], about.st_blocks * 512, about.st_mtime, partial(path.unlink, missing_ok=True)
        )


def _folders() -> Iterator[_Kept]:
    """Files are copied for a session whose row cannot be seen yet: its making is a transaction."""
    for path in _listed(files.folder("")):
        size = sum(each.stat().st_size for each in _listed(path))
        changed_at = path.stat().st_mtime + files.LEFTOVER_AGE_S
        yield _Kept(path, path.name, size, changed_at, partial(files.remove_all, path.name))


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _unpublish(where: Registry, digest: str) -> None:
    """A manifest goes with all its tags: none may be a snapshot's, or become one's by a push that is under way."""
    with registry_lock.collecting():
        if Snapshot.objects.filter(Q(state=Snapshot.State.KEPT) | Q(digest=digest)).exists():
            raise RegistryError("A snapshot is being pushed, or is the same. It goes with the next look.")
        where.delete(SNAPSHOTS, digest)
    (Path(settings.DATA_DIR) / BLOBS_LEFT).touch()


# whose it is --------------------------------------------------------------------------------------------
class _Known:
    """Everything that decides, asked after what is there was listed."""

    def __init__(self, belongings: Sequence[Belonging]) -> None:
        now = timezone.now()
        rows = Session.objects.only(
            "pk", "key", "container_id", "image", "state", "desired", "lease", "lease_until", "starts_from"
        )
        self.sessions = {row.pk: row for row in rows}
        self.by_key = {row.key: row for row in self.sessions.values()}
        self.busy = {row.pk for row in self.sessions.values() if row.lease_until and row.lease_until > now}
        self.others = {key for keys in _owners for key in keys()}
        digests = dict(Snapshot.objects.values_list("pk", "digest"))
        self.snapshots, self.digests = {pk.lower() for pk in digests}, set(digests.values())
        self.exports = exports.under_way().prefixes
        kept = Snapshot.objects.filter(state=Snapshot.State.KEPT).exists()
        self.moves = bool(kept or self.busy or self.exports)  # something may be pushed or pulled just now
        self.containers = {each.id: each for each in belongings if each.kind == "session"}
        self.workshops = {each.owner for each in belongings if each.kind == "workshop"}
        self.abandoned = builds.abandoned(self.workshops) | self._left_by_sessions()

    def _left_by_sessions(self) -> set[str]:
        held = {rebase.workshop_of(self.sessions[pk]) for pk in self.busy}
        return {name for name in self.workshops - held if builds.OF_A_SESSION in name}

    # on the engine ------------------------------------------------------------------------------------
    def belonging(self, each: Belonging) -> Iterator[Orphan]:
        why = getattr(self, f"_{each.kind.replace(' ', '_')}")(each)
        if why:
            name = each.name or each.id.removeprefix("sha256:")[:12]
            yield Orphan(WORDS[each.kind], name, each.size_bytes, why, partial(engine().remove_belonging, each))

    def _session(self, each: Belonging) -> str:
        if each.owner in self.others:
            return ""
        row = self.by_key.get(each.owner)
        if row is None:
            return "its session is gone"
        second = row.container_id and row.container_id != each.id and row.container_id in self.containers
        return "its session has another" if second and row.pk not in self.busy else ""

    def _network(self, each: Belonging) -> str:
        if each.owner in self.others or each.owner in self.workshops - self.abandoned:
            return ""
        row = self.by_key.get(each.owner)
        if row is None:
            return "whom it was made for is gone"
        rests = row.desired != Desired.RUNNING and row.state in {State.NEW, State.ARCHIVED} and row.pk not in self.busy
        alone = not any(container.owner == each.owner for container in self.containers.values())
        return "its session has no container" if rests and alone else ""

    def _workshop(self, each: Belonging) -> str:
        return "nobody is building in it" if each.owner in self.abandoned else ""

    def _draft(self, each: Belonging) -> str:
        return "" if each.owner in self.workshops - self.abandoned else "what it was to become was given up"

    def _helper(self, each: Belonging) -> str:
        return self._of_a_process(each)

    def _snapshot_draft(self, each: Belonging) -> str:
        return self._of_a_process(each)

    @staticmethod
    def _of_a_process(each: Belonging) -> str:
        if each.held is False:
            return "the process that made it was killed"
        old = each.held is None and each.created_at < time.time() - UNKNOWN_S
        return "who made it is not known, and it is old" if old else ""

    def image(self, each: EngineImage) -> Iterator[Orphan]:
        """Snapshots, and a session's own images, but for the one that its row names, or that is being made for it."""
        if each.labels.get(compose.FROZEN) != settings.INSTALLATION_ID:
            return
        for name in each.references:
            if why := self._why_unowned(name):
                yield Orphan("image", name, each.size_bytes, why, partial(engine().remove_image, name))

    def _why_unowned(self, name: str) -> str:
        repository, _, tag = name.rpartition(":")
        if not repository.startswith(compose.OURS):
            return "" if self.moves else "its push or pull was broken off"
        if repository == SNAPSHOTS:
            return "" if tag in self.snapshots else "its snapshot is gone"
        if tag.startswith("export-"):
            return "" if name in self.exports else "the export that it was made for has ended"
        row = self.sessions.get(tag.partition("-")[0])
        if row is None:
            return "its session is gone"
        in_the_making = row.pk in self.busy or row.starts_from_id is not None
        return "its session stands on another" if row.image != name and not in_the_making else ""

    # in the registry ----------------------------------------------------------------------------------
    def published(self, where: Registry, tag: str) -> Iterator[Orphan]:
        if tag in self.snapshots:
            return
        try:
            manifest = where.manifest(SNAPSHOTS, tag)
            config = where.read_json(SNAPSHOTS, manifest.config["digest"]).get("config") or {}
        except RegistryError:  # it went meanwhile, or only its tag is left
            return
        ours = (config.get("Labels") or {}).get(compose.FROZEN) == settings.INSTALLATION_ID
        if ours and manifest.digest not in self.digests:  # another snapshot may be the same
            remove = partial(_unpublish, where, manifest.digest)
            yield Orphan("registry", f"{SNAPSHOTS}:{tag}", manifest.size_bytes, "its snapshot is gone", remove)

    # in the data directory ----------------------------------------------------------------------------
    def kept(self, each: _Kept) -> Iterator[Orphan]:
        if each.session not in self.sessions:
            name = str(each.path.relative_to(settings.DATA_DIR))
            yield Orphan("file", name, each.size_bytes, "its session is gone", each.remove)
