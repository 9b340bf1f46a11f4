"""`vibenv snapshot` and `restore`."""

from __future__ import annotations

import time
from typing import Any, Final

import click

from vibenv_site.cli import names, output
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, NOT_FOUND, TIMEOUT, USAGE, CliError

Json = dict[str, Any]
LOOK_S: Final = 0.2
PATIENCE_S: Final = 600.0
WORDS: Final = {"making": "Freezing it…", "kept": "Keeping it in the registry…"}
SETTLED: Final = {"ready", "failed"}


def listed(api: Api, card: Json, as_json: bool) -> None:
    found = api.all(f"/cards/{card['id']}/snapshots")
    if as_json:
        output.as_json(found)
        return
    rows = [
        (
            *(each["id"], each["state"], each["kind"], output.age(each["created_at"])),
            *(output.size(each["size_bytes"]), each["author"], each["note"]),
        )
        for each in found
    ]
    output.table(rows, ("SNAPSHOT", "STATE", "KIND", "AGE", "SIZE", "BY", "NOTE"))


def take(api: Api, card: Json, note: str, wait: bool, as_json: bool) -> None:
    made = api.post(f"/cards/{card['id']}/snapshots", note=note)
    if wait:
        made = _until_settled(api, card, made)
    if as_json:
        output.as_json(made)
    else:
        click.echo(made["id"])
    if made["state"] == "failed":
        raise CliError(f"The snapshot could not be kept: {made['problem']}", "Try again.", FAILED)


def _until_settled(api: Api, card: Json, made: Json) -> Json:
    end, said = time.monotonic() + PATIENCE_S, ""
    while made["state"] not in SETTLED:
        if made["state"] != said:
            said = str(made["state"])
            output.say(WORDS.get(said, said))
        if time.monotonic() > end:
            raise CliError(f"Snapshot {made['id']} is still {made['state']}.", "It goes on by itself.", TIMEOUT)
        time.sleep(LOOK_S)  # between two looks
        found: list[Json] = api.all(f"/cards/{card['id']}/snapshots")
        made = next((each for each in found if each["id"] == made["id"]), made)
    return made


def restore(api: Api, name: str, wanted: str | None, board: str | None, as_json: bool) -> None:
    card = names.card(api, name, board)
    found: list[Json] = [each for each in api.all(f"/cards/{card['id']}/snapshots") if each["state"] != "failed"]
    chosen = _chosen(found, wanted, output.one_line(card["title"]))
    card = api.post(f"/snapshots/{chosen['id']}/restore")
    if as_json:
        output.as_json(card)
    else:
        note = f" ({output.one_line(chosen['note'])})" if chosen["note"] else ""
        output.say(f"“{output.one_line(card['title'])}” goes back to {chosen['id']}{note}.")


def _chosen(found: list[Json], wanted: str | None, title: str) -> Json:
    if not wanted:
        if not found:
            raise CliError(f"“{title}” has no snapshot.", f"`vibenv snapshot '{title}'` takes one.", NOT_FOUND)
        return found[0]
    matching = [each for each in found if each["id"] == wanted]
    matching = matching or [each for each in found if each["id"].startswith(wanted) or each["note"].startswith(wanted)]
    if len(matching) != 1:
        what, code = ("more than one", USAGE) if matching else ("no", NOT_FOUND)
        todo = f"`vibenv snapshot --ls '{title}'` lists them."
        raise CliError(f"“{title}” has {what} snapshot {wanted}.", todo, code)
    return matching[0]
