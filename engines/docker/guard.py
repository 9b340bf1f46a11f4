"""The guard: a small container on the host's network that keeps the packet filter of `guard_rules` in force."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.docker.execs import Execs
from engines.docker.guard_rules import FOREVER, ONCE
from engines.errors import EngineError, NameTaken
from engines.protocol import ExecResult

TRUST_S: Final = 5.0  # a guard seen running is not looked at again for so long
APPLY_TIMEOUT_S: Final = 60.0
TRIES: Final = 3
HOST_CONFIG: Final[dict[str, Any]] = {
    "Init": True,
    "NetworkMode": "host",
    "CapDrop": ["ALL"],
    "CapAdd": ["NET_ADMIN"],
    "SecurityOpt": ["no-new-privileges"],
    "RestartPolicy": {"Name": "unless-stopped"},
    "Memory": 64 * 1024**2,
    "PidsLimit": 32,
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "256k", "max-file": "1"}},
}


class Guard:
    """`ensure` costs nothing while a guard was seen in the last seconds, one inspect later, a start the first time."""

    def __init__(self, client: Client, installation: str, execs: Execs) -> None:
        self._client = client
        self._installation = installation
        self._execs = execs
        self._lock = threading.Lock()
        self._seen_at = 0.0
        self._applied = ""  # the run of the container in which the rules were applied once in the foreground

    @property
    def name(self) -> str:
        return f"vibenv-guard-{self._installation[:8]}"

    def ensure(self, image: str) -> None:
        """Return once the rules are in force. Raises a permanent `EngineError` where the image has no iptables."""
        if time.monotonic() - self._seen_at < TRUST_S:
            return
        with self._lock:
            if time.monotonic() - self._seen_at < TRUST_S:
                return
            container_id, run = self._running(image, _version(image))
            if run != self._applied:
                self._apply(container_id)
                self._applied = run
            self._seen_at = time.monotonic()

    def _running(self, image: str, version: str) -> tuple[str, str]:
        """A running guard of that version: its id, and a value that changes with each start of it."""
        for _ in range(TRIES):
            try:
                with translated("look at the network guard"):
                    details = self._client.api.inspect_container(self.name)
            except Missing:
                self._create(image, version)
                continue
            self._require_ours(details)
            if details["Config"]["Labels"][labels.GUARD] != version:
                self._remove(details["Id"])
            elif not details["State"]["Running"]:
                self._start(details["Id"])
            else:
                return details["Id"], f"{details['Id']} {details['State']['StartedAt']}"
        raise EngineError(f"The network guard {self.name} does not stay up. Look at `docker logs {self.name}`.")

    def _require_ours(self, details: dict[str, Any]) -> None:
        own = details["Config"]["Labels"] or {}
        if own.get(labels.INSTALLATION) != self._installation or labels.GUARD not in own:
            raise NameTaken(f"A container named {self.name} exists and is not our network guard. Remove it.")

    def _create(self, image: str, version: str) -> None:
        config = {
            "Image": image,
            "Entrypoint": [],
            "Cmd": ["sh", "-c", FOREVER],
            "Labels": {labels.INSTALLATION: self._installation, labels.GUARD: version},
            "HostConfig": HOST_CONFIG,
        }
        try:
            with translated("make the network guard"):
                answer = self._client.raw.create_container_from_config(config, self.name)
        except Conflict:
            return  # another process was first; the next look finds its guard
        self._start(answer["Id"])

    def _start(self, container_id: str) -> None:
        with translated("start the network guard"):
            self._client.api.start(container_id)

    def _remove(self, container_id: str) -> None:
        try:
            with translated("remove the old network guard"):
                self._client.api.remove_container(container_id, force=True)
        except (Missing, Conflict):
            return

    def _apply(self, container_id: str) -> None:
        result = self._execs.run_in(container_id, self.name, ["sh", "-c", ONCE], APPLY_TIMEOUT_S)
        if result.exit_code:
            raise EngineError(_failure(result), permanent=True)


def _version(image: str) -> str:
    return hashlib.sha256(f"{image}\n{FOREVER}\n{HOST_CONFIG}".encode()).hexdigest()[:12]


def _failure(result: ExecResult) -> str:
    said = (result.stderr or result.stdout).decode(errors="replace").strip()[-500:]
    return (
        f"The packet filter that isolates sessions could not be put in force ({said}). Use a base image with a working "
        "iptables, or set VIBENV_NETWORK_GUARD=off to let sessions reach the host's network."
    )
