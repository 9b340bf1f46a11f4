"""The connection to a Docker engine: made at first use, its API version asked once and pinned after."""

from __future__ import annotations

import threading
from typing import Any, Final

import docker
import docker.errors

from engines.address import EngineAddress
from engines.docker.errors import unreachable

TIMEOUT_S: Final = 30
CONNECTIONS: Final = 32  # kept open; more threads than this still work, with connections of their own


class Client:
    """Shared by all threads of a process. `api` raises `EngineUnreachable` while nothing answers."""

    def __init__(self, address: EngineAddress) -> None:
        self.address = address
        self._api: docker.APIClient | None = None
        self._architecture = ""
        self._lock = threading.Lock()

    @property
    def api(self) -> docker.APIClient:
        if self._api is None:
            with self._lock:
                if self._api is None:
                    self._api = self._connect()
        return self._api

    @property
    def raw(self) -> Any:
        """The same client for calls that the library declares no types for."""
        return self.api

    @property
    def architecture(self) -> str:
        """The engine's word for its machine, asked once."""
        if not self._architecture:
            self._architecture = str(self.api.version()["Arch"])
        return self._architecture

    def _connect(self) -> docker.APIClient:
        doing = f"be asked at {self.address.url} (from {self.address.source})"
        try:
            api = docker.APIClient(
                base_url=self.address.url, version="auto", timeout=TIMEOUT_S, max_pool_size=CONNECTIONS
            )
        except (docker.errors.DockerException, OSError) as error:
            raise unreachable(doing, error) from error
        api.trust_env = False  # a proxy or CA of the environment is not meant for the engine
        return api

    def close(self) -> None:
        with self._lock:
            if self._api is not None:
                self._api.close()
                self._api = None
