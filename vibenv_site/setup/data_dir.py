"""The data directory: ours alone, with room on its disk."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from vibenv_site.setup import paths
from vibenv_site.setup.errors import SetupError

ALWAYS_FREE_BYTES = 200 * 1024**2
BUILD_FREE_BYTES = 2 * 1024**3


def ensure(path: Path) -> None:
    """Make the directory with mode 0700, or take the one that is there. Raises `SetupError` when it is not ours."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The data directory {path} cannot be made: {error.strerror}. Choose another one with --data-dir."
        ) from error
    owner = path.stat().st_uid
    if owner != os.getuid():
        raise SetupError(
            f"The data directory {path} belongs to {user_name(owner)}, and you are {user_name(os.getuid())}. "
            f"Choose one of your own with --data-dir, or run vibenv as {user_name(owner)}."
        )
    path.chmod(0o700)
    paths.logs(path).mkdir(mode=0o700, exist_ok=True)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def require_room(path: Path, needed_bytes: int, purpose: str) -> int:
    """Bytes free on the disk of `path`. Raises `SetupError` when fewer than needed."""
    free = shutil.disk_usage(path).free
    if free < needed_bytes:
        raise SetupError(
            f"The disk of {path} has {size(free)} left, and {purpose} needs {size(needed_bytes)}. "
            "Make room there, or choose another place with --data-dir."
        )
    return free


def size(count: float) -> str:
    """Bytes as people say them: `512 MB`, `78 GB`."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB" if count < 10 else f"{count:.0f} GB"
