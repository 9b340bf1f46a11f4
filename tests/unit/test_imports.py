"""Who may import what: the direction of packages, and the libraries that have one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from vibenv_site.settings import ROOT

PACKAGES = ("vibenv_site", "boards", "sessions", "layers", "engines")
ONLY_IN = {
    "docker": ("engines/docker/",),
    "boto3": ("engines/",),
    "celery": ("vibenv_site/", "boards/tasks.py", "sessions/tasks.py", "layers/tasks.py"),
    "subprocess": ("vibenv_site/", "layers/debootstrap.py", "layers/registry_login.py", "layers/builders/dagger.py"),
    "urllib3": ("engines/docker/", "layers/registry_http.py"),
    "dagger": ("layers/builders/pipeline.py",),
}
READS = {"environ", "environb", "getenv"}
READERS = ("vibenv_site/environment.py",)
WRITERS = (  # they set variables for what runs next, and read none
    "vibenv_site/cli/environ.py",
    "vibenv_site/asgi.py",
    "vibenv_site/celery.py",
    "layers/debootstrap.py",
    "layers/builders/dagger.py",
)


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """The top-level names of all modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_imports_go_one_way():
    """In a process of its own: import-linter sets up things that Django has set up here already."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_in_its_place_only(library: str):
    places = tuple(str(ROOT / place) for place in ONLY_IN[library])
    elsewhere = [path for path in sources() if library in imported(path) and not str(path).startswith(places)]
    assert not elsewhere


def test_engines_know_django_in_one_module_only():
    users = [path.name for path in (ROOT / "engines").rglob("*.py") if "django" in imported(path)]
    assert users == ["current.py"]


def test_the_environment_is_read_in_one_module_only():
    allowed = {ROOT / name for name in (*READERS, *WRITERS)}
    found = {
        path
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in READS
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }
    assert found <= allowed
