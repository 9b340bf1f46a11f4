"""`vibenv completion`: scripts for shells, and what they ask us for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE: Final = "_VIBENV_COMPLETE"
TIMEOUT_S: Final = 1.5
TYPES: Final = {"integer": "int", "integer range": "int", "float": "number", "float range": "number"}


def script(cli: click.Group, shell: str) -> str:
    """bash, zsh and fish ask the program itself; nushell has all commands and options in its script."""
    if shell == "nushell":
        return "\n".join(_externs(cli, "vibenv"))
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101  (click knows these three)
    return found(cli, {}, "vibenv", VARIABLE).source()


def cards(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Cards by their short names, which need no quotes. Nothing where no vibenv answers: a key press is no place for errors."""
    from engines.errors import VibenvError
    from sessions.ids import slug
    from vibenv_site.cli import config, names
    from vibenv_site.cli.client import Api

    try:
        where = config.target(context.params.get("profile"), context.params.get("data_dir"))
        found = list(names.cards_of(Api(where, TIMEOUT_S), context.params.get("board")))
    except (VibenvError, OSError):
        return []
    named = {each["session"]["name"] if each["session"] else slug(each["title"]): each["title"] for each in found}
    return [CompletionItem(name, help=title) for name, title in named.items() if name.startswith(begun)]


def _externs(command: click.Command, path: str) -> Iterator[str]:
    yield f"export extern {json.dumps(path)} ["
    yield from (f"  {line}" for parameter in command.params for line in _parameter(parameter))
    yield "  --help(-h)  # Show this message and exit"
    yield "]"
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield ""
            yield f"# {each.get_short_help_str(120)}"
            yield from _externs(each, f"{path} {name}")


def _parameter(parameter: click.Parameter) -> Iterator[str]:
    kind = TYPES.get(parameter.type.name, "string")
    if isinstance(parameter, click.Argument):
        name = str(parameter.name)
        rest = "..." if parameter.nargs == -1 else ""
        yield f"{rest}{name}{'' if parameter.required or rest else '?'}: {kind}"
    elif isinstance(parameter, click.Option) and not parameter.hidden:
        long = next((each for each in parameter.opts if each.startswith("--")), "")
        short = next((each for each in parameter.opts if not each.startswith("--")), "")
        takes = "" if parameter.is_flag else f": {kind}"
        about = f"  # {' '.join((parameter.help or '').split())}" if parameter.help else ""
        if long:
            yield f"{long}{f'({short})' if short else ''}{takes}{about}"
