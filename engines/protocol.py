"""What vibenv asks of a container engine: the `Engine` protocol and the values that cross it.

Verbs are idempotent on deterministic names: "exists" is adopted when the labels are ours, "gone" is success for
`stop` and `destroy`, and every other failure raises `EngineError`; a failure never reads as "gone".
All calls block; asynchronous callers run them in a thread.
"""

from __future__ import annotations

import enum
import socket
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, Protocol


class Observed(enum.StrEnum):
    """What the engine says of a container."""

    ABSENT = "absent"
    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one session. `cpus` in cores, memory and log in bytes, `pids` counts tasks."""

    memory_bytes: int = 2 * 1024**3
    cpus: float = 2.0
    pids: int = 512
    log_bytes: int = 1024**2


@dataclass(frozen=True, slots=True)
class LayerMount:
    """A layer in a session: a volume named by its content, seen read-only at `path`."""

    volume: str
    path: str


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """Everything needed to make a session's container; nothing secret may be in it."""

    name: str  # container name, `vibenv-<slug>`
    session_id: str
    image: str
    hostname: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/workspace"
    limits: Limits = Limits()
    layers: Sequence[LayerMount] = ()
    made_of: str = ""  # the caller's word for what its image consists of; kept with the container
    anonymous: bool = False  # its command waits, at each start, until `bind` gave it a name


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """One container of ours as the engine sees it. `session_id` comes from its label.

    `image`, `layers`, `made_of` and `anonymous` are what it was made with, of one that was asked for by itself.
    """

    name: str
    session_id: str
    state: Observed
    container_id: str = ""
    exit_code: int | None = None
    oom_killed: bool = False
    image: str = ""
    layers: tuple[LayerMount, ...] = ()
    made_of: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class ExecResult:
    """A finished command: a non-zero `exit_code` is data, not an error."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class RunningCommand(Protocol):
    """A command in a container, for one task of an event loop. Its verbs raise `EngineError` when the connection breaks."""

    async def read(self) -> tuple[int, bytes] | None:
        """Output as it comes, with its stream (1 or 2); None at the end."""

    async def write(self, data: bytes) -> None:
        """Give it input. Raises `OSError` when it reads no more."""

    def end_input(self) -> None: ...

    async def exit_code(self) -> int:
        """Of one whose output has ended."""

    async def kill(self) -> None:
        """End it with all that it started."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """An interactive TTY exec. `sock` carries raw bytes both ways and belongs to the caller."""

    exec_id: str
    sock: socket.socket


@dataclass(frozen=True, slots=True)
class Process:
    """A process inside a container: `pid` as the engine's host counts."""

    pid: int
    command: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container uses. `cpu_seconds` counts from its start, memory without what the kernel could drop at once."""

    cpu_seconds: float
    memory_bytes: int
    pids: int


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Who answers at an engine's address. Memory in bytes."""

    version: str
    kernel: str
    cpus: int
    memory_bytes: int
    seccomp: bool
    cgroup_version: str
    containers_running: int


@dataclass(frozen=True, slots=True)
class EngineImage:
    """An image on the engine. `references` are its names; `size_bytes` counts layers that others share, too.

    `layers` and `parent` (the id of the image that it was committed above) are of one that was asked for by itself.
    """

    id: str
    references: Sequence[str]
    size_bytes: int
    labels: Mapping[str, str]
    layers: int = 0
    parent: str = ""
    created_at: float = 0.0  # in seconds of the epoch; of one in a list


@dataclass(frozen=True, slots=True)
class Capacity:
    """The room on an engine's host. `memory_free_bytes` is what could be taken without swapping; None: not known."""

    memory_bytes: int
    memory_free_bytes: int | None
    cpus: int


class ImageReader(Protocol):
    """The files of an image. What is not there is an empty tree, or None."""

    def tree(self, path: str) -> AbstractContextManager[tarfile.TarFile]:
        """A stream of all at and below `path`, to be read once; names begin with the last part of it."""

    def file(self, path: str, limit_bytes: int) -> bytes | None:
        """The beginning of a regular file."""


@dataclass(frozen=True, slots=True)
class InUse:
    """What the containers of an engine hold, whoever made them: ids and names of images, names of volumes."""

    images: frozenset[str]
    volumes: frozenset[str]


BelongingKind = Literal["session", "workshop", "helper", "network", "draft", "snapshot draft"]


@dataclass(frozen=True, slots=True)
class Belonging:
    """Something on the engine that was made for this installation: a container, a network, an image that has no name yet.

    `owner` is the session's id or the workshop's name that it was made for. `held` says of what has neither whether the
    process that made it lives; None: not known. `created_at` in seconds of the epoch.
    """

    kind: BelongingKind
    id: str
    name: str
    created_at: float
    size_bytes: int | None
    owner: str = ""
    held: bool | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an implementation can do; callers ask this rather than its type."""

    keeps_layer_on_stop: bool
    pause: bool
    snapshot: bool
    live_update: bool


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """A container of ours changed: `action` is the engine's word (`start`, `die`, `destroy`, `oom`)."""

    action: str
    name: str
    session_id: str


