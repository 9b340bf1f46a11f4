"""What keeps a session inside its container: the fields asked for, and the proof that they are in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engines.errors import EngineError
from engines.protocol import Limits

LOG_FILES: Final = 2
NO_NEW_PRIVILEGES: Final = "no-new-privileges"


def host_config(limits: Limits, network: str) -> dict[str, Any]:
    """The engine's `HostConfig`. No seccomp option is given: that is what puts the engine's default profile in force."""
    return {
        "Init": True,
        "CapDrop": ["ALL"],
        "CapAdd": [],
        "SecurityOpt": [NO_NEW_PRIVILEGES],
        "Privileged": False,
        "Binds": [],
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


def verify(details: Mapping[str, Any], asked: Mapping[str, Any], swap_limit: bool) -> None:
    """Raise `EngineError` naming every asked field that a container's inspect does not show.

    `swap_limit` False: the engine's kernel cannot limit swap and has said so; memory itself is still limited.
    """
    got = details["HostConfig"]
    exact = ["Init", "Privileged", "NetworkMode", "IpcMode", "Memory", "NanoCpus", "PidsLimit"]
    if swap_limit:
        exact.append("MemorySwap")
    wrong = [key for key in exact if got.get(key) != asked[key]]
    wrong += [key for key in ("LogConfig",) if got.get(key) != asked[key]]
    wrong += unsafe_fields(details)
    if wrong:
        raise EngineError(
            f"The engine did not put these protections in force: {', '.join(sorted(set(wrong)))}. "
            "The session was not started. Use an engine that supports them.",
            permanent=True,
        )


def unsafe_fields(details: Mapping[str, Any]) -> list[str]:
    """The fields of a container's inspect that would let a session out, whatever its limits are."""
    got = details["HostConfig"]
    options = [option.removesuffix(":true").removesuffix("=true") for option in got.get("SecurityOpt") or []]
    checks = {
        "Privileged": not got.get("Privileged"),
        "CapDrop": [cap.upper() for cap in got.get("CapDrop") or []] == ["ALL"],
        "CapAdd": not got.get("CapAdd"),
        "SecurityOpt": options == [NO_NEW_PRIVILEGES],
        "Binds": not got.get("Binds") and not got.get("Mounts"),
        "PidMode": not got.get("PidMode"),
        "IpcMode": got.get("IpcMode") == "private",
        "UTSMode": not got.get("UTSMode"),
        "Devices": not got.get("Devices"),
        "NetworkMode": got.get("NetworkMode") not in ("host", "bridge", "default"),
    }
    return [field for field, safe in checks.items() if not safe]
