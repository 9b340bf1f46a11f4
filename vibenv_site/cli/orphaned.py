"""`vibenv doctor --orphans`: what is left of sessions and builds that are gone, listed or removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import django
from rich.console import Console
from rich.table import Table

from vibenv_site.cli import environ
from vibenv_site.cli.show import Screen
from vibenv_site.setup import data_dir as data_dirs
from vibenv_site.setup.errors import SetupError

if TYPE_CHECKING:
    from sessions.orphans import Orphan


def run(given: str | None, as_json: bool, remove: bool, yes: bool) -> int:
    """1 when some are there, or could not be removed."""
    path = environ.chosen_data_dir(given)
    if not path.is_dir():
        raise SetupError(f"There is no vibenv in {path}. Name its --data-dir.")
    environ.of_running(path)
    django.setup()
    from sessions import orphans

    found = orphans.find(sizes=True)
    if as_json:
        click.echo(json.dumps([_told(orphan) for orphan in found], indent=2))
    else:
        show(found)
    screen = Screen()
    if not found or not remove:
        screen.note(_summary(found))
        return 1 if found else 0
    if not screen.asker(yes)(f"Remove {_count(found)}?"):
        return 1
    done = orphans.remove(found)
    for orphan, why in done.kept:
        screen.note(f"{orphan.name} stays: {why}")
    screen.note(f"Removed: {_count(done.removed)}.")
    return 1 if done.kept else 0


def _summary(found: Sequence[Orphan]) -> str:
    if not found:
        return "Nothing is left of sessions or builds that are gone."
    return f"{_count(found)} without an owner; `vibenv doctor --orphans --remove` removes that."


def _count(found: Sequence[Orphan]) -> str:
    things = "1 thing" if len(found) == 1 else f"{len(found)} things"
    return f"{things}, {data_dirs.size(sum(orphan.size_bytes or 0 for orphan in found))}"


def _told(orphan: Orphan) -> dict[str, str | int | None]:
    return {"kind": orphan.kind, "name": orphan.name, "size_bytes": orphan.size_bytes, "why": orphan.why}


def show(found: Sequence[Orphan]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=max((len(orphan.name) for orphan in found), default=0))
    table.add_column(no_wrap=True, justify="right")
    for orphan in found:
        size = data_dirs.size(orphan.size_bytes) if orphan.size_bytes is not None else "?"
        table.add_row(orphan.kind, orphan.name, size, f"[dim]{orphan.why}[/]")
    if found:
        Console(highlight=False).print(table)
