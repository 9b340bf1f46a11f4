"""Recipes as the text of a `vibenv.toml`. Knows no database: the command line writes it, too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

NAMED: Final = "toolchain"  # the kind of which a file has several


def write(recipes: Iterable[tuple[str, str, Mapping[str, Any]]]) -> str:
    """The file of recipes, given as kind, name and spec. `vibenv_toml.read` of it gives the same."""
    return "\n".join(
        "\n".join([f"[{kind}.{name}]" if kind == NAMED else f"[{kind}]", *lines(spec), ""])
        for kind, name, spec in recipes
    )


def lines(spec: Mapping[str, Any]) -> list[str]:
    """A spec's fields as TOML."""
    return [line for key, value in spec.items() for line in f"{key} = {_value(value)}".split("\n")]


def _value(value: Any) -> str:
    if isinstance(value, str) and "\n" in value and "'''" not in value and value.isprintable() is False:
        plain = value.replace("\n", "").replace("\t", "")
        if plain.isprintable():
            return f"'''\n{value}'''"
    return json.dumps(value, ensure_ascii=False)  # which is TOML, too, for texts, lists of them, numbers and truth
