"""Collecting what nobody uses: images and volumes on the engine, images in the registry, uploads.

Only what this installation built is looked at, and all of it can be made again: by a build, or by composing. Of
uploads those go that no recipe and no version names. What
stays: the latest ready version of each recipe, pinned ones, the base of the settings, what is being built or was built
within the grace, what sessions are recorded to run, and what any container on the engine holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

from django.conf import settings
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import InUse
from layers import builder, compose, export, registry, uploads, usage
from layers.models import Build, BuildState, Kind, LayerVersion, Recipe, StackLayer
from layers.mounts import volume_of
from layers.registry import Manifest, Registry
from layers.registry_http import RegistryError

GRACE_S: Final = 3600
COMPOSED: Final = (compose.STACKS, export.EXPORTS)
# Tells whoever can that manifests were deleted whose blobs are still there.
FORMER: Final = "it was of a session that is gone"
BLOBS_LEFT: Final = "registry-blobs-left"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that nobody uses. Sizes in bytes, without what a composed image shares with its parts; None: unknown."""

    kind: Literal["image", "volume", "registry", "upload"]
    name: str
    size_bytes: int | None
    why: str
    digest: str = ""  # of a manifest in the registry


@dataclass(slots=True)
class Collected:
    """`kept` are those that could not be removed, and why: they came into use meanwhile, or something failed."""

    removed: list[Item] = field(default_factory=list)
    kept: list[tuple[Item, str]] = field(default_factory=list)


def plan(grace_s: float = GRACE_S) -> list[Item]:
    """What would be removed now; changes nothing. Raises `EngineError`, or `RegistryError` for a registry that fails."""
    known = _Known(grace_s)
    items = [*_volumes(known), *_images(known), *_uploads(grace_s)]  # a volume first: its keeper is made from the image
    where = registry.current()
    if where is not None:
        items += _published(known, where)
    return items


def run(grace_s: float = GRACE_S) -> Collected:
    """Remove it, asking for each once more whether it is in use."""
    done = Collected()
    for item in plan(grace_s):
        try:
            why = _remove(item)
        except (EngineError, RegistryError) as error:
            why = str(error)
        if why:
            done.kept.append((item, why))
        else:
            done.removed.append(item)
    if any(item.kind == "registry" for item in done.removed):
        (Path(settings.DATA_DIR) / BLOBS_LEFT).touch()
    return done


def _remove(item: Item) -> str:
    """Why it was not removed; empty when it was."""
    if item.kind == "upload":
        return _remove_upload(item.name)
    if item.kind == "registry":
        where = registry.current()
        if where is None:
            return registry.missing()
        where.delete(registry.split(item.name)[0], item.digest)
        return ""
    return _remove_from_engine(item)


def _remove_from_engine(item: Item) -> str:
    held, wanted = engine().in_use(), usage.all_of()
    if item.kind == "volume":
        if item.name in held.volumes | wanted.volumes:
            return "It came into use."
        engine().remove_layer(item.name)
        return ""
    found = engine().image(item.name)
    if found and ({item.name, found.id} & held.images or wanted.has_image(item.name, found.id)):
        return "It came into use."
    engine().remove_image(item.name)
    return ""


def _remove_upload(digest: str) -> str:
    if digest in _named_uploads():
        return "It came into use."
    uploads.kept()[digest].unlink(missing_ok=True)
    return ""


def _named_uploads() -> set[str]:
    specs = [
        *Recipe.objects.values_list("spec__files", flat=True),
        *LayerVersion.objects.values_list("spec__files", flat=True),
    ]
    return {str(digest) for digest in specs if digest}


def _uploads(grace_s: float) -> Iterator[Item]:
    named = _named_uploads()
    for digest, path in uploads.kept().items():
        about = path.stat()
        if digest not in named and about.st_mtime < time.time() - grace_s:
            yield Item("upload", digest, about.st_size, "no recipe names it")


