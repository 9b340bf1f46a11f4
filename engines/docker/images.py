"""Images: what is there, and the ways to get one."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

import docker.errors

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Missing, translated
from engines.errors import EngineError
from engines.protocol import EngineImage, InUse

CHUNK: Final = 1 << 20
IMPORT_TIMEOUT_S: Final = 1800


class Images:
    def __init__(self, client: Client) -> None:
        self._client = client

    def has(self, reference: str) -> bool:
        return self.find(reference) is not None

    def find(self, reference: str) -> EngineImage | None:
        try:
            with translated(f"look for the image {reference}"):
                found = self._client.raw.inspect_image(reference)
        except Missing:
            return None
        return EngineImage(
            id=found["Id"],
            references=found.get("RepoTags") or (),
            size_bytes=int(found["Size"]),
            labels=found["Config"].get("Labels") or {},
            layers=len(found["RootFS"].get("Layers") or ()),
            parent=found.get("Parent") or "",
        )

    def list(self, prefix: str) -> Sequence[EngineImage]:
        with translated("list the images"):
            found: list[dict[str, Any]] = self._client.api.images()
        named = [(image, [t for t in image["RepoTags"] or () if t.startswith(prefix)]) for image in found]
        return [
            EngineImage(
                image["Id"], tags, int(image["Size"]), image["Labels"] or {}, created_at=float(image["Created"])
            )
            for image, tags in named
            if tags
        ]

    def tag(self, reference: str, name: str) -> None:
        repository, _, tag = name.rpartition(":")
        with translated(f"name the image {reference} {name}"):
            self._client.api.tag(reference, repository, tag, force=True)

    def push(self, reference: str) -> Iterator[str]:
        repository, _, tag = reference.rpartition(":")
        doing = f"push the image {reference}"
        with translated(doing):
            steps: Iterable[dict[str, Any]] = self._client.api.push(repository, tag, stream=True, decode=True)
            yield from lines(steps, doing)

    def remove(self, reference: str) -> None:
        try:
            with translated(f"remove the image {reference}"):
                self._client.api.remove_image(reference)
        except Missing:
            return

    def in_use(self) -> InUse:
        with translated("list the containers"):
            # Not by the docker library's objects: those ask again for each container, and one may be gone by then.
            containers: list[dict[str, Any]] = self._client.api.containers(all=True)
        real = [c for c in containers if not _keeps_a_layer(c)]
        images = {name for c in real for name in (c["ImageID"], c["Image"])}
        volumes = {m["Name"] for c in real for m in c["Mounts"] or () if m.get("Type") == "volume"}
        return InUse(frozenset(images), frozenset(volumes))

    def pull(self, reference: str) -> Iterator[str]:
        doing = f"pull the image {reference}"
        with translated(doing):
            steps: Iterable[dict[str, Any]] = self._client.api.pull(reference, stream=True, decode=True)
            yield from lines(steps, doing)

    def build(self, dockerfile: str, tag: str, labels: Mapping[str, str]) -> Iterator[str]:
        doing = f"build the image {tag}"
        with translated(doing):
            steps: Iterable[dict[str, Any]] = self._client.api.build(
                fileobj=io.BytesIO(dockerfile.encode()),
                tag=tag,
                labels=dict(labels),
                rm=True,
                forcerm=True,
                decode=True,
            )
            yield from lines(steps, doing)

    def load_tree(self, tar: IO[bytes], tag: str, changes: Sequence[str], labels: Mapping[str, str]) -> str:
        """Import a root file system. An error raised while `tar` is read breaks the upload off: nothing is tagged."""
        repository, _, version = tag.rpartition(":")
        label_changes = [f"LABEL {key}={value}" for key, value in labels.items()]
        api = self._client.raw
        params = {
            "fromSrc": "-",
            "repo": repository,
            "tag": version,
            "changes": [*changes, *label_changes],
        }
        with translated(f"import the image {tag}"):
            answer = api._post(api._url("/images/create"), params=params, data=_chunks(tar), timeout=IMPORT_TIMEOUT_S)
            text: str = api._result(answer)
        if '"error"' in text:
            raise EngineError(f"The engine could not import the image {tag}: {text.strip()}")
        with translated(f"look at the image {tag}"):
            return str(api.inspect_image(tag)["Id"])


def _keeps_a_layer(container: Mapping[str, Any]) -> bool:
    """The container that a layer's volume is or was filled by. Others have a label of that name from their image."""
    layer = (container["Labels"] or {}).get(labels.LAYER)
    return not {f"/{layer}", f"/{layer}{labels.FILLING}"}.isdisjoint(container["Names"])


def _chunks(tar: IO[bytes]) -> Iterator[bytes]:
    while chunk := tar.read(CHUNK):
        yield chunk


def lines(steps: Iterable[dict[str, Any]], doing: str) -> Iterator[str]:
    """The text of the engine's progress messages. Raises `EngineError` for one that says `error`."""
    try:
        for step in steps:
            if "error" in step:
                raise EngineError(f"The engine could not {doing}: {str(step['error']).strip().rstrip('.')}.")
            text = "".join(str(step.get(key, "")) for key in ("stream",)) or _status_line(step)
            if text.strip():
                yield text.rstrip()
    except docker.errors.StreamParseError as error:
        raise EngineError(f"The engine could not {doing}: its answer was not understood ({error}).") from error


def _status_line(step: Mapping[str, Any]) -> str:
    parts = (step.get("id"), step.get("status"), step.get("progress"))
    return " ".join(str(part) for part in parts if part)
