"""Where set-up keeps things: the checkout, its build stamps, and what is inside a data directory."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from vibenv_site import environment
from vibenv_site.setup.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache"
# A Unix socket's address holds 107 bytes, and supervisord appends its process id to the name it binds first.
SOCKET_PATH_BYTES = 90
# Characters that mean something in a URL or in supervisord's configuration.
UNSAFE = set("%?#;")


def logs(data_dir: Path) -> Path:
    return data_dir / "logs"


def socket_path(data_dir: Path, name: str) -> Path:
    """A path for the Unix socket `name`: in the data directory, or in a short one where it would not fit."""
    path = data_dir / name
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and not UNSAFE & set(str(path)):
        return path
    return short_dir(data_dir) / name


def short_dir(data_dir: Path) -> Path:
    """A short private directory that always belongs to this data directory. Made here, mode 0700.

    Raises `SetupError` when somebody else has it: sockets in it would be theirs to replace.
    """
    base = Path(environment.text("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    path = base / f"vibenv-{os.getuid()}-{digest}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise SetupError(f"{path} is not a private directory of yours. Remove it, then run this again.")
    return path
