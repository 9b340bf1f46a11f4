"""The guard: a small container on the host's network that keeps the packet filter of `guard_rules` in force."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.execs import Execs
from engines.docker.guard_rules import FOREVER, ONCE
from engines.docker.standing import Kind, Standing
from engines.errors import EngineError
from engines.protocol import ExecResult

TRUST_S: Final = 5.0  # a guard seen running is not looked at again for so long
APPLY_TIMEOUT_S: Final = 60.0
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
        command = ("sh", "-c", FOREVER)
        kind = Kind(f"vibenv-guard-{installation[:8]}", "the network guard", labels.GUARD, command, HOST_CONFIG)
        self.name = kind.name
        self._container = Standing(client, installation, kind)
        self._execs = execs
        self._lock = threading.Lock()
        self._seen_at = 0.0
        self._applied = ""  # the run of the container in which the rules were applied once in the foreground

    def ensure(self, image: str) -> None:
        """Return once the rules are in force. Raises a permanent `EngineError` where the image has no iptables."""
        if time.monotonic() - self._seen_at < TRUST_S:
            return
        with self._lock:
            if time.monotonic() - self._seen_at < TRUST_S:
                return
            container_id, run = self._container.running(image)
            if run != self._applied:
                self._apply(container_id)
                self._applied = run
            self._seen_at = time.monotonic()

    def _apply(self, container_id: str) -> None:
        result = self._execs.run_in(container_id, self.name, ["sh", "-c", ONCE], APPLY_TIMEOUT_S)
        if result.exit_code:
            raise EngineError(_failure(result), permanent=True)


def _failure(result: ExecResult) -> str:
    said = (result.stderr or result.stdout).decode(errors="replace").strip()[-500:]
    return (
        f"The packet filter that isolates sessions could not be put in force ({said}). Use a base image with a working "
        "iptables, or set VIBENV_NETWORK_GUARD=off to let sessions reach the host's network."
    )
