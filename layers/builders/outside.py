"""What a build changed outside of its prefix, said in a few lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

MOST: Final = 20
# What package managers and the engine leave behind, which nobody expects to be kept.
UNTOLD: Final = (
    *("/build", "/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys", "/var/cache", "/var/log", "/var/lib/apt"),  # noqa: S108
    *("/var/lib/dpkg", "/root/.cache", "/root/.npm", "/root/.config", "/root/.local/share", "/root/.local/state"),
    *("/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/etc/ld.so.cache", "/etc/apt/apt.conf.d"),
    *("/etc/ssl/certs/ca-certificates.crt", "/sbin/docker-init", "/usr/sbin/docker-init"),
)


def told(changed: Sequence[str], prefix: str, most: int = MOST) -> list[str]:
    """The outermost files and directories, at most so many and a count of the rest. Nothing when all is inside."""
    leaves = [path for path in _leaves(changed) if not _under(path, prefix) and not _is_untold(path, prefix)]
    shown = leaves if len(leaves) <= most else _folded(leaves)
    if len(shown) <= most:
        return shown
    return [*shown[:most], f"and {len(shown) - most} more"]


def is_empty(changed: Iterable[str], prefix: str) -> bool:
    return not any(path.startswith(f"{prefix}/") for path in changed)


def _leaves(changed: Sequence[str]) -> list[str]:
    """Without the directories that are named only because of what is in them."""
    parents = {str(parent) for path in changed for parent in PurePosixPath(path).parents}
    return [path for path in changed if path not in parents]


def _under(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _is_untold(path: str, prefix: str) -> bool:
    return _under(prefix, path) or any(_under(path, directory) for directory in UNTOLD)


def _folded(paths: Sequence[str]) -> list[str]:
    """By directory, where several are in one."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(str(PurePosixPath(path).parent), []).append(path)
    return [each[0] if len(each) == 1 else f"{parent}/ ({len(each)} files)" for parent, each in found.items()]
