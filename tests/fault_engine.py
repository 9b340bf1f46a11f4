"""A double of an engine that keeps containers, images and volumes in memory, and breaks where a test wants it to.

Used only for what cannot be had of a real engine: to fail, or to take the worker with it, at each single call.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engines.errors import EngineError
from engines.protocol import Capacity, ContainerStatus, EngineImage, LayerMount, Observed, Process, SessionSpec, Usage

CHANGING = {
    "create",
    "start",
    "pause",
    "stop",
    "destroy",
    "snapshot",
    "tag_image",
    "remove_image",
    "ensure_layer",
    "rename",
    "bind",
}


class Killed(BaseException):
    """The worker died."""


@dataclass
class Container:
    spec: SessionSpec
    id: str
    files: frozenset[str]
    state: Observed = Observed.CREATED
    now: dict[str, str] = field(default_factory=dict)  # volume by path, as swapped
    bound: str = ""


class FaultEngine:
    """`breaks` is asked before and after each call that changes something, and may raise."""

    name = "local"

    def __init__(self, *images: str) -> None:
        self.images: dict[str, frozenset[str]] = {image: frozenset() for image in images}
        self.containers: dict[str, Container] = {}
        self.volumes: set[str] = set()
        self.uses: dict[str, Usage] = {}
        self.runs: dict[str, tuple[str, ...]] = {}  # commands by container
        self.calls: list[str] = []
        self.free_bytes: int | None = None
        self.refuses = ""  # why no layer can be changed under a running session
        self.breaks: Callable[[str], None] = lambda moment: None
        self._ids = itertools.count(1)

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name not in CHANGING:
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            self.breaks(f"before {name}")
            answer = found(*arguments, **named)
            self.breaks(f"after {name}")
            return answer

        return call

    # containers -----------------------------------------------------------------------------------------
    def create(self, spec: SessionSpec) -> ContainerStatus:
        if spec.name not in self.containers:
            if spec.image not in self.images:
                raise EngineError(f"No such image: {spec.image}", permanent=True)
            made = Container(spec, f"{next(self._ids):064x}", self.images[spec.image])
            self.containers[spec.name] = made
        return self.inspect(spec.name)

    def inspect(self, name: str) -> ContainerStatus:
        found = self.containers.get(name)
        if found is None:
            return ContainerStatus(name, "", Observed.ABSENT)
        spec = found.spec
        return ContainerStatus(
            name, spec.session_id, found.state, found.id, image=spec.image, layers=tuple(spec.layers),
            made_of=spec.made_of, anonymous=spec.anonymous,
        )  # fmt: skip

    def list(self) -> Sequence[ContainerStatus]:
        return [self.inspect(name) for name in self.containers]

    def start(self, name: str) -> None:
        found = self.containers[name]
        found.state = Observed.RUNNING
        found.now = {layer.path: layer.volume for layer in found.spec.layers}

    def pause(self, name: str) -> None:
        assert self.containers[name].state in {Observed.RUNNING, Observed.PAUSED}
        self.containers[name].state = Observed.PAUSED

    def stop(self, name: str, timeout_s: int = 5) -> None:
        if name in self.containers:
            self.containers[name].state = Observed.EXITED

    def destroy(self, name: str, session_id: str = "") -> None:
        self.containers.pop(name, None)

    def rename(self, name: str, new_name: str) -> ContainerStatus:
        if name in self.containers:
            self.containers[new_name] = self.containers.pop(name)
        elif new_name not in self.containers:
            raise EngineError(f"No such container: {name}")
        return self.inspect(new_name)

    def bind(self, name: str, hostname: str, helper_image: str) -> None:
        assert self.containers[name].state == Observed.RUNNING
        self.containers[name].bound = hostname

    def usage(self, name: str) -> Usage:
        return self.uses.get(name, Usage(0.0, 0, 3))

    def processes(self, name: str) -> Sequence[Process]:
        return [Process(at, command) for at, command in enumerate(self.runs.get(name, ()), 100)]

    def usages(self, names: Sequence[str]) -> Mapping[str, Usage]:
        alive = {Observed.RUNNING, Observed.PAUSED}
        return {name: self.usage(name) for name in names if self.inspect(name).state in alive}

    def write(self, name: str, file: str) -> None:
        self.containers[name].files |= {file}

    # images ---------------------------------------------------------------------------------------------
    def snapshot(self, name: str, tag: str, labels: Mapping[str, str]) -> EngineImage:
        self.images[tag] = self.containers[name].files
        return EngineImage(f"sha256:{tag}", (tag,), 1, labels, 2)

    def has_image(self, reference: str) -> bool:
        return reference in self.images

    def image(self, reference: str) -> EngineImage | None:
        return EngineImage(f"sha256:{reference}", (reference,), 1, {}, 1) if reference in self.images else None

    def tag_image(self, reference: str, name: str) -> None:
        self.images[name] = self.images[reference]

    def remove_image(self, reference: str) -> None:
        if any(each.spec.image == reference for each in self.containers.values()):
            raise EngineError(f"{reference} is in use")
        self.images.pop(reference, None)

    def list_images(self, prefix: str) -> Sequence[EngineImage]:
        return [EngineImage(name, (name,), 1, {}) for name in self.images if name.startswith(prefix)]

    # layers ---------------------------------------------------------------------------------------------
    def ensure_layer(self, layer: LayerMount, image: str) -> None:
        if image not in self.images:
            raise EngineError(f"No such image: {image}", permanent=True)
        self.volumes.add(layer.volume)

    def swap_layer(self, name: str, layer: LayerMount, helper_image: str) -> None:
        self.calls.append("swap_layer")
        if self.refuses:
            raise EngineError(self.refuses, permanent=True)
        assert layer.volume in self.volumes, "an empty volume would be mounted"
        self.containers[name].now[layer.path] = layer.volume

    def take_layer(self, name: str, path: str, helper_image: str) -> None:
        self.containers[name].now.pop(path, None)

    def capacity(self) -> Capacity:
        return Capacity(8 * 1024**3, self.free_bytes, 2)

    # nothing of it matters here ---------------------------------------------------------------------------
    def ensure_guard(self, image: str) -> None: ...

    def reach(self) -> None: ...

    def ready_to_bind(self, helper_image: str) -> None: ...

    def never_binds(self) -> None:
        self.calls.append("never_binds")

    def close(self) -> None: ...

    def remove_workshop(self, name: str) -> None: ...

    def put_files(self, name: str, directory: str, files: Mapping[str, object]) -> None: ...

    def read_file(self, name: str, path: str, limit_bytes: int = 0) -> bytes | None:
        return None

    def logs(self, name: str, tail: int = 50) -> str:
        return ""


def on_other_layers(engine: FaultEngine) -> Callable[..., Any]:
    """In the place of `rebase.rebased`: the same files under another name."""
    from sessions import rebase

    def rebased(session: Any, commit: str, old: Any, new: Any) -> rebase.Rebased:
        made = rebase.tag_of(session, f"{new.base.digest[:4]}-{len(engine.calls)}")
        engine.tag_image(commit, made)
        return rebase.Rebased(made)

    return rebased
