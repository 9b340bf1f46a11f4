"""One image of a base, a project and what a session wrote: made in the registry out of blobs that are there already.

A composed image is a manifest and a configuration of a few kilobytes. The engine then pulls it, of which it fetches
only what it lacks. Where there is no registry, the engine copies the trees over each other instead.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from engines.current import engine
from engines.errors import BuildError, EngineError, EngineUnreachable
from engines.protocol import EngineImage
from layers import registry, registry_lock
from layers.models import Build, BuildState, Kind
from layers.registry import Manifest, Registry
from layers.registry_http import RegistryError

logger = logging.getLogger(__name__)

STACKS: Final = "vibenv/stack"
FOREIGN: Final = "vibenv/foreign"
OURS: Final = "vibenv/"
# Labels of a composed image. A session's commit inherits them, so its own layers can be told from those below.
LAYER: Final = "vibenv.layer"
PARTS: Final = "vibenv.parts"
BELOW: Final = "vibenv.below"
FROZEN: Final = "vibenv.frozen"  # of a session's container, by which installation
SESSIONS: Final = "vibenv/session"


@dataclass(frozen=True, slots=True)
class Part:
    """An image whose layers go into another, but for the lowest `skip`.

    `identity` says what is in it, `published` is its name in the registry. `own`: what a session wrote.
    """

    image: str
    published: str
    identity: str
    skip: int = 0
    own: bool = False


def image_for(base: Build, project: Build | None = None, above: str | None = None) -> str:
    """The engine's name of the image of all these, made when it is not there yet.

    `above` is an image of one tree more, or a commit of a session: of that, only what the session wrote.
    Raises `BuildError` or `EngineError` that says what to do.
    """
    if project is None and above is None:
        return base.image
    parts = [part_of(base)]
    parts += [part_of(project)] if project else []
    parts += [written(above)] if above else []
    return compose(parts, f"{STACKS}:{key(parts)}")


def key(parts: Sequence[Part], more: Mapping[str, str] | None = None) -> str:
    """16 digits that stand for these parts in this order."""
    content = json.dumps([[part.identity for part in parts], dict(more or {})], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def part_of(build: Build) -> Part:
    """An image that somebody named is known by its id: the name may come to mean another one."""
    if build.image.startswith(OURS):
        return Part(build.image, build.image, build.digest)
    found = _on_the_engine(build.image)
    return Part(build.image, _foreign(found), found.id)


def written(image: str) -> Part:
    """What is in a session's commit above the image that it was started from."""
    found = _on_the_engine(image)
    below = int(found.labels[BELOW]) if BELOW in found.labels else 0
    if not below and found.parent:  # it was started from a base alone, whose layers are counted
        parent = engine().image(found.parent)
        below = parent.layers if parent else 0
    return Part(image, _foreign(found), found.id, below, own=True)


def layers_below(image: str) -> int:
    """How many layers of an image that a session was started from are not its own. Raises `EngineError`."""
    found = engine().image(image)
    if found is None:
        raise EngineError(f"The engine has no image {image}, from which the session was started.")
    return int(found.labels[BELOW]) if BELOW in found.labels else found.layers


def own_layers(found: EngineImage | None) -> int:
    """How many layers of a session's image are its own; 0 of one that is no session's, or not there."""
    return found.layers - int(found.labels.get(BELOW, found.layers)) if found else 0


def own_labels(below: int) -> dict[str, str]:
    """Labels of an image of what a session wrote above so many layers."""
    return {BELOW: str(below), FROZEN: settings.INSTALLATION_ID}


def _foreign(found: EngineImage) -> str:
    return f"{FOREIGN}:{short(found.id)}"


def short(image_id: str) -> str:
    return image_id.removeprefix("sha256:")[:12]


def _on_the_engine(image: str) -> EngineImage:
    found = engine().image(image)
    if found is None:
        raise BuildError(f"The engine has no image {image}. Build it again, then retry.")
    return found


def compose(parts: Sequence[Part], image: str, environment: Mapping[str, str] | None = None) -> str:
    """Have `image` on the engine: the first part's configuration, and all parts' layers one above the other."""
    if engine().has_image(image):
        return image
    where = registry.current()
    if where is None:
        return _on_engine(parts, image, environment or {})
    try:
        publish(where, parts, image, environment)
        pull(where, image)
    except EngineUnreachable:
        raise
    except (RegistryError, EngineError) as error:  # it went away, or the engine cannot reach it
        registry.forget()
        logger.warning("composing %s on the engine instead: %s", image, error)
        return _on_engine(parts, image, environment or {})
    return image


# in the registry ----------------------------------------------------------------------------------------
def ensure_published(where: Registry, image: str, name: str = "") -> Manifest:
    """The manifest of an image in the registry, under `name`; pushed there by the engine when it is missing."""
    repository, tag = registry.split(name or image)
    digest = where.find(repository, tag)
    if digest is None:
        push(where, image, name or image)
    return where.manifest(repository, digest or tag)