class _Known:
    """Everything that decides, asked once."""

    def __init__(self, grace_s: float) -> None:
        self.usage = usage.all_of()
        self.held: InUse = engine().in_use()
        builds = list(Build.objects.all())
        needed = self._needed(builds, grace_s) | self._in_use(builds)
        self.by_digest = {build.digest: build for build in builds}
        self.unused = [b for b in builds if b.pk not in needed and b.image.startswith(compose.OURS)]
        self._unused_digests = {build.digest for build in self.unused}

    def _needed(self, builds: Sequence[Build], grace_s: float) -> set[int]:
        young = timezone.now() - timedelta(seconds=grace_s)
        latest: dict[int, int] = {}
        versions = LayerVersion.objects.filter(build__state=BuildState.READY).order_by("number")
        for recipe, build_id in versions.values_list("recipe_id", "build_id"):
            latest[recipe] = build_id
        pinned = StackLayer.objects.exclude(pinned=None).values_list("pinned__build_id", flat=True)
        needed = {*latest.values(), *pinned, *self.usage.builds}
        target = builder.target().digest
        for build in builds:
            under_way = build.state == BuildState.BUILDING
            if under_way or build.digest == target or (build.finished_at or build.created_at) > young:
                needed.add(build.pk)
        started_from = {str(b.request.get("base_image")) for b in builds if b.state == BuildState.BUILDING}
        return needed | {b.pk for b in builds if b.image in started_from}

    def _in_use(self, builds: Sequence[Build]) -> set[int]:
        """Those that sessions have: as a volume, as an image, or as a part of one, which a change of base needs again."""
        images = [i for i in engine().list_images(compose.STACKS) if self.holds(i.id, *i.references)]
        images += filter(None, (engine().image(name) for name in self.usage.images))
        parts = {part for image in images for part in _parts(image.labels)}
        names = {name for image in images for name in image.references} | self.held.images
        volumes = self.held.volumes | self.usage.volumes
        return {b.pk for b in builds if b.digest in parts or b.image in names or volume_of(b) in volumes}

    def holds(self, *names: str) -> bool:
        return bool(set(names) & self.held.images) or self.usage.has_image(*names)

    def base_bytes(self, parts: Sequence[str]) -> int:
        """Of the base below, whose layers a composed image shares on the engine; those above it are a copy."""
        base = next((self.by_digest[part] for part in parts if part in self.by_digest), None)
        found = engine().image(base.image) if base else None
        return found.size_bytes if found else 0

    def why_unused(self, parts: Sequence[str]) -> str:
        """Why a composed image is of no use; empty when it may be, or is not only ours."""
        ours = [part for part in parts if ":" not in part]  # others are ids of images: what a session wrote
        if not ours or any(part not in self.by_digest for part in ours):
            return ""
        gone = [part for part in ours if part in self._unused_digests]
        if gone:
            return f"nobody uses its {self.by_digest[gone[0]].kind}"
        if len(ours) < len(parts) and not any(self.holds(part) for part in parts):
            return "what its session wrote is kept elsewhere or gone"
        return ""


def _volumes(known: _Known) -> Iterator[Item]:
    there = set(engine().list_layers())
    for build in known.unused:
        name = volume_of(build)
        free = name not in known.held.volumes | known.usage.volumes
        if build.kind in (Kind.PROFILE, Kind.TOOLCHAIN) and name in there and free:
            yield Item("volume", name, build.size_bytes, _why(build))


def _images(known: _Known) -> Iterator[Item]:
    unused = {build.image: build for build in known.unused}
    for image in engine().list_images(compose.OURS):
        for name in image.references:
            if known.holds(name, image.id):
                continue
            if name in unused:
                yield Item("image", name, image.size_bytes, _why(unused[name]))
            elif registry.split(name)[0] in COMPOSED and (why := known.why_unused(_parts(image.labels))):
                yield Item("image", name, image.size_bytes - known.base_bytes(_parts(image.labels)), why)
            elif registry.split(name)[0] == compose.SESSIONS and _is_ours(image.labels):
                yield Item("image", name, image.size_bytes - known.base_bytes(_parts(image.labels)), FORMER)


def _published(known: _Known, where: Registry) -> Iterator[Item]:
    for build in known.unused:
        yield from _in_registry(where, build.image, _why(build))
    for repository in COMPOSED:
        for name, manifest, labels in _images_in(where, repository):
            if (why := known.why_unused(_parts(labels))) and not known.holds(name):
                yield Item("registry", name, int(manifest.config["size"]), why, manifest.digest)
    for name, manifest, labels in _images_in(where, compose.FOREIGN):
        if _is_ours(labels) and engine().image(registry.split(name)[1]) is None:  # its tag is the image's short id
            own = int(manifest.config["size"]) + sum(int(layer["size"]) for layer in _written(manifest, labels))
            yield Item("registry", name, own, FORMER, manifest.digest)


def _images_in(where: Registry, repository: str) -> Iterator[tuple[str, Manifest, Mapping[str, str]]]:
    """Name, manifest and labels of each."""
    for tag in where.tags(repository):
        manifest = where.manifest(repository, tag)
        config = where.read_json(repository, manifest.config["digest"])
        yield f"{repository}:{tag}", manifest, (config.get("config") or {}).get("Labels") or {}


def _written(manifest: Manifest, labels: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """The layers that a session wrote; those below are others', too."""
    return manifest.layers[int(labels.get(compose.BELOW, 0)) :]


def _is_ours(labels: Mapping[str, str]) -> bool:
    """Frozen by this installation, of a session or for an export."""
    return labels.get(compose.FROZEN) == settings.INSTALLATION_ID


def _in_registry(where: Registry, image: str, why: str) -> Iterator[Item]:
    repository, tag = registry.split(image)
    if where.find(repository, tag):
        manifest = where.manifest(repository, tag)
        yield Item("registry", image, manifest.size_bytes, why, manifest.digest)


def _parts(labels: Mapping[str, str]) -> list[str]:
    return labels.get(compose.PARTS, "").split()


def _why(build: Build) -> str:
    if build.state != BuildState.READY:
        return f"its build is {build.state}"
    return "nobody uses it"
