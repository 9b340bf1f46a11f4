"""`vibenv layers collect`: what nobody uses, listed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import django
from rich.console import Console
from rich.table import Table

from vibenv_site.cli import environ
from vibenv_site.cli.show import Screen
from vibenv_site.setup import data_dir as data_dirs
from vibenv_site.setup import paths, registry, supervisor
from vibenv_site.setup.errors import SetupError

if TYPE_CHECKING:
    from layers.collect import Item

NAMES = {"image": "image", "volume": "volume", "registry": "registry", "upload": "upload"}


def run(given: str | None, dry_run: bool, everything: bool) -> int:
    """1 when something could not be removed."""
    path = environ.chosen_data_dir(given)
    if not path.is_dir():
        raise SetupError(f"There is no vibenv in {path}. Name its --data-dir.")
    environ.of_running(path)
    django.setup()
    from layers import collect

    grace_s = 0 if everything else collect.GRACE_S
    screen = Screen()
    if dry_run:
        items = collect.plan(grace_s)
        show(items)
        screen.note(f"Would be removed: {_count(items)}." if items else "Nothing is unused.")
        return 0
    with screen.step("Collecting") as step:
        done = collect.run(grace_s)
        step.result = f"removed {_count(done.removed)}" if done.removed else "nothing was unused"
    show(done.removed)
    for item, why in done.kept:
        screen.note(f"{item.name} stays: {why}")
    _blobs(screen, path)
    return 1 if done.kept else 0


def _blobs(screen: Screen, path: Path) -> None:
    """Of our own registry; any other collects by itself, when whoever runs it says so."""
    if not (path / registry.BLOBS_LEFT).exists() or not (path / "registry.yml").exists():
        return
    from layers import registry_lock

    control = paths.socket_path(path, "supervisor.sock")
    with screen.step("Registry") as step, registry_lock.collecting(), supervisor.held(control, "registry"):
        before = registry.stored_bytes(path)
        registry.collect_blobs(path, step.say)
        step.result = f"{data_dirs.size(before - registry.stored_bytes(path))} freed"


def _count(items: Sequence[Item]) -> str:
    sizes = sum(item.size_bytes or 0 for item in items)
    things = "1 thing" if len(items) == 1 else f"{len(items)} things"
    return f"{things}, {data_dirs.size(sizes)}"


def show(items: Sequence[Item]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=max((len(item.name) for item in items), default=0))
    table.add_column(no_wrap=True, justify="right")
    for item in items:
        size = data_dirs.size(item.size_bytes) if item.size_bytes is not None else "?"
        table.add_row(NAMES[item.kind], item.name, size, f"[dim]{item.why}[/]")
    if items:
        Console(highlight=False).print(table)
