"""A network of its own for each session: a bridge `vb-…` that no other session is on."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from docker.types import IPAMConfig, IPAMPool

from engines.docker import labels, subnets
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.errors import EngineError, NameTaken

BRIDGE_PREFIX: Final = "vb-"
TRIES: Final = 256


class Networks:
    """Networks of one installation. Names and bridges are deterministic: making one twice is noticed by the engine."""

    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation

    def name(self, session_id: str) -> str:
        return f"vibenv-{self._installation[:8]}-{session_id}"

    def bridge(self, session_id: str) -> str:
        """Interface names have 15 characters, and two installations may use the same session id."""
        digest = hashlib.sha256(f"{self._installation}/{session_id}".encode()).hexdigest()
        return f"{BRIDGE_PREFIX}{digest[:8]}"

    def ensure(self, session_id: str, session_labels: dict[str, str]) -> str:
        """Make or adopt the session's network; returns its name."""
        name = self.name(session_id)
        network_range = subnets.free_range(self._host_routes())
        for _, subnet in zip(range(TRIES), subnets.candidates(name, network_range), strict=False):
            try:
                self._create(name, subnet, session_id, session_labels)
            except Conflict as conflict:
                if "overlap" in conflict.explanation.lower():
                    continue
                if self._adopt(name):
                    return name
                raise
            return name
        raise EngineError(
            f"No free /{subnets.PREFIX} subnet was found in {network_range} for the session's network. "
            "Remove unused networks with `docker network prune`."
        )

    def _create(self, name: str, subnet: subnets.Network, session_id: str, session_labels: dict[str, str]) -> None:
        with translated(f"make the network {name}"):
            self._client.api.create_network(
                name,
                driver="bridge",
                options={"com.docker.network.bridge.name": self.bridge(session_id)},
                ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                check_duplicate=True,
                enable_ipv6=False,
                labels=session_labels,
            )

    def _adopt(self, name: str) -> bool:
        with translated(f"look at the network {name}"):
            found = [n for n in self._client.api.networks(names=[name]) if n["Name"] == name]
        if any((n["Labels"] or {}).get(labels.INSTALLATION) != self._installation for n in found):
            raise NameTaken(
                f"A network named {name} exists already and is not of this vibenv installation. "
                f"Remove it with `docker network rm {name}` if nobody needs it."
            )
        return bool(found)

    def _host_routes(self) -> Sequence[subnets.Network]:
        """Only an engine behind a Unix socket is taken to share our routes; of others nothing is known."""
        if self._client.address.socket_path is None:
            return []
        try:
            return subnets.routes_of(Path("/proc/net/route").read_text())
        except OSError:
            return []

    def reconnect(self, container_id: str, session_id: str) -> None:
        """Connect a stopped container to the session's network as it is now."""
        name = self.name(session_id)
        with translated(f"connect {container_id[:12]} to the network {name}"):
            try:
                with translated("disconnect it from the network that is gone"):
                    self._client.api.disconnect_container_from_network(container_id, name, force=True)
            except (Missing, Conflict):
                pass
            try:
                self._client.api.connect_container_to_network(container_id, name)
            except Exception as error:
                if "already exists in network" not in str(error):
                    raise

    def remove_of(self, container_name: str) -> None:
        """Remove the networks made for the container of that name; already gone is success."""
        wanted = [f"{labels.INSTALLATION}={self._installation}", f"{labels.NAME}={container_name}"]
        with translated("list networks"):
            found: list[dict[str, Any]] = self._client.api.networks(filters={"label": wanted})
        for network in found:
            self.remove(network["Id"])

    def remove(self, name_or_id: str) -> None:
        with contextlib.suppress(Missing), translated(f"remove the network {name_or_id}"):
            self._client.api.remove_network(name_or_id)