def publish_ahead(build: Build) -> None:
    """Push what was just built, so that composing it later moves nothing. A failure only costs time then."""
    where = registry.current()
    if where is None or build.kind not in (Kind.BASE, Kind.PROJECT) or build.state != BuildState.READY:
        return
    try:
        part = part_of(build)
        ensure_published(where, part.image, part.published)
    except (BuildError, EngineError) as error:
        logger.warning("%s could not be pushed to the registry yet: %s", build.image, error)


def push(where: Registry, image: str, name: str) -> None:
    """Have the engine push an image under a name; of what is there already nothing is sent."""
    there = where.reference(name)
    engine().tag_image(image, there)
    try:
        with registry_lock.making():
            for _ in engine().push_image(there):
                pass
    finally:
        engine().remove_image(there)


def pull(where: Registry, image: str, name: str = "") -> None:
    """Have the engine fetch an image of the registry, under our own name for it, or another one."""
    there = where.reference(image)
    for _ in engine().pull_image(there):
        pass
    engine().tag_image(there, name or image)
    engine().remove_image(there)


def publish(where: Registry, parts: Sequence[Part], image: str, environment: Mapping[str, str] | None = None) -> str:
    """Make the composed image in the registry; returns its manifest's digest. Again costs next to nothing."""
    repository, tag = registry.split(image)
    found = where.find(repository, tag)
    if found:
        return found
    manifests = [ensure_published(where, part.image, part.published) for part in parts]
    with registry_lock.making():
        configs = [where.read_json(m.repository, m.config["digest"]) for m in manifests]
        layers = [(m.repository, x) for part, m in zip(parts, manifests, strict=True) for x in m.layers[part.skip :]]
        for source, layer in layers:
            where.mount(repository, layer, source)
        config = registry.dump(_config(parts, configs, environment or {}))
        described = where.upload(repository, config, registry.CONFIG)
        return where.put_manifest(repository, tag, described, [layer for _, layer in layers])


def _config(
    parts: Sequence[Part], configs: Sequence[Mapping[str, Any]], environment: Mapping[str, str]
) -> dict[str, Any]:
    """The base's configuration, with the layers of all."""
    base = configs[0]
    diffs = [config["rootfs"]["diff_ids"][part.skip :] for part, config in zip(parts, configs, strict=True)]
    below = sum(len(own) for part, own in zip(parts, diffs, strict=True) if not part.own)
    run = dict(base.get("config") or {})
    run["Env"] = _with(run.get("Env") or [], environment)
    run["Labels"] = {**(run.get("Labels") or {}), **_labels(parts), BELOW: str(below)}
    return {
        "architecture": base["architecture"],
        "os": base["os"],
        "created": max(str(config.get("created", "")) for config in configs),
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [diff for own in diffs for diff in own]},
        "history": [
            {"created": config.get("created"), "created_by": f"vibenv: {part.published}"}
            for part, config, own in zip(parts, configs, diffs, strict=True)
            for _ in own
        ],
    }


def _labels(parts: Sequence[Part]) -> dict[str, str]:
    return {LAYER: "stack", PARTS: " ".join(part.identity for part in parts)}


def _with(given: Sequence[str], more: Mapping[str, str]) -> list[str]:
    """As a Dockerfile's ENV does: `$PATH` in a value is what there was."""
    pairs = dict(item.partition("=")[::2] for item in given)
    for name, value in more.items():
        pairs[name] = value.replace(f"${name}", pairs.get(name, ""))
    return [f"{name}={value}" for name, value in pairs.items()]


def publish_as(where: Registry, image: str, name: str) -> None:
    """Have an image of ours in the registry under another name, too, which another image loses."""
    found = ensure_published(where, image)
    repository, tag = registry.split(name)
    with registry_lock.making():
        for blob in (found.config, *found.layers):
            where.mount(repository, blob, found.repository)
        where.put_manifest(repository, tag, found.config, found.layers)


# on the engine ------------------------------------------------------------------------------------------
def _on_engine(parts: Sequence[Part], image: str, environment: Mapping[str, str]) -> str:
    base, *others = parts
    if any(part.skip for part in others):
        raise BuildError(
            "What a session wrote can be laid over another base only in a registry, and there is none "
            f"({registry.missing()}) Run `./vibenv up`, which starts one, then retry."
        )
    below = _on_the_engine(base.image).layers + sum(not part.own for part in others)
    words = [f"FROM {base.image}", *(f"COPY --from={part.image} / /" for part in others)]
    words += [f"ENV {name}={json.dumps(value)}" for name, value in environment.items()]
    for _ in engine().build_image("\n".join(words), image, {**_labels(parts), BELOW: str(below)}):
        pass
    return image
