"""Layers that come with vibenv: what people can begin with, and the scripts behind them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from layers.models import Kind


@dataclass(frozen=True, slots=True)
class Ready:
    """A recipe to begin with."""

    kind: Kind
    name: str
    title: str
    about: str
    spec: dict[str, Any] = field(default_factory=dict)


BUILD_TOOLS: Final = ["build-essential", "cmake", "pkg-config", "jq", "ripgrep", "unzip", "xz-utils"]
CATALOGUE: Final = (
    Ready(Kind.BASE, "debian", "Debian", "A small Debian 12 with git, curl and an editor."),
    Ready(
        Kind.BASE,
        "debian-build",
        "Debian with build tools",
        "The same with compilers, make, cmake, jq and ripgrep.",
        {"packages": BUILD_TOOLS},
    ),
    Ready(
        Kind.PROFILE, "default", "vibenv's profile", "A quick prompt with git's branch, aliases, sensible git settings."
    ),
    Ready(Kind.TOOLCHAIN, "python", "Python", "uv, and a Python to begin with.", {"use": "python"}),
    Ready(Kind.TOOLCHAIN, "node", "Node.js", "Node.js 22 with npm.", {"use": "node", "version": "22"}),
    Ready(Kind.TOOLCHAIN, "go", "Go", "Go, in its newest version.", {"use": "go"}),
    Ready(Kind.TOOLCHAIN, "rust", "Rust", "rustc and cargo, with a linker.", {"use": "rust"}),
)


@lru_cache
def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text()


def toolchain(use: str, version: str) -> str:
    return f"VERSION={shlex.quote(version)}\n{_text('common.sh')}\n{_text(f'{use}.sh')}"


def profile(setup: str) -> str:
    """The default one; `setup` runs in it afterwards."""
    return "\n".join([_profile_files(), *_in("$PREFIX", setup)])


def dotfiles(source: str, setup: str) -> str:
    """One made of somebody's dotfiles, which `source` puts at $PREFIX/dotfiles, with our shell integration beside it."""
    own = [f'export HOME="$PREFIX/home"\ncd "$PREFIX/dotfiles"\n{setup}'] if setup else [_text("dotfiles.sh")]
    return "\n".join([_file("shell.sh", _text("integration.sh")), 'mkdir -p "$PREFIX/home"', source, *own])


def _in(directory: str, setup: str) -> list[str]:
    return [f'cd "{directory}"', setup] if setup else []


def _profile_files() -> str:
    return "\n".join(
        [
            _file("shell.sh", _text("integration.sh") + _text("shell.sh")),
            _file("gitconfig", _text("gitconfig")),
            _file("home/.inputrc", _text("inputrc")),
        ]
    )


def _file(path: str, content: str) -> str:
    """Shell that writes a file of the profile."""
    folder = path.rpartition("/")[0]
    return f'mkdir -p "$PREFIX/{folder}"\ncat > "$PREFIX/{path}" <<\'END-OF-FILE\'\n{content.rstrip()}\nEND-OF-FILE'
