"""Images of what sessions wrote, kept in the registry: pushed, read back, fetched again, dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError
from layers import compose, registry
from layers.collect import BLOBS_LEFT
from layers.registry import Manifest, Registry
from layers.registry_http import RegistryError

PART_BYTES: Final = 4 * 1024**2
LOST: Final = "Neither the engine nor the registry has {image} any more, so nothing can be started from it."


@dataclass(frozen=True, slots=True)
class Kept:
    """`digest` is of its manifest in the registry; empty where none is used."""

    digest: str


def keep(image: str, verified: str = "") -> Kept:
    """Have an image of the engine in the registry, and be sure that it can be read from there.

    What a session wrote is read back whole, unpacked and compared with what the engine has, but for layers that the
    manifest `verified` has, too: they were read when they were new. Where no registry is used, it is read from the
    engine. Raises `BuildError` or `EngineError` that says what is wrong.
    """
    if settings.REGISTRY.lower() == registry.OFF:
        _read_on_engine(image)
        return Kept("")
    where = registry.current()
    if where is None:
        raise RegistryError(registry.missing())
    compose.push(where, image, image)
    repository, tag = registry.split(image)
    manifest = where.manifest(repository, tag)
    _verify(where, image, manifest, _layers_of(where, repository, verified))
    return Kept(manifest.digest)


def fetch(image: str) -> None:
    """Have it on the engine. Raises `BuildError` where nobody has it any more, `EngineError` where it cannot be had now."""
    if engine().has_image(image):
        return
    where = registry.current()
    if where is None or where.find(*registry.split(image)) is None:
        raise BuildError(LOST.format(image=image))
    compose.pull(where, image)


def drop(image: str, digest: str = "") -> None:
    """Remove it from the engine; by its manifest's `digest`, which nobody else may need, from the registry, too."""
    engine().remove_image(image)
    where = registry.current() if digest else None
    if where is not None:
        where.delete(registry.split(image)[0], digest)
        (Path(settings.DATA_DIR) / BLOBS_LEFT).touch()


def _layers_of(where: Registry, repository: str, digest: str) -> set[str]:
    """Digests of an earlier image's layers; none of one that is gone."""
    if not digest:
        return set()
    try:
        return {str(layer["digest"]) for layer in where.manifest(repository, digest).layers}
    except RegistryError:
        return set()


def _verify(where: Registry, image: str, manifest: Manifest, known: set[str]) -> None:
    found = engine().image(image)
    if found is None or found.id != manifest.config["digest"]:
        raise RegistryError(f"The registry at {where.address} has something else as {image}. Try again.")
    config = where.read_json(manifest.repository, manifest.config["digest"])
    diffs: Sequence[str] = config["rootfs"]["diff_ids"]
    below = int(found.labels.get(compose.BELOW, 0))
    for place, (layer, diff) in enumerate(zip(manifest.layers, diffs, strict=True)):
        if place < below or layer["digest"] in known:
            _require(where, manifest.repository, layer)
        else:
            _read(where, manifest.repository, layer, diff)


def _require(where: Registry, repository: str, layer: Mapping[str, Any]) -> None:
    if not where.has_blob(repository, layer["digest"]):
        raise RegistryError(f"The registry at {where.address} lacks a layer of {repository}. Try again.")


def _read(where: Registry, repository: str, layer: Mapping[str, Any], diff: str) -> None:
    """Raises `RegistryError` unless it unpacks to what the engine has."""
    unpacked = hashlib.sha256()
    with where.read(repository, layer) as content:
        while part := content.read(PART_BYTES):
            unpacked.update(part)
    if f"sha256:{unpacked.hexdigest()}" != diff:
        raise RegistryError(f"A layer of {repository} came damaged from {where.address}. Try again.")


def _read_on_engine(image: str) -> None:
    with engine().open_image(image) as reader, reader.tree("/") as tree:
        for _ in tree:
            pass