@dataclass(frozen=True, slots=True)
class WorkshopSpec:
    """A container in which a layer is made: held as a session is, and gone afterwards.

    `caches` are paths by the name of a volume that is written to. Without `network` there is none at all.
    `capabilities` are what a session has none of; installing packages takes some.
    """

    name: str
    image: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    caches: Mapping[str, str] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    network: bool = True
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a workshop's command ended."""

    exit_code: int
    oom_killed: bool


class Workshop(Protocol):
    """One that was made. It is filled, run once, looked at, kept in part, and closed on every path."""

    def put(self, path: str, tar: IO[bytes]) -> None:
        """Unpack a tar file, compressed or not, at a directory that exists; before the run."""

    def run(self, tick_s: float) -> Iterator[bytes]:
        """Start it and yield its output as it comes, nothing (`b""`) after each silent tick, until it has ended."""

    def ended(self) -> Ended: ...

    def tree_bytes(self, path: str) -> int:
        """What a tree takes on the disk, while it runs."""

    def written_bytes(self) -> int:
        """What it has written in all, caches not counted."""

    def changes(self) -> Sequence[str]:
        """The paths that were added or changed, each directory before what is in it; not what was removed."""

    def keep(self, path: str, tag: str, labels: Mapping[str, str], check: Callable[[int | None], None]) -> int:
        """Make an image of the tree at `path` alone, and at that path; returns its size in bytes.

        The tag appears last. `check` is called between the steps, and before the tag with the size: when it raises,
        there is no tag.
        """

    def keep_all(self, tag: str, labels: Mapping[str, str], check: Callable[[int | None], None]) -> int:
        """Make an image of all of it: what it started from and one layer more, configured as what it started from.

        Returns the size of the image in bytes. Otherwise like `keep`.
        """

    def close(self) -> None:
        """End and remove it, with all that it left on the engine but what was kept."""


