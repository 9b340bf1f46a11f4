"""`vibenv layers …`: the recipes of a board and their versions, over the same verbs as the API."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import django
from rich.console import Console
from rich.table import Table

from vibenv_site.cli import environ
from vibenv_site.setup import data_dir as data_dirs
from vibenv_site.setup.errors import SetupError

if TYPE_CHECKING:
    from boards.models import Board
    from layers.models import LayerVersion, Recipe

LOOK_S = 0.2
PATIENCE_S = 90  # for the looking up of a git reference


class Layers:
    """Of one board of the vibenv in a data directory. Where something is built, its worker must run."""

    def __init__(self, data_dir: str | None, board: str | None) -> None:
        path = environ.chosen_data_dir(data_dir)
        if not path.is_dir():
            raise SetupError(f"There is no vibenv in {path}. Name its --data-dir.")
        environ.of_running(path)
        django.setup()
        importlib.import_module("vibenv_site.celery")  # workers are told by it
        from boards import setup

        self.user = setup.owner()
        self.board = self._board(board)

    def _board(self, name: str | None) -> Board:
        from boards.models import Board

        found = Board.objects.select_related("stack").order_by("created_at")
        if name is not None:
            found = found.filter(pk=name) | found.filter(name=name)
        board = found.first()
        if board is None:
            raise SetupError(
                f"There is no board {name}. Give its name or id in --board." if name else "There is no board."
            )
        return board

    def recipe(self, name: str) -> Recipe:
        from layers.models import Recipe

        found = list(Recipe.objects.filter(scope=self.board.pk, name=name.rpartition(".")[2]))
        kind = name.rpartition(".")[0]
        found = [recipe for recipe in found if not kind or recipe.kind == kind]
        if len(found) != 1:
            known = ", ".join(f"{recipe.kind}.{recipe.name}" for recipe in Recipe.objects.filter(scope=self.board.pk))
            raise SetupError(f"There is {'more than one' if found else 'no'} layer {name}; the board has {known}.")
        return found[0]

    def version(self, recipe: Recipe, number: int | None) -> LayerVersion:
        found = recipe.versions.select_related("build", "recipe")
        version = (found.filter(number=number) if number else found.order_by("-number")).first()
        if version is None:
            raise SetupError(f"{recipe.name} has no version{f' {number}' if number else ''} yet.")
        return version

    # looking --------------------------------------------------------------------------------------------
    def ls(self, as_json: bool) -> int:
        from boards.layer_present import recipes_json

        found = recipes_json(self.board)
        if as_json:
            click.echo(json.dumps(found, indent=2))
            return 0
        rows = [
            (
                each["kind"],
                each["name"],
                str(each["latest"] or "-"),
                _size(each["latest_size_bytes"]),
                "looked up" if each["looking_up"] else each["state"],
                "in the stack" if each["in_stack"] else "",
                f"{each['sessions']} sessions" if each["sessions"] else "",
            )
            for each in found
        ]
        _table(rows)
        return 0

    def show(self, name: str, as_json: bool) -> int:
        from boards.layer_present import versions_json
        from layers import vibenv_toml

        recipe = self.recipe(name)
        versions = versions_json(recipe)
        if as_json:
            click.echo(
                json.dumps(
                    {"kind": recipe.kind, "name": recipe.name, "spec": recipe.spec, "versions": versions}, indent=2
                )
            )
            return 0
        click.echo(vibenv_toml.write([(recipe.kind, recipe.name, recipe.spec)]))
        if recipe.problem:
            click.echo(recipe.problem, err=True)
        _table([_version_row(version) for version in versions])
        return 0

    def log(self, name: str, number: int | None, follow: bool) -> int:
        return self._log(self.version(self.recipe(name), number), follow)

    def _log(self, version: LayerVersion, follow: bool) -> int:
        """1 when the build failed."""
        from layers import logs
        from layers.models import BuildState

        offset = 0
        while True:
            version.build.refresh_from_db()
            part = logs.part(version.build, offset)
            offset = part["offset"]
            sys.stdout.write(part["text"])
            sys.stdout.flush()
            if part["ended"] or (not follow and not part["text"]):
                break
            if not part["text"]:
                time.sleep(LOOK_S)  # between two looks at a log that grows
        if version.build.reason:
            click.echo(version.build.reason, err=True)
        return 1 if version.build.state in {BuildState.FAILED, BuildState.CANCELLED} else 0

    def diff(self, name: str, was: int, now: int) -> int:
        from layers import differences

        recipe = self.recipe(name)
        versions = self.version(recipe, was), self.version(recipe, now)
        found = differences.between(*versions)
        while found["files"]["state"] == "preparing":
            time.sleep(LOOK_S)  # a worker lists them
            found = differences.between(*versions)
        click.echo("\n".join(found["spec"]) or "The recipe is the same.")
        click.echo(f"\n{_size(found['size_bytes'][0])} → {_size(found['size_bytes'][1])}\n")
        if found["files"]["state"] == "unavailable":
            click.echo("The files of one of them cannot be listed any more.", err=True)
        signs = {"added": "+", "removed": "-", "changed": "~"}
        for entry in found["files"]["entries"]:
            click.echo(f"{signs[entry['change']]} {entry['path']} {_size(entry['bytes'] or entry['was_bytes'])}")
        return 0

    # changing -------------------------------------------------------------------------------------------
    def build(self, name: str, why: str, fresh: bool) -> int:
        from layers import library

        recipe = self.recipe(name)
        known = library.latest(recipe, ready=False)
        version = library.build(recipe, asked_by=self.user.username, why=why, fresh=fresh)
        if version is None:
            version = self._looked_up(recipe)
        if known is not None and version.pk == known.pk and version.build.finished_at:
            click.echo(f"Nothing changed: {recipe.name} {version.number} is what the recipe says.", err=True)
            return 0
        click.echo(f"{recipe.name} {version.number}", err=True)
        return self._log(version, follow=True)

    def _looked_up(self, recipe: Recipe) -> LayerVersion:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            recipe.refresh_from_db()
            if recipe.looked_up_since is None:
                break
            time.sleep(LOOK_S)  # a worker asks the repository
        if recipe.problem or recipe.looked_up_since is not None:
            raise SetupError(recipe.problem or "No worker took it up. Is vibenv running?")
        return self.version(recipe, None)

    def cancel(self, name: str) -> int:
        from layers import library

        library.cancel(self.version(self.recipe(name), None))
        return 0

    def apply(self, file: str, dry_run: bool) -> int:
        from boards import stack_file

        text = sys.stdin.read() if file == "-" else Path(file).read_text()
        done = stack_file.changes(self.board, text) if dry_run else stack_file.apply(self.board, text, self.user)
        _table([(change["change"], change["kind"], change["name"]) for change in done])
        return 0

    def export(self, image: str) -> int:
        from layers.models import BuildState
        from sessions.exports import of_stack

        assert self.board.stack is not None  # noqa: S101  (each board is made with one)
        made = of_stack(self.board.stack, name=image, asked_by=self.user.username)
        while made.state == BuildState.BUILDING:
            time.sleep(LOOK_S)  # a worker makes it
            made.refresh_from_db()
        if made.state != BuildState.READY:
            raise SetupError(made.reason)
        click.echo(made.image)
        return 0


def _version_row(version: dict[str, Any]) -> tuple[str, ...]:
    who = f"{version['asked_by']}: {version['why']}" if version["why"] else version["asked_by"]
    took = "" if version["duration_s"] is None else f"{version['duration_s']} s"
    runs = f"in {len(version['runs_in'])} sessions" if version["runs_in"] else ""
    return (
        str(version["number"]),
        version["state"],
        version["digest"][:12],
        _size(version["size_bytes"]),
        took,
        who,
        runs,
    )


def _size(count: int | None) -> str:
    return data_dirs.size(count) if count is not None else ""


def _table(rows: Sequence[Sequence[str]]) -> None:
    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row(*row)
    if rows:
        Console(highlight=False).print(table)
