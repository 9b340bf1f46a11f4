"""`DockerEngine`: the parts of this package put together as an `engines.protocol.Engine`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from engines.address import EngineAddress
from engines.docker.belongings import Belongings
from engines.docker.binder import Binder
from engines.docker.capacity import Room
from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.dial import dial
from engines.docker.errors import translated
from engines.docker.events import Events
from engines.docker.execs import Execs
from engines.docker.files import put_files, read_file
from engines.docker.guard import Guard
from engines.docker.images import Images
from engines.docker.networks import Networks
from engines.docker.running import DockerCommand
from engines.docker.services import run_service
from engines.docker.snapshots import Snapshots
from engines.docker.swap import Swap
from engines.docker.trees import Trees
from engines.docker.volumes import Volumes
from engines.docker.workshops import DockerWorkshop, Workshops
from engines.protocol import (
    Attachment,
    Belonging,
    Capabilities,
    Capacity,
    ContainerStatus,
    EngineEvent,
    EngineImage,
    EngineInfo,
    ExecResult,
    ImageReader,
    InUse,
    LayerMount,
    Process,
    SessionSpec,
    Usage,
    WorkshopSpec,
)

REACH_TIMEOUT_S = 1.0


class DockerEngine:
    """One Docker engine as one installation sees it. `installation` is its id; safe to share between threads.

    `network_guard` False leaves the packet filter alone: sessions then reach what the engine's host reaches.
    """

    name = "local"

    def __init__(self, address: EngineAddress, installation: str, *, network_guard: bool = True) -> None:
        self.address = address
        self._client = Client(address)
        self._images = Images(self._client)
        networks = Networks(self._client, installation)
        self._containers = Containers(self._client, installation, networks)
        self._execs = Execs(self._client, self._containers)
        self._workshops = Workshops(self._client, installation, self._containers, networks, self._execs)
        self._volumes = Volumes(self._client)
        self._swap = Swap(self._client, self._containers, installation)
        self._trees = Trees(self._client, installation)
        self._snapshots = Snapshots(self._client, installation, self._containers, self._images)
        self._belongings = Belongings(self._client, installation)
        self._binder = Binder(self._client, self._containers, self._execs, installation)
        self._events = Events(self._client, installation)
        self._guard = Guard(self._client, installation, self._execs) if network_guard else None
        self._room = Room(self._client, installation, self._execs, self._guard.name if self._guard else None)

    def reach(self) -> None:
        with translated("be reached"):
            dial(self.address, REACH_TIMEOUT_S).close()

    def info(self) -> EngineInfo:
        with translated("say who it is"):
            answer = self._client.api.info()
        return EngineInfo(
            version=str(answer["ServerVersion"]),
            kernel=str(answer["KernelVersion"]),
            cpus=int(answer["NCPU"]),
            memory_bytes=int(answer["MemTotal"]),
            seccomp=any(o.startswith("name=seccomp") for o in answer.get("SecurityOptions") or []),
            cgroup_version=str(answer.get("CgroupVersion", "1")),
            containers_running=int(answer["ContainersRunning"]),
        )

    def capabilities(self) -> Capabilities:
        return Capabilities(keeps_layer_on_stop=True, pause=True, snapshot=True, live_update=True)

    def capacity(self) -> Capacity:
        return self._room.capacity()

    def sizes(self) -> Mapping[str, int]:
        return self._room.sizes()

    # images -------------------------------------------------------------------------------------------
    def has_image(self, reference: str) -> bool:
        return self._images.has(reference)

    def pull_image(self, reference: str) -> Iterator[str]:
        return self._images.pull(reference)

    def build_image(self, dockerfile: str, tag: str, labels: Mapping[str, str]) -> Iterator[str]:
        return self._images.build(dockerfile, tag, labels)

    def import_image(self, tar: IO[bytes], tag: str, changes: Sequence[str], labels: Mapping[str, str]) -> str:
        return self._images.load_tree(tar, tag, changes, labels)

    def image(self, reference: str) -> EngineImage | None:
        return self._images.find(reference)

    def list_images(self, prefix: str) -> Sequence[EngineImage]:
        return self._images.list(prefix)

    def open_image(self, reference: str) -> AbstractContextManager[ImageReader]:
        return self._trees.open(reference)

    def snapshot(self, name: str, tag: str, labels: Mapping[str, str]) -> EngineImage:
        return self._snapshots.take(name, tag, labels)

    def tag_image(self, reference: str, name: str) -> None:
        self._images.tag(reference, name)

    def push_image(self, reference: str) -> Iterator[str]:
        return self._images.push(reference)

    def remove_image(self, reference: str) -> None:
        self._images.remove(reference)

    def in_use(self) -> InUse:
        return self._images.in_use()

    # layers -------------------------------------------------------------------------------------------
    def ensure_layer(self, layer: LayerMount, image: str) -> None:
        self._volumes.ensure(layer, image)

    def remove_layer(self, volume: str) -> None:
        self._volumes.remove(volume)

    def list_layers(self) -> Sequence[str]:
        return self._volumes.list()

    def swap_layer(self, name: str, layer: LayerMount, helper_image: str) -> None:
        self._swap.put(name, layer, helper_image)

    def swap_layers(self, names: Sequence[str], layer: LayerMount, helper_image: str) -> Mapping[str, str]:
        return self._swap.put_all(names, layer, helper_image)

    def take_layer(self, name: str, path: str, helper_image: str) -> None:
        self._swap.take(name, path, helper_image)

    # workshops ----------------------------------------------------------------------------------------
    def open_workshop(self, spec: WorkshopSpec) -> DockerWorkshop:
        return self._workshops.open(spec)

    def list_workshops(self) -> Sequence[str]:
        return self._workshops.list()

    def remove_workshop(self, name: str) -> None:
        self._workshops.remove(name)

    # sessions -----------------------------------------------------------------------------------------
    def ensure_guard(self, image: str) -> None:
        self._containers.stale.helper_image = image
        if self._guard:
            self._guard.ensure(image)

    def create(self, spec: SessionSpec) -> ContainerStatus:
        return self._containers.create(spec)

    def start(self, name: str) -> None:
        self._containers.start(name)

    def pause(self, name: str) -> None:
        self._containers.pause(name)

    def stop(self, name: str, timeout_s: int = 5) -> None:
        self._containers.stop(name, timeout_s)

    def destroy(self, name: str, session_id: str = "") -> None:
        self._containers.destroy(name, session_id)

    def rename(self, name: str, new_name: str) -> ContainerStatus:
        return self._containers.rename(name, new_name)

    def bind(self, name: str, hostname: str, helper_image: str) -> None:
        self._binder.bind(name, hostname, helper_image)

    def ready_to_bind(self, helper_image: str) -> None:
        self._binder.ready(helper_image)

    def never_binds(self) -> None:
        self._binder.remove()

    def inspect(self, name: str) -> ContainerStatus:
        return self._containers.inspect(name)

    def list(self) -> Sequence[ContainerStatus]:
        return self._containers.list()

    def events(self) -> Iterator[EngineEvent]:
        return self._events.follow()

    def processes(self, name: str) -> Sequence[Process]:
        return self._containers.processes(name)

    def usage(self, name: str) -> Usage:
        return self._containers.usage(name)

    def usages(self, names: Sequence[str]) -> Mapping[str, Usage]:
        return self._containers.usages(names)

    def logs(self, name: str, tail: int = 50) -> str:
        return self._containers.logs(name, tail)

    def read_file(self, name: str, path: str, limit_bytes: int = 65536) -> bytes | None:
        return read_file(self._client, self._containers, name, path, limit_bytes)

    def put_files(self, name: str, directory: str, files: Mapping[str, Path]) -> None:
        put_files(self._client, self._containers, name, directory, files)

    def exec(self, name: str, argv: Sequence[str], timeout_s: float = 30, stdin: bytes = b"") -> ExecResult:
        return self._execs.run(name, argv, timeout_s, stdin)

    def begin(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str], *, takes_input: bool = False
    ) -> DockerCommand:
        return self._execs.begin(name, argv, environment, takes_input=takes_input)

    def attach(self, name: str, argv: Sequence[str], rows: int, cols: int) -> Attachment:
        return self._execs.attach(name, argv, rows, cols)

    def resize(self, exec_id: str, rows: int, cols: int) -> None:
        self._execs.resize(exec_id, rows, cols)

    def belongings(self, *, sizes: bool = False) -> Sequence[Belonging]:
        return self._belongings.list(sizes)

    def remove_belonging(self, what: Belonging) -> None:
        self._belongings.remove(what)

    def run_service(self, name: str, image: str, port: int) -> None:
        run_service(self._client, name, image, port)

    def close(self) -> None:
        self._events.close()
        self._binder.close()
        self._client.close()
