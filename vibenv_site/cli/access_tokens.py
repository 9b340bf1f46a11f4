"""`vibenv token` and `vibenv share`: secrets that let others in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import click

from vibenv_site.cli import names, output
from vibenv_site.cli.client import Api, quoted
from vibenv_site.cli.errors import USAGE, CliError

GROUPS: Final = 8  # of verbs; a token with as many has all
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`verbs` with commas between."""

    name: str
    board: str | None
    card: str | None
    verbs: str
    expires: str | None
    kind: str


def seconds(text: str) -> int:
    """`90s`, `30m`, `12h`, `7d`. Raises `CliError`."""
    found = re.fullmatch(r"(\d+)([smhd])", text.strip().lower())
    if not found:
        raise CliError(f"{text} is no time.", "It is one such as 30m, 12h or 7d.", USAGE)
    return int(found[1]) * UNITS[found[2]]


def listed(api: Api, as_json: bool) -> None:
    found = api.all("/tokens")
    if as_json:
        output.as_json(found)
        return
    head = ("ID", "NAME", "KIND", "FOR", "VERBS", "USED", "ENDS", "TOKEN")
    output.table([_row(each) for each in found], head)


def _row(each: Json) -> tuple[str, ...]:
    where = each["card"]["title"] if each["card"] else each["board"]["name"] if each["board"] else "everything"
    used = f"{output.age(each['last_used_at'])} ago" if each["last_used_at"] else "never"
    verbs = ",".join(each["verbs"]) if 0 < len(each["verbs"]) < GROUPS else "all"
    ends = f"in {output.age(each['expires_at'])}" if each["expires_at"] else "never"
    hint = f"…{each['hint']}" if each["hint"] else ""
    return (str(each["id"]), each["name"], each["kind"], where, verbs, used, ends, hint)


def create(api: Api, wanted: Wanted, as_json: bool) -> None:
    made = api.post(
        "/tokens",
        name=wanted.name,
        board=names.board(api, wanted.board)["id"] if wanted.board and not wanted.card else None,
        card=names.card(api, wanted.card, wanted.board)["id"] if wanted.card else None,
        verbs=[verb.strip() for verb in wanted.verbs.split(",") if verb.strip()],
        expires_in_s=seconds(wanted.expires) if wanted.expires else None,
        kind=wanted.kind,
    )
    if as_json:
        output.as_json(made)
        return
    click.echo(made["token"])
    output.say("Keep it: it is told once only.")


def revoke(api: Api, token_id: str) -> None:
    api.call("DELETE", f"/tokens/{quoted(token_id)}")
    output.say(f"Token {token_id} works no more.")


def share(api: Api, card: Json, role: str, expires: str, as_json: bool) -> None:
    made = api.post(f"/cards/{card['id']}/links", role=role, expires_in_s=seconds(expires))
    if as_json:
        output.as_json(made)
    else:
        click.echo(made["url"])