class Engine(Protocol):
    """One place where sessions run. `name` is its name in vibenv (`local`)."""

    name: str

    def reach(self) -> None:
        """Raise `EngineUnreachable` when nothing listens at its address. Asks nothing: a slow engine passes, in a moment."""

    def info(self) -> EngineInfo:
        """Ask the engine who it is. Raises `EngineUnreachable` when nothing answers."""

    def capabilities(self) -> Capabilities: ...

    def capacity(self) -> Capacity:
        """How much room there is now; at most about a second old."""

    def sizes(self) -> Mapping[str, int]:
        """By the name of each session's container, what it wrote, in bytes. Slow, so up to half a minute old."""

    # images -------------------------------------------------------------------------------------------
    def has_image(self, reference: str) -> bool: ...

    def pull_image(self, reference: str) -> Iterator[str]:
        """Pull; yields progress lines. Raises `EngineError` when it cannot be had."""

    def build_image(self, dockerfile: str, tag: str, labels: Mapping[str, str]) -> Iterator[str]:
        """Build from a Dockerfile with no context; yields log lines; tags only a finished build."""

    def import_image(self, tar: IO[bytes], tag: str, changes: Sequence[str], labels: Mapping[str, str]) -> str:
        """Make an image of a root file system's tar stream; returns its id."""

    def image(self, reference: str) -> EngineImage | None:
        """One image by name or id; None when the engine positively says that it has none."""

    def list_images(self, prefix: str) -> Sequence[EngineImage]:
        """All with a name that begins so; `references` are those names alone."""

    def open_image(self, reference: str) -> AbstractContextManager[ImageReader]:
        """Read files of an image, without starting it."""

    def snapshot(self, name: str, tag: str, labels: Mapping[str, str]) -> EngineImage:
        """Freeze a session's container, whatever its state, into an image: what it was made from, and one layer more.

        Configured as what it was made from, not as the session was. The tag appears last.
        """

    def tag_image(self, reference: str, name: str) -> None:
        """Give an image another name, which another image loses."""

    def push_image(self, reference: str) -> Iterator[str]:
        """Push to the registry in its name; yields progress lines. What is there already is not sent."""

    def remove_image(self, reference: str) -> None:
        """Take a name from an image, and remove it with its last; already gone is success.

        Raises `EngineError` while a container was made from it.
        """

    def in_use(self) -> InUse:
        """What containers in any state hold. Those that only keep a layer's volume do not count."""

    # layers -------------------------------------------------------------------------------------------
    def ensure_layer(self, layer: LayerMount, image: str) -> None:
        """Have the volume hold the image's tree at `path`. Copies it the first time only; a half-made copy is made anew."""

    def remove_layer(self, volume: str) -> None:
        """Remove a volume; already gone is success. Raises `EngineError` while a container names it."""

    def list_layers(self) -> Sequence[str]:
        """The volumes of all layers on the engine, half-made ones included."""

    def swap_layer(self, name: str, layer: LayerMount, helper_image: str) -> None:
        """Put another volume at a path of a *running* session, at once and without touching its processes.

        Nothing need be mounted there before. The helper's image needs perl.
        """

    def swap_layers(self, names: Sequence[str], layer: LayerMount, helper_image: str) -> Mapping[str, str]:
        """The same in many sessions at once; by name, what is wrong, or nothing.

        Raises `EngineError` where it can be done for none of them; one by one it may still work.
        """

    def take_layer(self, name: str, path: str, helper_image: str) -> None:
        """Take away what is mounted at a path of a *running* session; nothing there is success."""

    # workshops ----------------------------------------------------------------------------------------
    def open_workshop(self, spec: WorkshopSpec) -> Workshop:
        """Make one, in the place of what a killed process left under its name."""

    def list_workshops(self) -> Sequence[str]:
        """The names of all of this installation, closed ones excepted."""

    def remove_workshop(self, name: str) -> None:
        """Remove one that nobody is in; already gone is success."""

    # sessions -----------------------------------------------------------------------------------------
    def ensure_guard(self, image: str) -> None:
        """Put the packet filter in force that keeps sessions from host, metadata and each other."""

    def create(self, spec: SessionSpec) -> ContainerStatus:
        """Ensure network and container exist, and that the security fields asked for are in force.

        Raises `NameTaken` when the name belongs to somebody else, `EngineError` when a field is not in force
        (the container is removed then: an unprotected session is never started).
        """

    def start(self, name: str) -> None:
        """Start a created or exited container, let a paused one go on; a running one is left as it is."""

    def pause(self, name: str) -> None:
        """Freeze the processes of a running container where they are; a paused one is left as it is.

        Raises `EngineError` where it does not run.
        """

    def stop(self, name: str, timeout_s: int = 5) -> None:
        """Stop, keeping the container's own layer; gone or stopped already is success."""

    def destroy(self, name: str, session_id: str = "") -> None:
        """Remove container, anonymous volumes and network; already gone is success.

        `session_id` finds the network of one that had another name when it was made, and is gone already.
        """

    def rename(self, name: str, new_name: str) -> ContainerStatus:
        """Give a container another name; done already is success. Raises `NameTaken`, `EngineError` for an unsafe one."""

    def bind(self, name: str, hostname: str, helper_image: str) -> None:
        """Give an anonymous container that *runs* its host name, and let its command start, which has it as `VIBENV_SESSION`.

        Wanted after each of its starts; once more is harmless. The helper's image needs perl.
        """

    def ready_to_bind(self, helper_image: str) -> None:
        """Have what `bind` needs be there, so that it takes milliseconds."""

    def never_binds(self) -> None:
        """Remove what `ready_to_bind` had be there. A later `bind` still works."""

    def inspect(self, name: str) -> ContainerStatus:
        """Observe one container; `ABSENT` when the engine positively says it does not exist."""

    def list(self) -> Sequence[ContainerStatus]:
        """All session containers of this installation, in any state."""

    def events(self) -> Iterator[EngineEvent]:
        """Live changes to our session containers, until the connection ends."""

    def processes(self, name: str) -> Sequence[Process]: ...

    def usage(self, name: str) -> Usage:
        """What a session uses just now; zeros of one that does not run. An engine may take a second to say so.

        Raises `EngineError` for one that does not exist.
        """

    def usages(self, names: Sequence[str]) -> Mapping[str, Usage]:
        """The same of many in the time of a few; only of those that run, or are paused."""

    def logs(self, name: str, tail: int = 50) -> str:
        """What the main process printed; for failure reports."""

    def read_file(self, name: str, path: str, limit_bytes: int = 65536) -> bytes | None:
        """A small file of a container in any state; None where it does not exist."""

    def put_files(self, name: str, directory: str, files: Mapping[str, Path]) -> None:
        """Copy files of this machine into `directory` of a container in any state, under the names that are their keys.

        They belong to the container's root and can be read by everybody in it; what bears such a name is replaced, but
        for a directory, which is an error. Raises `OSError` where one cannot be read here.
        """

    def exec(self, name: str, argv: Sequence[str], timeout_s: float = 30, stdin: bytes = b"") -> ExecResult:
        """To its end. `stdin` is for little: it is written whole before anything is read."""

    def begin(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str], *, takes_input: bool = False
    ) -> RunningCommand:
        """Run `argv` with these variables besides the container's own, to be read as it goes on."""

    def attach(self, name: str, argv: Sequence[str], rows: int, cols: int) -> Attachment:
        """Run `argv` on a TTY of that size in the container and return the raw stream."""

    def resize(self, exec_id: str, rows: int, cols: int) -> None:
        """Resize an attachment's TTY; one that has ended is ignored."""

    def belongings(self, *, sizes: bool = False) -> Sequence[Belonging]:
        """All that is on the engine for this installation alone, but for the packet filter and what images are named.

        A draft is listed before its workshop is looked for, and a container before its network.
        """

    def remove_belonging(self, what: Belonging) -> None:
        """Remove just this one, whatever bears its name by now; already gone is success.

        Raises `EngineError` for a network that something is connected to.
        """

    def run_service(self, name: str, image: str, port: int) -> None:
        """Have a container of that name run, with a port of its own published at the same one of the engine's loopback.

        One that is there is started as it is. It comes back when the engine does.
        """

    def close(self) -> None:
        """Give back connections."""
