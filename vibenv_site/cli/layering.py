"""`vibenv layers …`: the recipes of a board and their versions, by the API."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Final

import click

from layers import toml_text
from vibenv_site.cli import names, output
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, NOT_FOUND, TIMEOUT, USAGE, CliError

LOOK_S: Final = 0.2
PATIENCE_S: Final = 90.0  # for the looking up of a git reference
SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
ENDED: Final = {"failed", "cancelled"}
Json = dict[str, Any]


class Layers:
    """Of one board. Each command's method gives its exit code."""

    def __init__(self, api: Api, board: str | None) -> None:
        self.api = api
        self.board = names.board(api, board)

    def _recipes(self) -> list[Json]:
        return list(self.api.all(f"/boards/{self.board['id']}/recipes"))

    def recipe(self, name: str) -> Json:
        recipes = self._recipes()
        kind, _, short = name.rpartition(".")
        found = [each for each in recipes if each["name"] == short and (not kind or each["kind"] == kind)]
        if len(found) != 1:
            known = ", ".join(f"{each['kind']}.{each['name']}" for each in recipes)
            what, code = ("more than one", USAGE) if found else ("no", NOT_FOUND)
            raise CliError(f"There is {what} layer {name}; the board has {known}.", "", code)
        return found[0]

    def version(self, recipe: Json, number: int | None) -> Json:
        before = number + 1 if number else None
        found: list[Json] = self.api.get(f"/recipes/{recipe['id']}/versions", before=before, limit=1)
        if not found or (number and found[0]["number"] != number):
            what = f"no version {number}" if number else "no version yet"
            raise CliError(f"{recipe['name']} has {what}.", "`vibenv layers show` lists them.", NOT_FOUND)
        return found[0]

    # looking --------------------------------------------------------------------------------------------
    def ls(self, as_json: bool) -> int:
        found = self._recipes()
        if as_json:
            output.as_json(found)
            return 0
        output.table([_recipe_row(each) for each in found])
        return 0

    def show(self, name: str, as_json: bool) -> int:
        recipe = self.recipe(name)
        versions = self.api.all(f"/recipes/{recipe['id']}/versions")
        if as_json:
            shown = {key: recipe[key] for key in ("kind", "name", "spec")}
            output.as_json(shown | {"versions": versions})
            return 0
        click.echo(toml_text.write([(recipe["kind"], recipe["name"], recipe["spec"])]))
        if recipe["problem"]:
            output.say(recipe["problem"])
        output.table([_version_row(version) for version in versions])
        return 0

    def log(self, name: str, number: int | None, follow: bool) -> int:
        return self._log(self.version(self.recipe(name), number), follow)

    def _log(self, version: Json, follow: bool) -> int:
        """1 when the build failed."""
        offset, path = 0, f"/versions/{version['id']}"
        while True:
            part = self.api.get(f"{path}/log", offset=offset)
            offset = part["offset"]
            click.echo(part["text"], nl=False)
            sys.stdout.flush()
            if part["ended"] or (not follow and not part["text"]):
                break
            if not part["text"]:
                time.sleep(LOOK_S)  # between two looks at a log that grows
        version = self.api.get(path)
        if version["reason"]:
            output.say(version["reason"])
        return FAILED if version["state"] in ENDED else 0

    def diff(self, name: str, was: int, now: int) -> int:
        recipe = self.recipe(name)
        pair = [self.version(recipe, number)["id"] for number in (was, now)]
        found = self.api.get(f"/versions/{pair[0]}/diff/{pair[1]}")
        while found["files"]["state"] == "preparing":
            time.sleep(LOOK_S)  # a worker lists them
            found = self.api.get(f"/versions/{pair[0]}/diff/{pair[1]}")
        click.echo("\n".join(found["spec"]) or "The recipe is the same.")
        click.echo(f"\n{output.size(found['size_bytes'][0])} → {output.size(found['size_bytes'][1])}\n")
        if found["files"]["state"] == "unavailable":
            output.say("The files of one of them cannot be listed any more.")
        for entry in found["files"]["entries"]:
            size = output.size(entry["bytes"] or entry["was_bytes"])
            click.echo(f"{SIGNS[entry['change']]} {output.one_line(entry['path'])} {size}")
        return 0

    # changing -------------------------------------------------------------------------------------------
    def build(self, name: str, why: str, fresh: bool) -> int:
        recipe = self.recipe(name)
        known = recipe["newest"]
        version = self.api.post(f"/recipes/{recipe['id']}/build", why=why, fresh=fresh)["version"]
        if version is None:
            version = self._looked_up(recipe)
        if known is not None and version["id"] == known["id"] and version["finished_at"]:
            output.say(f"Nothing changed: {recipe['name']} {version['number']} is what the recipe says.")
            return 0
        output.say(f"{recipe['name']} {version['number']}")
        return self._log(version, follow=True)

    def _looked_up(self, recipe: Json) -> Json:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            recipe = self.api.get(f"/recipes/{recipe['id']}")
            if not recipe["looking_up"]:
                break
            time.sleep(LOOK_S)  # a worker asks the repository
        if recipe["problem"] or recipe["looking_up"]:
            code = FAILED if recipe["problem"] else TIMEOUT
            raise CliError(recipe["problem"] or "No worker took it up. Is vibenv running?", "", code)
        return self.version(recipe, None)

    def cancel(self, name: str) -> int:
        self.api.post(f"/versions/{self.version(self.recipe(name), None)['id']}/cancel")
        return 0

    def apply(self, file: str, dry_run: bool) -> int:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text()
        except (OSError, ValueError) as error:
            raise CliError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.", "", USAGE) from error
        done = self.api.post(f"/boards/{self.board['id']}/vibenv-toml", text=text, apply=not dry_run)
        output.table([(change["change"], change["kind"], change["name"]) for change in done])
        return 0

    def export(self, image: str) -> int:
        path = f"/boards/{self.board['id']}/exports"
        made = self.api.post(path, image=image)
        while made["state"] == "building":
            time.sleep(LOOK_S)  # a worker makes it
            made = next((each for each in self.api.all(path) if each["id"] == made["id"]), made | {"state": "gone"})
        if made["state"] != "ready":
            raise CliError(made["reason"] or "Somebody removed it meanwhile.", "Try again.", FAILED)
        click.echo(made["image"])
        return 0


def _recipe_row(each: Json) -> tuple[str, ...]:
    return (
        each["kind"],
        each["name"],
        str(each["latest"] or "-"),
        output.size(each["latest_size_bytes"]),
        "looked up" if each["looking_up"] else each["state"],
        "in the stack" if each["in_stack"] else "",
        f"{each['sessions']} sessions" if each["sessions"] else "",
    )


def _version_row(version: Json) -> tuple[str, ...]:
    who = f"{version['asked_by']}: {version['why']}" if version["why"] else version["asked_by"]
    took = "" if version["duration_s"] is None else f"{version['duration_s']} s"
    runs = f"in {len(version['runs_in'])} sessions" if version["runs_in"] else ""
    size = output.size(version["size_bytes"])
    return (str(version["number"]), version["state"], version["digest"][:12], size, took, who, runs)
