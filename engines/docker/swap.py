"""Change a layer under a running session: a short-lived helper among the session's processes moves the mount."""

from __future__ import annotations

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
NEW: Final = "/new"
# What moving mounts in another mount namespace takes; the session itself keeps no capability.
CAPABILITIES: Final = ("SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE")


class Swap:
    def __init__(self, client: Client, containers: Containers, installation: str) -> None:
        self._client = client
        self._containers = containers
        self._installation = installation

    def put(self, name: str, layer: LayerMount, image: str) -> None:
        self._run(name, image, [layer.path, "put"], [f"{layer.volume}:{NEW}:ro"])

    def take(self, name: str, path: str, image: str) -> None:
        self._run(name, image, [path, "take"], [])

    def _run(self, name: str, image: str, arguments: list[str], binds: list[str]) -> None:
        status = self._containers.inspect(name)
        if status.state is not Observed.RUNNING:
            raise EngineError(f"{name} does not run, so no layer can be changed under it.")
        doing = f"change a layer of {name}"
        with translated(doing):
            helper = str(self._create(status.container_id, image, arguments, binds)["Id"])
            try:
                self._client.api.start(helper)
                code = self._client.api.wait(helper, timeout=TIMEOUT_S)["StatusCode"]
                said = self._client.api.logs(helper).decode(errors="replace").strip()
            finally:
                self._client.api.remove_container(helper, force=True, v=True)
        if code:
            raise EngineError(f"The engine could not {doing}: {said}.", permanent=True)

    def _create(self, session: str, image: str, arguments: list[str], binds: list[str]) -> Any:
        return self._client.raw.create_container_from_config(
            {
                "Image": image,
                "Entrypoint": [],
                "Cmd": ["perl", "-e", SCRIPT, "--", self._machine(), *arguments],
                "Labels": {labels.INSTALLATION: self._installation, labels.HELPER: "swap"},
                "HostConfig": {
                    "PidMode": f"container:{session}",
                    "NetworkMode": "none",
                    "CapDrop": ["ALL"],
                    "CapAdd": list(CAPABILITIES),
                    "SecurityOpt": ["no-new-privileges", "apparmor=unconfined"],
                    "Binds": binds,
                    "Memory": 64 * 1024**2,
                    "PidsLimit": 8,
                },
            }
        )

    def _machine(self) -> str:
        return str(self._client.api.version()["Arch"]).replace("amd64", "x86_64").replace("arm64", "aarch64")
