"""Where the container engine is. Takes what others read from the environment; reads only Docker's own context files.

Order, as in Docker's command line: `DOCKER_HOST`, then the named context, then the current context of
`config.json`, then the default Unix socket.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.errors import EngineError

DEFAULT_URL: Final = "unix:///var/run/docker.sock"
SUPPORTED: Final = ("unix", "tcp")


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """`url` is `unix:///path` or `tcp://host:port`; `source` says which setting named it, for messages."""

    url: str
    source: str

    @property
    def socket_path(self) -> str | None:
        """The path of a Unix socket; None for TCP."""
        return self.url.removeprefix("unix://") if self.url.startswith("unix://") else None

    @property
    def host_port(self) -> tuple[str, int]:
        """Host and port of a TCP address (2375 where none is given)."""
        host, _, port = self.url.removeprefix("tcp://").rstrip("/").rpartition(":")
        return (host.strip("[]"), int(port)) if host else (port, 2375)


def resolve(docker_host: str, docker_context: str, docker_config: Path) -> EngineAddress:
    """The engine's address. Raises a permanent `EngineError` for what cannot be used; empty strings mean unset."""
    if docker_host:
        return _usable(docker_host, "DOCKER_HOST")
    name, source = docker_context, "DOCKER_CONTEXT"
    if not name:
        name, source = (
            _current_context(docker_config),
            f"the current context in {docker_config / 'config.json'}",
        )
    if name in ("", "default"):
        return EngineAddress(DEFAULT_URL, "the default socket")
    return _usable(_context_host(docker_config, name, source), f"the Docker context {name!r}")


def _current_context(docker_config: Path) -> str:
    path = docker_config / "config.json"
    try:
        return str(json.loads(path.read_text()).get("currentContext") or "")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, AttributeError) as error:
        raise EngineError(f"{path} cannot be read ({error}). Mend it or set DOCKER_HOST.", permanent=True) from error


def _context_host(docker_config: Path, name: str, source: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    path = docker_config / "contexts" / "meta" / digest / "meta.json"
    try:
        endpoint: dict[str, Any] = json.loads(path.read_text())["Endpoints"]["docker"]
        host = str(endpoint["Host"])
    except FileNotFoundError:
        raise EngineError(
            f"There is no Docker context {name!r} (from {source}). `docker context ls` lists those there are.",
            permanent=True,
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"The Docker context {name!r} in {path} cannot be read ({error!r}). Make it again or set DOCKER_HOST.",
            permanent=True,
        ) from error
    if host.startswith("tcp://") and (docker_config / "contexts" / "tls" / digest / "docker").is_dir():
        raise EngineError(
            f"The Docker context {name!r} uses TLS, which is not yet supported here. "
            "Forward the engine's socket with `ssh -L` and set DOCKER_HOST=unix://….",
            permanent=True,
        )
    return host


def _usable(url: str, source: str) -> EngineAddress:
    scheme, _, rest = url.partition("://")
    if scheme == "ssh":
        raise EngineError(
            f"{source} names {url}, but ssh:// is not yet supported here. "
            "Forward the engine's socket with `ssh -L` and set DOCKER_HOST=unix://….",
            permanent=True,
        )
    if scheme not in SUPPORTED or not rest or not _well_formed(scheme, rest):
        raise EngineError(
            f"{source} names {url!r}, which is no engine address: it takes unix:///path or tcp://host:port.",
            permanent=True,
        )
    return EngineAddress(f"{scheme}://{rest}", source)


def _well_formed(scheme: str, rest: str) -> bool:
    if scheme == "unix":
        return rest.startswith("/")
    port = rest.rstrip("/").rpartition(":")[2]
    return ":" not in rest or (port.isdigit() and int(port) < 65536)
