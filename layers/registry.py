"""What vibenv asks of a registry (OCI distribution). The only place, with `registry_http`, that speaks to one."""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import io
import json
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from layers.registry_http import Absent, Download, RegistryError, Transport, Unreachable

MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG: Final = "application/vnd.docker.container.image.v1+json"
LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEXES: Final = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)
ACCEPT: Final = ", ".join((MANIFEST, OCI_MANIFEST, *INDEXES))
OFF: Final = "off"
TRUST_S: Final = 5.0
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image's manifest as the registry has it. `layers` are descriptors: media type, size, digest."""

    repository: str
    digest: str
    config: Mapping[str, Any]
    layers: Sequence[Mapping[str, Any]]

    @property
    def size_bytes(self) -> int:
        """What its blobs take in the registry, compressed."""
        return int(self.config["size"]) + sum(int(layer["size"]) for layer in self.layers)


class Registry:
    """One registry. Repositories are named without its address."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.address = transport.address

    def reference(self, image: str) -> str:
        """The name by which an engine pushes and pulls `image`."""
        return f"{self.address}/{image}"

    def check(self) -> None:
        """Raise `Unreachable` where nothing that is a registry answers, quickly."""
        answer = self._transport.ask("GET", "/v2/", doing="be asked", quick=True)
        if "Docker-Distribution-Api-Version" not in answer.headers and answer.data.strip() != b"{}":
            raise Unreachable(f"What answers at {self.address} is no registry. Name another one in VIBENV_REGISTRY.")

    # manifests ------------------------------------------------------------------------------------------
    def find(self, repository: str, tag: str) -> str | None:
        """The digest of a tag's manifest; None where there is none."""
        try:
            answer = self._transport.ask(
                "HEAD",
                f"/v2/{repository}/manifests/{tag}",
                doing=f"look for {repository}:{tag}",
                headers={"Accept": ACCEPT},
            )
        except Absent:
            return None
        return answer.headers.get("Docker-Content-Digest", "")

    def manifest(self, repository: str, reference: str) -> Manifest:
        """By tag or digest. Raises `Absent`, or `RegistryError` for an image of several platforms."""
        doing = f"give the manifest of {repository}:{reference}"
        answer = self._transport.ask(
            "GET", f"/v2/{repository}/manifests/{reference}", doing=doing, headers={"Accept": ACCEPT}
        )
        digest = answer.headers.get("Docker-Content-Digest") or sha256(answer.data)
        try:
            found = json.loads(answer.data)
            return Manifest(repository, digest, found["config"], found["layers"])
        except (ValueError, KeyError, TypeError) as error:
            raise RegistryError(
                f"{repository}:{reference} in the registry at {self.address} is no image of one platform. "
                "Name one of its platforms' images by its digest."
            ) from error

    def put_manifest(self, repository: str, tag: str, config: Mapping[str, Any], layers: Sequence[Any]) -> str:
        """Make a tag. All its blobs must be in the repository. Returns the manifest's digest."""
        body = dump({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": list(layers)})
        self._transport.ask(
            "PUT",
            f"/v2/{repository}/manifests/{tag}",
            doing=f"take {repository}:{tag}",
            body=body,
            headers={"Content-Type": MANIFEST},
        )
        return sha256(body)

    def delete(self, repository: str, digest: str) -> None:
        """Delete a manifest, with all tags of it; already gone is success. Its blobs go with the registry's own collection."""
        try:
            self._transport.ask(
                "DELETE", f"/v2/{repository}/manifests/{digest}", doing=f"delete an image of {repository}"
            )
        except Absent:
            return

    # blobs ----------------------------------------------------------------------------------------------
    def read_json(self, repository: str, digest: str) -> dict[str, Any]:
        """A small blob: an image's configuration."""
        answer = self._transport.ask("GET", f"/v2/{repository}/blobs/{digest}", doing=f"give a blob of {repository}")
        if sha256(answer.data) != digest:
            raise RegistryError(f"A blob of {repository} came damaged from {self.address}. Try again.")
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def has_blob(self, repository: str, digest: str) -> bool:
        try:
            self._transport.ask("HEAD", f"/v2/{repository}/blobs/{digest}", doing=f"look for a blob of {repository}")
        except Absent:
            return False
        return True

    @contextlib.contextmanager
    def read(self, repository: str, layer: Mapping[str, Any]) -> Iterator[IO[bytes]]:
        """A layer's tar file, unpacked as it comes. Whoever reads it to its end gets a `RegistryError` if it came damaged."""
        if not str(layer["mediaType"]).endswith(("tar.gzip", "tar+gzip")):
            raise RegistryError(f"A layer of {repository} is packed as {layer['mediaType']}, which is not read here.")
        path, doing = f"/v2/{repository}/blobs/{layer['digest']}", f"give a blob of {repository}"
        answer = self._transport.ask("GET", path, doing=doing, stream=True)
        damaged = RegistryError(f"A blob of {repository} came damaged from {self.address}. Try again.")
        try:
            with gzip.open(io.BufferedReader(Download(answer, str(layer["digest"]), damaged))) as unpacked:
                yield cast(IO[bytes], unpacked)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise damaged from error
        finally:
            answer.close()

    def upload(self, repository: str, data: bytes, media_type: str) -> dict[str, Any]:
        """Put a small blob; returns its descriptor."""
        digest = sha256(data)
        self.put(repository, io.BytesIO(data), digest, len(data))
        return {"mediaType": media_type, "size": len(data), "digest": digest}

    def put(self, repository: str, file: IO[bytes], digest: str, size: int) -> None:
        """Put a blob from a file that is at its start; already there is success."""
        if not self.has_blob(repository, digest):
            doing = f"take a blob of {repository}"
            begun = self._transport.ask("POST", f"/v2/{repository}/blobs/uploads/", doing=doing)
            self._finish(begun.headers["Location"], digest, file, size, doing)

    def _finish(self, location: str, digest: str, body: Any, size: int, doing: str) -> None:
        mark = "&" if urlsplit(location).query else "?"
        self._transport.ask(
            "PUT",
            f"{location}{mark}{urlencode({'digest': digest})}",
            doing=doing,
            body=body,
            headers={"Content-Type": "application/octet-stream", "Content-Length": str(size)},
        )

    def mount(self, repository: str, layer: Mapping[str, Any], source: str) -> None:
        """Have a blob of another repository here as well, without moving it; copied where the registry cannot do that."""
        if repository == source:
            return
        digest = layer["digest"]
        doing = f"mount a blob of {source} in {repository}"
        query = urlencode({"mount": digest, "from": source})
        answer = self._transport.ask("POST", f"/v2/{repository}/blobs/uploads/?{query}", doing=doing)
        if answer.status == 201:
            return
        data = self._transport.ask("GET", f"/v2/{source}/blobs/{digest}", doing=doing, stream=True)
        try:
            self._finish(answer.headers["Location"], digest, data, int(layer["size"]), doing)
        finally:
            data.release_conn()

    # what there is --------------------------------------------------------------------------------------
    def repositories(self) -> list[str]:
        return self._all("/v2/_catalog", "repositories")

    def tags(self, repository: str) -> list[str]:
        """Empty also for a repository that is not there."""
        try:
            return self._all(f"/v2/{repository}/tags/list", "tags")
        except Absent:
            return []

    def _all(self, path: str, key: str) -> list[str]:
        found: list[str] = []
        last: dict[str, str] = {}
        while True:
            answer = self._transport.ask(
                "GET", f"{path}?{urlencode({'n': str(PAGE), **last})}", doing=f"list its {key}"
            )
            page: list[str] = answer.json().get(key) or []
            found += page
            if "Link" not in answer.headers or not page:
                return found
            last = {"last": page[-1]}


def split(image: str) -> tuple[str, str]:
    """`vibenv/base:1` as repository and tag; `latest` where none is named."""
    repository, mark, tag = image.rpartition(":")
    return (repository, tag) if mark and "/" not in tag else (image, "latest")


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def dump(value: Any) -> bytes:
    """JSON whose bytes depend on nothing but its content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


# the one in force ---------------------------------------------------------------------------------------
class _Known:
    """Whether it answers is asked at most every few seconds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked_at = -TRUST_S
        self.address = ""
        self.why_not = ""


_known = _Known()


@functools.lru_cache(maxsize=4)
def at(address: str) -> Registry:
    return Registry(Transport(address, settings.DOCKER_CONFIG))


def current() -> Registry | None:
    """The registry of the settings, where one answers."""
    return None if missing() else at(settings.REGISTRY)


def missing() -> str:
    """Why there is no registry, for people; empty when it answers. Never raises."""
    if settings.REGISTRY.lower() == OFF:
        return "VIBENV_REGISTRY says that none is used."
    with _known.lock:
        if _known.address != settings.REGISTRY or time.monotonic() - _known.asked_at > TRUST_S:
            _known.address, _known.why_not = settings.REGISTRY, _ask_whether_it_answers()
            _known.asked_at = time.monotonic()
        return _known.why_not


def _ask_whether_it_answers() -> str:
    try:
        at(settings.REGISTRY).check()
    except RegistryError as error:
        return str(error)
    return ""


def forget() -> None:
    """Ask anew at the next `current`."""
    with _known.lock:
        _known.asked_at = -TRUST_S
