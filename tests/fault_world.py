"""`FaultEngine` with all that could be left behind: networks, drafts, labels of images, names for a push, a registry.

Breaks also within its verbs: between the network and the container, between the draft and its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from engines.errors import EngineError
from engines.protocol import Belonging, ContainerStatus, EngineImage, Observed, SessionSpec
from tests.fault_engine import FaultEngine

ADDRESS = "localhost:5000"


@dataclass
class FaultRegistry:
    """`tags` by repository and tag, to a digest; `images` by digest: files and labels."""

    tags_of: dict[tuple[str, str], str] = field(default_factory=dict)
    images: dict[str, tuple[frozenset[str], Mapping[str, str]]] = field(default_factory=dict)
    address: str = ADDRESS

    def reference(self, image: str) -> str:
        return f"{ADDRESS}/{image}"

    def tags(self, repository: str) -> list[str]:
        return [tag for of, tag in self.tags_of if of == repository]

    def find(self, repository: str, tag: str) -> str | None:
        return self.tags_of.get((repository, tag))

    def manifest(self, repository: str, tag: str) -> Any:
        digest = self.tags_of.get((repository, tag), tag)
        return SimpleNamespace(digest=digest, config={"digest": digest}, size_bytes=1, layers=(), repository=repository)

    def read_json(self, repository: str, digest: str) -> dict[str, Any]:
        return {"config": {"Labels": dict(self.images[digest][1])}, "rootfs": {"diff_ids": []}}

    def delete(self, repository: str, digest: str) -> None:
        self.images.pop(digest, None)
        self.tags_of = {key: found for key, found in self.tags_of.items() if found != digest}


class FaultWorld(FaultEngine):
    def __init__(self, *images: str) -> None:
        super().__init__(*images)
        self.registry = FaultRegistry()
        self.networks: dict[str, str] = {}  # whose, by name
        self.ids = {image: f"sha256:{image}" for image in images}
        self.labels: dict[str, Mapping[str, str]] = {}

    # containers -----------------------------------------------------------------------------------------
    def create(self, spec: SessionSpec) -> ContainerStatus:
        self.networks[f"net-{spec.session_id}"] = spec.session_id
        self.breaks("within create")
        return super().create(spec)

    def destroy(self, name: str, session_id: str = "") -> None:
        found = self.containers.get(name)
        super().destroy(name, session_id)
        self.breaks("within destroy")
        self.networks.pop(f"net-{session_id or (found.spec.session_id if found else '')}", None)

    def list(self) -> Sequence[ContainerStatus]:
        return [self.inspect(name) for name in self.containers]

    def belongings(self, *, sizes: bool = False) -> Sequence[Belonging]:
        drafts = [name for name in self.images if name.startswith("draft:")]
        return [
            # their maker is dead by the time that anybody looks
            *(Belonging("snapshot draft", self.ids[name], name, 0.0, 1, held=False) for name in drafts),
            *(Belonging("session", c.id, name, 0.0, 1, c.spec.session_id) for name, c in self.containers.items()),
            *(Belonging("network", name, name, 0.0, None, owner) for name, owner in self.networks.items()),
        ]

    def remove_belonging(self, what: Belonging) -> None:
        if what.kind == "network":
            self.networks.pop(what.id, None)
        elif what.kind == "session":
            self.containers = {name: c for name, c in self.containers.items() if c.id != what.id}
        else:
            self.images.pop(what.name, None)

    # images ---------------------------------------------------------------------------------------------
    def snapshot(self, name: str, tag: str, labels: Mapping[str, str]) -> EngineImage:
        container = self.containers[name]
        image_id = f"sha256:{len(self.calls):064x}"
        draft = f"draft:{len(self.calls)}"
        self._put(draft, container.files, image_id, labels)
        self.breaks("within snapshot")
        self._put(tag, container.files, image_id, labels)
        self.breaks("within snapshot")
        self.images.pop(draft)
        return EngineImage(image_id, (tag,), 1, labels, 2, parent=self.ids.get(container.spec.image, ""))

    def _put(self, name: str, files: frozenset[str], image_id: str, labels: Mapping[str, str]) -> None:
        self.images[name], self.ids[name], self.labels[name] = files, image_id, labels

    def image(self, reference: str) -> EngineImage | None:
        name = next((name for name in self.images if reference in (name, self.ids[name])), None)
        if name is None:
            return None
        return EngineImage(self.ids[name], (name,), 1, self.labels.get(name, {}), 1)

    def tag_image(self, reference: str, name: str) -> None:
        self._put(name, self.images[reference], self.ids[reference], self.labels.get(reference, {}))

    def list_images(self, prefix: str) -> Sequence[EngineImage]:
        return [
            EngineImage(self.ids[name], (name,), 1, self.labels.get(name, {}))
            for name in self.images
            if name.startswith(prefix)
        ]

    @contextlib.contextmanager
    def open_image(self, reference: str) -> Iterator[Any]:
        yield SimpleNamespace(tree=lambda _: contextlib.nullcontext([]), file=lambda *_: None)

    # the registry ---------------------------------------------------------------------------------------
    def push_image(self, reference: str) -> Iterator[str]:
        self.breaks("before push")
        repository, _, tag = reference.removeprefix(f"{ADDRESS}/").rpartition(":")
        digest = self.ids[reference]
        self.registry.images[digest] = (self.images[reference], self.labels[reference])
        self.registry.tags_of[repository, tag] = digest
        self.breaks("after push")
        yield "pushed"

    def pull_image(self, reference: str) -> Iterator[str]:
        repository, _, tag = reference.removeprefix(f"{ADDRESS}/").rpartition(":")
        digest = self.registry.find(repository, tag)
        if digest is None:
            raise EngineError(f"manifest unknown: {reference}", permanent=True)
        files, labels = self.registry.images[digest]
        self._put(reference, files, digest, labels)
        self.breaks("after pull")
        yield "pulled"

    def files_of(self, name: str, image: str) -> frozenset[str]:
        """What a session has: in its container, else in an image here, else in the registry."""
        if self.inspect(name).state is not Observed.ABSENT:
            return self.containers[name].files
        if image in self.images:
            return self.images[image]
        repository, _, tag = image.rpartition(":")
        digest = self.registry.find(repository, tag)
        return self.registry.images[digest][0] if digest else frozenset()
