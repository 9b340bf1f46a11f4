"""What keeps a session inside its container: the fields asked for, and the proof that they are in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engines.errors import EngineError
from engines.protocol import LayerMount, Limits

LOG_FILES: Final = 2
NO_NEW_PRIVILEGES: Final = "no-new-privileges"
SECRETS: Final = {"/run/vibenv/secrets": "rw,nosuid,nodev,noexec,size=1m,mode=0700"}  # in memory: no commit sees it
LAYER_PREFIX: Final = "vibenv-layer-"
CACHE_PREFIX: Final = "vibenv-cache-"


def host_config(limits: Limits, network: str, layers: Sequence[LayerMount] = ()) -> dict[str, Any]:
    """The engine's `HostConfig`. No seccomp option is given: that is what puts the engine's default profile in force."""
    return {
        "Init": True,
        "CapDrop": ["ALL"],
        "CapAdd": [],
        "SecurityOpt": [NO_NEW_PRIVILEGES],
        "Privileged": False,
        "Binds": [],
        "Mounts": [_mount(layer) for layer in layers],
        "Tmpfs": SECRETS,
        "NetworkMode": network,
        "IpcMode": "private",
        "Memory": limits.memory_bytes,
        "MemorySwap": limits.memory_bytes,  # equal: no swap on top
        "NanoCpus": round(limits.cpus * 1e9),
        "PidsLimit": limits.pids,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {
            "Type": "json-file",
            "Config": {"max-size": str(limits.log_bytes // LOG_FILES), "max-file": str(LOG_FILES)},
        },
    }


def _mount(layer: LayerMount) -> dict[str, Any]:
    return {"Type": "volume", "Source": layer.volume, "Target": layer.path, "ReadOnly": True}


def _is_layer(mount: Mapping[str, Any]) -> bool:
    """A layer's volume, which no session can change."""
    named = str(mount.get("Source", "")).startswith(LAYER_PREFIX)
    return mount.get("Type") == "volume" and mount.get("ReadOnly") is True and named


def cache_mount(volume: str, path: str) -> dict[str, Any]:
    """A package manager's cache, for workshops alone."""
    return {"Type": "volume", "Source": volume, "Target": path, "ReadOnly": False}


def _is_cache(mount: Mapping[str, Any]) -> bool:
    return mount.get("Type") == "volume" and str(mount.get("Source", "")).startswith(CACHE_PREFIX)


def verify(details: Mapping[str, Any], asked: Mapping[str, Any], swap_limit: bool, *, workshop: bool = False) -> None:
    """Raise `EngineError` naming every asked field that a container's inspect does not show.

    `swap_limit` False: the engine's kernel cannot limit swap and has said so; memory itself is still limited.
    `workshop`: volumes of package managers may be mounted; and it may have just the capabilities that were asked for.
    """
    got = details["HostConfig"]
    exact = ["Init", "Privileged", "NetworkMode", "IpcMode", "Memory", "NanoCpus", "PidsLimit", "Tmpfs"]
    if swap_limit:
        exact.append("MemorySwap")
    wrong = [key for key in exact if got.get(key) != asked[key]]
    wrong += [key for key in ("LogConfig",) if got.get(key) != asked[key]]
    wrong += unsafe_fields(details, workshop=workshop, capabilities=asked["CapAdd"] if workshop else ())
    if wrong:
        raise EngineError(
            f"The engine did not put these protections in force: {', '.join(sorted(set(wrong)))}. "
            "Nothing was started. Use an engine that supports them.",
            permanent=True,
        )


def unsafe_fields(details: Mapping[str, Any], *, workshop: bool = False, capabilities: Sequence[str] = ()) -> list[str]:
    """The fields of a container's inspect that would let a session out, whatever its limits are."""
    got = details["HostConfig"]
    options = [option.removesuffix(":true").removesuffix("=true") for option in got.get("SecurityOpt") or []]
    mounts = got.get("Mounts") or []
    checks = {
        "Privileged": not got.get("Privileged"),
        "CapDrop": [cap.upper() for cap in got.get("CapDrop") or []] == ["ALL"],
        "CapAdd": {cap.upper().removeprefix("CAP_") for cap in got.get("CapAdd") or []} <= set(capabilities),
        "SecurityOpt": options == [NO_NEW_PRIVILEGES],
        "Binds": not got.get("Binds") and all(_is_layer(m) or (workshop and _is_cache(m)) for m in mounts),
        "PidMode": not got.get("PidMode"),
        "IpcMode": got.get("IpcMode") == "private",
        "UTSMode": not got.get("UTSMode"),
        "Devices": not got.get("Devices"),
        "NetworkMode": got.get("NetworkMode") not in ("host", "bridge", "default"),
    }
    return [field for field, safe in checks.items() if not safe]
