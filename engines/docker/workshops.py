"""Workshops: containers in which layers are made, and the images of what was made in them."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

from engines.docker import hardening, labels
from engines.docker.client import TIMEOUT_S, Client
from engines.docker.containers import Containers
from engines.docker.errors import Conflict, Missing, translated
from engines.docker.execs import Execs
from engines.docker.hijack import open_stream
from engines.docker.images import lines
from engines.docker.networks import Networks
from engines.errors import EngineError
from engines.protocol import Ended, WorkshopSpec

DRAFT: Final = "vibenv/draft"  # of an image, tagged by the workshop's name, while it is made
LONG_S: Final = 3600  # for what takes as long as the tree is large
OPEN: Final = "open"  # the label's value: a session's container inherits the labels of its image, never this one
FRAME: Final = 8
DELETED: Final = 2
MEASURE_TIMEOUT_S: Final = 60


class Workshops:
    """Of one installation on one engine."""

    def __init__(
        self, client: Client, installation: str, containers: Containers, networks: Networks, execs: Execs
    ) -> None:
        self._client = client
        self._installation = installation
        self._containers = containers
        self._networks = networks
        self._execs = execs

    def open(self, spec: WorkshopSpec) -> DockerWorkshop:
        self.remove(spec.name)
        swap_limit = self._containers.require_seccomp()
        own_labels = {labels.INSTALLATION: self._installation, labels.NAME: spec.name, labels.WORKSHOP: OPEN}
        network = self._networks.ensure(spec.name, own_labels) if spec.network else "none"
        made = DockerWorkshop(self._client, self._execs, spec.name, network, self._networks)
        try:
            made.create(spec, own_labels, swap_limit)
        except BaseException:
            with contextlib.suppress(EngineError):
                made.close()
            raise
        return made

    def list(self) -> Sequence[str]:
        wanted = [f"{labels.INSTALLATION}={self._installation}", f"{labels.WORKSHOP}={OPEN}"]
        with translated("list what is being built"):
            containers = self._client.api.containers(all=True, filters={"label": wanted})
            networks: list[dict[str, Any]] = self._client.api.networks(filters={"label": wanted})
        return sorted({row["Labels"][labels.NAME] for row in [*containers, *networks]})

    def remove(self, name: str) -> None:
        """Whoever is in it loses it. The draft of its image goes, too."""
        wanted = [f"{labels.INSTALLATION}={self._installation}", f"{labels.NAME}={name}", f"{labels.WORKSHOP}={OPEN}"]
        with translated(f"remove {name}"):
            found = self._client.api.containers(all=True, filters={"label": wanted})
        for container in found:
            _remove_container(self._client, container["Id"])
        _remove_draft(self._client, name)
        self._networks.remove_of(name)


class DockerWorkshop:
    """One container. Known by its id: a builder that lost its claim does not close the workshop of the next one."""

    def __init__(self, client: Client, execs: Execs, name: str, network: str, networks: Networks) -> None:
        self._client = client
        self._execs = execs
        self._name = name
        self._network = network
        self._networks = networks
        self._id = ""

    def create(self, spec: WorkshopSpec, own_labels: dict[str, str], swap_limit: bool) -> None:
        asked = hardening.host_config(spec.limits, self._network)
        asked["CapAdd"] = list(spec.capabilities)
        asked["Mounts"] = [hardening.cache_mount(volume, path) for volume, path in spec.caches.items()]
        config = {
            "Image": spec.image,
            "Cmd": list(spec.command),
            "Entrypoint": [],
            "User": "0",
            "Env": [f"{key}={value}" for key, value in spec.environment.items()],
            "WorkingDir": "/",
            "Labels": own_labels,
            "HostConfig": asked,
        }
        with translated(f"make a container of {spec.image} to build in"):
            self._id = str(self._client.raw.create_container_from_config(config, spec.name)["Id"])
            details = dict(self._client.api.inspect_container(self._id))
        hardening.verify(details, asked, swap_limit, workshop=True)

    # fill and run -------------------------------------------------------------------------------------
    def put(self, path: str, tar: IO[bytes]) -> None:
        with translated(f"unpack into {path} of {self._name}"):
            self._client.api.put_archive(self._id, path, tar)  # streams what it can read

    def run(self, tick_s: float) -> Iterator[bytes]:
        path = f"/v{self._client.api.api_version}/containers/{self._id}/attach?stream=1&stdout=1&stderr=1"
        with translated(f"follow {self._name}"):
            sock = open_stream(self._client.address, path, {}, TIMEOUT_S)
        with sock:
            with translated(f"start {self._name}"):
                self._client.api.start(self._id)
            with translated(f"follow {self._name}"):
                yield from _frames(sock, tick_s)

    def ended(self) -> Ended:
        with translated(f"say how {self._name} ended"):
            code = int(self._client.api.wait(self._id, timeout=TIMEOUT_S)["StatusCode"])
            state = self._client.api.inspect_container(self._id)["State"]
        return Ended(code, bool(state.get("OOMKilled")))

    # look ---------------------------------------------------------------------------------------------
    def tree_bytes(self, path: str) -> int:
        result = self._execs.run_in(self._id, self._name, ["du", "-skx", path], MEASURE_TIMEOUT_S)
        first = result.stdout.split(maxsplit=1)[:1]
        if not first or not first[0].isdigit():
            raise EngineError(f"The engine could not measure {path}: {result.stderr.decode(errors='replace').strip()}")
        return int(first[0]) * 1024

    def written_bytes(self) -> int:
        api = self._client.raw
        with translated(f"measure {self._name}"):
            url = api._url("/containers/{0}/json", self._id)
            answer = api._result(api._get(url, params={"size": 1}, timeout=MEASURE_TIMEOUT_S), json=True)
        return int(answer.get("SizeRw") or 0)

    def changes(self) -> Sequence[str]:
        api = self._client.raw
        with translated(f"say what changed in {self._name}"):
            answer = api._get(api._url("/containers/{0}/changes", self._id), timeout=LONG_S)
            found = api._result(answer, json=True) or []
        return sorted(change["Path"] for change in found if change["Kind"] != DELETED)

    # keep ---------------------------------------------------------------------------------------------
    def keep(self, path: str, tag: str, image_labels: Mapping[str, str], check: Callable[[int | None], None]) -> int:
        """By the engine alone: no byte of the tree comes our way."""
        try:
            check(None)
            self._commit({})
            check(None)
            made = self._build(path, image_labels)
            try:
                size = self._size(made)
                check(size)
                self._tag(made, tag)
                return size
            finally:
                _forget_untagged(self._client, made)
        finally:
            _remove_draft(self._client, self._name)

    def keep_all(self, tag: str, image_labels: Mapping[str, str], check: Callable[[int | None], None]) -> int:
        try:
            check(None)
            made = self._commit(self._config(image_labels))
            size = self._size(made)
            check(size)
            self._tag(made, tag)
            return size
        finally:
            _remove_draft(self._client, self._name)

    def _config(self, image_labels: Mapping[str, str]) -> dict[str, Any]:
        """That of the image it started from: the engine fills what is empty from the container, whose labels are emptied."""
        with translated(f"look at what {self._name} started from"):
            container = self._client.api.inspect_container(self._id)
            before: dict[str, Any] = self._client.raw.inspect_image(container["Image"])["Config"]
        emptied = dict.fromkeys((labels.INSTALLATION, labels.NAME, labels.WORKSHOP), "")
        return {
            "Cmd": before.get("Cmd") or ["sh"],
            "Entrypoint": before.get("Entrypoint") or [],
            "Env": before.get("Env") or [],
            "WorkingDir": before.get("WorkingDir") or "/",
            "Labels": {**(before.get("Labels") or {}), **emptied, **image_labels},
        }

    def _commit(self, config: Mapping[str, Any]) -> str:
        api = self._client.raw
        params = {"container": self._id, "repo": DRAFT, "tag": self._name, "pause": 0}
        with translated(f"freeze {self._name}"):
            answer = api._post_json(api._url("/commit"), data=dict(config), params=params, timeout=LONG_S)
            return str(api._result(answer, json=True)["Id"])

    def _build(self, path: str, image_labels: Mapping[str, str]) -> str:
        """The id of an image of one layer. Its labels come first: what a killed engine leaves of it carries them."""
        told = " ".join(f"{key}={json.dumps(value)}" for key, value in image_labels.items())
        copy = json.dumps([path, path])
        text = f"FROM scratch\nLABEL {labels.DRAFT}={self._name} {told}\nCOPY --from={DRAFT}:{self._name} {copy}\n"
        doing = f"make an image of {path} in {self._name}"
        found = ""
        with translated(doing):
            steps = self._client.api.build(
                fileobj=io.BytesIO(text.encode()), nocache=True, rm=True, forcerm=True, decode=True, timeout=LONG_S
            )
            for _ in lines(_seen := _Ids(steps), doing):
                pass
            found = _seen.last
        if not found:
            raise EngineError(f"The engine did not {doing}: it named no image.")
        return found

    def _size(self, image_id: str) -> int:
        with translated(f"measure what was made in {self._name}"):
            return int(self._client.raw.inspect_image(image_id)["Size"])

    def _tag(self, image_id: str, tag: str) -> None:
        repository, _, version = tag.rpartition(":")
        with translated(f"tag {tag}"):
            self._client.api.tag(image_id, repository, version)

    # end ----------------------------------------------------------------------------------------------
    def close(self) -> None:
        """The network stays where somebody removed the container before: it is the next workshop's."""
        ours = not self._id or _remove_container(self._client, self._id)
        if ours and self._network != "none":
            self._networks.remove(self._network)


