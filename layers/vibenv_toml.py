"""`vibenv.toml`: a stack's recipes from a file in a repository.

[base]                      # or [base] image = "debian:12"
packages = ["ripgrep"]

[profile]
git = "https://example.org/me/dotfiles.git"

[toolchain.python]          # as many as one likes
use = "python"
version = "3.12"

[project]
git = "https://example.org/me/project.git"
ref = "main"
setup = "uv sync"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engines.errors import InvalidInput
from layers import specs
from layers.models import Kind
from layers.specs import Spec

SINGLE: Final = (Kind.BASE, Kind.PROFILE, Kind.PROJECT)
LENGTH: Final = 100_000


@dataclass(frozen=True, slots=True)
class Named:
    """A recipe of the file; base, profile and project bear their kind's name."""

    kind: Kind
    name: str
    spec: Spec


def read(text: str) -> list[Named]:
    """The recipes, from the bottom up. Raises `InvalidInput` that names line and key."""
    if len(text) > LENGTH:
        raise InvalidInput(f"vibenv.toml: has more than {LENGTH} characters.")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"vibenv.toml, {_place(str(error))}") from error
    order = list(Kind)
    return sorted(_recipes(text, tables), key=lambda found: order.index(found.kind))


def _place(message: str) -> str:
    """`line 3, column 5: what is wrong`, of `What is wrong (at line 3, column 5)`."""
    found = re.fullmatch(r"(.*) \(at (?:(line \d+, column \d+)|end of document)\)", message)
    return f"{found[2] or 'at its end'}: {found[1]}." if found else f"{message}."


def _recipes(text: str, tables: Mapping[str, Any]) -> Iterator[Named]:
    for key, table in tables.items():
        if key in SINGLE:
            yield _recipe(text, Kind(key), key, (key,), table)
        elif key == Kind.TOOLCHAIN and isinstance(table, dict):
            for name, one in table.items():
                yield _recipe(text, Kind.TOOLCHAIN, name, (key, name), one)
        else:
            raise _wrong(text, (key,), "", "is none of [base], [profile], [toolchain.<name>] and [project].")


def _recipe(text: str, kind: Kind, name: str, path: tuple[str, ...], table: Any) -> Named:
    if not isinstance(table, dict):
        raise _wrong(text, path, "", f"is a table: write [{'.'.join(path)}] above its fields.")
    try:
        return Named(kind, specs.check_name(name), specs.parse(kind, table))
    except InvalidInput as error:
        key, _, said = str(error).partition(": ")
        raise _wrong(text, path, "" if key == "name" else key, said) from error


def _wrong(text: str, path: tuple[str, ...], key: str, said: str) -> InvalidInput:
    whole = ".".join((*path, key) if key else path)
    return InvalidInput(f"vibenv.toml, line {_line(text.splitlines(), path, key)}: {whole}: {said}")


def _line(lines: list[str], path: tuple[str, ...], key: str) -> int:
    """Where the key stands in its table; where it does not (it is missing, or written otherwise), the table's head."""
    head = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in path) + r"\s*\]")
    start = next((at for at, line in enumerate(lines) if head.match(line)), None)
    if start is None:
        loose = re.compile(rf"\s*[\"']?{re.escape(path[0])}\b")
        return 1 + next((at for at, line in enumerate(lines) if loose.match(line.replace("[", " ", 1))), 0)
    for at in range(start + 1, len(lines)):
        if re.match(r"\s*\[[^\]]", lines[at]) and "=" not in lines[at]:
            break
        if key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", lines[at]):
            return at + 1
    return start + 1
