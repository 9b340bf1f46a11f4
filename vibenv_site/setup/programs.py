"""Finding programs, also in the places that are in root's PATH only."""

from __future__ import annotations

import shutil
from pathlib import Path

from vibenv_site import environment
from vibenv_site.setup.needs import Need

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def search_path() -> str:
    """PATH with the system's own places: root without a login shell lacks /usr/sbin."""
    return f"{environment.text('PATH')}:{SYSTEM_PATH}".lstrip(":")


def find(program: str) -> str | None:
    """The program's path, or None."""
    if program in {"initdb", "postgres"}:
        return postgresql(program)
    return shutil.which(program, path=search_path())


def postgresql(program: str) -> str | None:
    """Debian keeps the server's own programs out of PATH, in a directory for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parts[-3]))
    return str(found[-1]) if found else shutil.which(program)


def has(need: Need) -> bool:
    if need.package.startswith("fonts-"):
        return DEJAVU.exists()
    return find(need.program) is not None