class _Ids:
    """The steps of a build, with the id of the image that the last of them names."""

    def __init__(self, steps: Any) -> None:
        self._steps = steps
        self.last = ""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for step in self._steps:
            self.last = str((step.get("aux") or {}).get("ID") or self.last)
            yield step


def _frames(sock: socket.socket, tick_s: float) -> Iterator[bytes]:
    """What is in the engine's frames (1 byte stream, 3 zero, 4 length); empty bytes after each silent tick."""
    sock.settimeout(tick_s)
    buffer = b""
    while True:
        try:
            part = sock.recv(1 << 16)
        except TimeoutError:
            yield b""
            continue
        if not part:
            return
        buffer += part
        while len(buffer) >= FRAME:
            end = FRAME + struct.unpack(">xxxxL", buffer[:FRAME])[0]
            if len(buffer) < end:
                break
            yield buffer[FRAME:end]
            buffer = buffer[end:]


def _remove_container(client: Client, container_id: str) -> bool:
    """False where it was gone or going."""
    try:
        with translated(f"remove {container_id[:12]}"):
            client.raw.remove_container(container_id, v=True, force=True)
    except Missing:
        return False
    except Conflict as conflict:
        if "already in progress" not in conflict.explanation:
            raise
        return False
    return True


def _remove_draft(client: Client, name: str) -> None:
    with contextlib.suppress(Missing), translated(f"remove what {name} left"):
        client.api.remove_image(f"{DRAFT}:{name}", force=True)


def _forget_untagged(client: Client, image_id: str) -> None:
    """An image that got no tag goes. One that has some stays: the engine refuses or takes away nothing but the id."""
    with contextlib.suppress(EngineError), translated("remove an image without name"):
        if not client.raw.inspect_image(image_id)["RepoTags"]:
            client.api.remove_image(image_id)
