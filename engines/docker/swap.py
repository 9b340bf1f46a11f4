"""Change a layer under a running session: a short-lived helper among the session's processes moves the mount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.errors import translated
from engines.errors import EngineError
from engines.protocol import LayerMount, Observed

SCRIPT: Final = resources.files(__package__).joinpath("swap.pl").read_text()
TIMEOUT_S: Final = 30
QUESTIONS: Final = 4  # asked at once
NOT_RUNNING: Final = "{} does not run, so no layer can be changed under it."
NEW: Final = "/new"
# What moving mounts in another mount namespace takes; the session itself keeps no capability.
CAPABILITIES: Final = ("SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE")


class Swap:
    def __init__(self, client: Client, containers: Containers, installation: str) -> None:
        self._client = client
        self._containers = containers
        self._installation = installation

    def put(self, name: str, layer: LayerMount, image: str) -> None:
        self._one(name, image, [layer.path, "put"], _binds(layer))

    def take(self, name: str, path: str, image: str) -> None:
        self._one(name, image, [path, "take"], [])

    def put_all(self, names: Sequence[str], layer: LayerMount, image: str) -> Mapping[str, str]:
        """By one helper, which sees the processes of the engine's host; nothing of a session runs in it."""
        with ThreadPoolExecutor(QUESTIONS) as pool:
            first = dict(zip(names, pool.map(self._containers.first_process, names), strict=True))
        running = {process.container_id: name for name, process in first.items() if process}
        told = {name: NOT_RUNNING.format(name) for name in names if name not in running.values()}
        if running:
            sessions = [f"{process.pid}:{process.container_id}" for process in first.values() if process]
            code, said = self._run(image, [layer.path, "put", *sessions], _binds(layer), "host", "change layers")
            if code:
                raise EngineError(f"The engine could not change layers: {said}.", permanent=True)
            answers = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
            told |= {running[each]: answers.get(each, "nothing was said of it") for each in running}
        return {name: "" if answer == "ok" else answer for name, answer in told.items()}

    def _one(self, name: str, image: str, arguments: list[str], binds: list[str]) -> None:
        status = self._containers.inspect(name)
        if status.state is not Observed.RUNNING:
            raise EngineError(NOT_RUNNING.format(name))
        doing = f"change a layer of {name}"
        code, said = self._run(image, arguments, binds, f"container:{status.container_id}", doing)
        if code:
            raise EngineError(f"The engine could not {doing}: {said}.", permanent=True)

    def _run(self, image: str, arguments: list[str], binds: list[str], processes: str, doing: str) -> tuple[int, str]:
        """The helper's status and output; it is gone afterwards."""
        with translated(doing):
            helper = str(self._create(image, arguments, binds, processes)["Id"])
            try:
                self._client.api.start(helper)
                code = int(self._client.api.wait(helper, timeout=TIMEOUT_S)["StatusCode"])
                return code, self._client.api.logs(helper).decode(errors="replace").strip()
            finally:
                self._client.api.remove_container(helper, force=True, v=True)

    def _create(self, image: str, arguments: list[str], binds: list[str], processes: str) -> Any:
        return self._client.raw.create_container_from_config(
            {
                "Image": image,
                "Entrypoint": [],
                "Cmd": ["perl", "-e", SCRIPT, "--", machine_of(self._client), *arguments],
                "Labels": labels.for_helper(self._installation, "swap"),
                "HostConfig": {
                    "PidMode": processes,
                    "NetworkMode": "none",
                    "CapDrop": ["ALL"],
                    "CapAdd": list(CAPABILITIES),
                    "SecurityOpt": ["no-new-privileges", "apparmor=unconfined"],
                    "Binds": binds,
                    "ReadonlyRootfs": True,
                    "Memory": 64 * 1024**2,
                    "PidsLimit": 8,
                },
            }
        )


def machine_of(client: Client) -> str:
    """The engine's architecture in the kernel's word."""
    with translated("say what machine it is on"):
        return client.architecture.replace("amd64", "x86_64").replace("arm64", "aarch64")


def _binds(layer: LayerMount) -> list[str]:
    return [f"{layer.volume}:{NEW}:ro"]
