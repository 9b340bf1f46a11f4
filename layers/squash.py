"""What a session wrote, of which each archive and each change of its base adds a layer, as one layer again.

An engine stacks about 120. The layers are read from the registry, merged (`layers.merging`), and put there as a new
image, of which the engine fetches that one layer: those below it has.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import logging
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Final

from django.conf import settings

from engines.current import engine
from engines.errors import EngineUnreachable, VibenvError
from layers import compose, merging, registry, registry_lock
from layers.merging import Writable
from layers.registry import Manifest, Registry

logger = logging.getLogger(__name__)

MOST_OWN: Final = 30
MOST_AT_A_START: Final = 60  # where somebody waits for it
LEVEL: Final = 3  # what a session wrote is packed once, and soon unpacked on the same machine
CREATED_BY: Final = "vibenv: what a session wrote, as one layer"


def named(image: str, tag: str, most: int = MOST_OWN) -> None:
    """Have a session's image as `tag`, too: with one own layer where it has more than `most` and that can be done."""
    try:
        made = squashed(image, tag, most)
    except EngineUnreachable:
        raise
    except (VibenvError, OSError) as error:  # a full disk, too
        logger.warning("%s keeps all its layers: %s", image, error)
        made = None
    if made is None:
        engine().tag_image(image, tag)


def squashed(image: str, tag: str, most: int = MOST_OWN) -> str | None:
    """`tag`, an image of the same content whose own layers are one; None where `image` has few, or there is no registry.

    `image` is one of a session's own, and stays. Raises `BuildError` or `EngineError` when it fails, which harms nothing.
    """
    found = engine().image(image)
    own = compose.own_layers(found)
    if found is None or own <= most:
        return None
    where = registry.current()
    if where is None:
        logger.warning("%s has %s layers of its own; %s", image, own, registry.missing())
        return None
    part = compose.written(image)
    manifest = compose.ensure_published(where, image, part.published)
    compose.pull(where, _published(where, manifest, part.skip), tag)
    return tag


def _published(where: Registry, manifest: Manifest, below: int) -> str:
    """The new image's name in the registry, which is by its id: it needs no push when it is composed."""
    repository = manifest.repository
    config = where.read_json(repository, manifest.config["digest"])
    with _merged(where, manifest, below) as layer, registry_lock.making():
        where.put(repository, layer.file, layer.digest, layer.size)
        described = where.upload(repository, registry.dump(_config(config, below, layer)), registry.CONFIG)
        tag = compose.short(described["digest"])
        where.put_manifest(repository, tag, described, [*manifest.layers[:below], layer.described()])
    return f"{repository}:{tag}"


def _config(config: Mapping[str, Any], below: int, layer: _Layer) -> dict[str, Any]:
    """As it was, with one layer for all those above."""
    history = [made for made in config.get("history") or [] if not made.get("empty_layer")][:below]
    labels = {**((config.get("config") or {}).get("Labels") or {}), compose.BELOW: str(below)}
    return {
        **{key: value for key, value in config.items() if key not in ("container", "container_config")},
        "config": {**(config.get("config") or {}), "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [*config["rootfs"]["diff_ids"][:below], layer.diff_id]},
        "history": [*history, {"created": config.get("created"), "created_by": CREATED_BY}],
    }


# the layer ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Layer:
    file: IO[bytes]
    digest: str
    size: int
    diff_id: str

    def described(self) -> dict[str, Any]:
        return {"mediaType": registry.LAYER, "size": self.size, "digest": self.digest}


class _Hashing:
    """Passes on what is written, and hashes it."""

    def __init__(self, file: Writable) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> object:
        self._hash.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


@contextlib.contextmanager
def _merged(where: Registry, manifest: Manifest, below: int) -> Iterator[_Layer]:
    """The layers above `below` as one, in a file that goes at the end."""
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        packed = _Hashing(file)
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=LEVEL, mtime=0, filename="") as zipped:
            tar = _Hashing(zipped)
            merging.merge([partial(where.read, manifest.repository, layer) for layer in manifest.layers[below:]], tar)
        size = file.tell()
        file.seek(0)
        yield _Layer(file, packed.digest, size, tar.digest)
