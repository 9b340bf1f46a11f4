"""A session's way to its prompt, step by step, on standard error."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any, Final

import click

from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, TIMEOUT, CliError
from vibenv_site.cli.output import coloured, one_line

LOOK_S: Final = 0.1
UNDER_WAY: Final = {"starting", "resuming"}
Json = dict[str, Any]


class Steps:
    """Each finished step is a line that stays; on a terminal the one under way is shown below them."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._live = sys.stderr.isatty()
        self._shown = ""

    def look(self, session: Json | None) -> None:
        for step in (session or {}).get("steps", []):
            key = f"{step['name']} {step['started_at']}"
            if step["finished_at"] and key not in self._told:
                self._told.add(key)
                self._line(f"{_mark()} {one_line(step['label'])}  {_took(step)}")
        under_way = [step for step in (session or {}).get("steps", []) if not step["finished_at"]]
        self._now(_words(under_way[-1], session) if under_way else "")

    def end(self) -> None:
        self._now("")

    def _line(self, text: str) -> None:
        self._now("")
        click.echo(text, err=True, color=coloured(err=True))

    def _now(self, text: str) -> None:
        if text == self._shown:
            return
        self._shown = text
        if self._live:
            click.echo(f"\r\x1b[K{text[: _width()]}", nl=False, err=True, color=True)


def until_running(api: Api, card_id: str, timeout_s: float) -> Json:
    """Follow a card's start until its session runs. Raises `CliError` with the reason when it fails."""
    steps, end = Steps(), time.monotonic() + timeout_s
    try:
        while True:
            card = dict(api.get(f"/cards/{card_id}"))
            session = card["session"]
            steps.look(session)
            if session and session["status"] == "running":
                return card
            _judge(card, session)
            if time.monotonic() > end:
                raise CliError(
                    f"“{card['title']}” does not run after {timeout_s:.0f} s.", "It goes on: see `vibenv ls`.", TIMEOUT
                )
            time.sleep(LOOK_S)  # between two looks
    finally:
        steps.end()


def _judge(card: Json, session: Json | None) -> None:
    name = one_line(card["title"])
    if session and session["status"] == "failed":
        raise CliError(f"“{name}” did not start: {session['reason']}", f"`vibenv logs '{name}'` has more.", FAILED)
    if session and session["desired"] != "running":
        raise CliError(f"“{name}” is not to run any more: {session['reason'] or session['status']}.", "", FAILED)


def _mark() -> str:
    return click.style("✓", fg="green")


def _took(step: Json) -> str:
    seconds = datetime.fromisoformat(step["finished_at"]) - datetime.fromisoformat(step["started_at"])
    return f"{seconds.total_seconds():.1f} s"


def _words(step: Json, session: Json | None) -> str:
    place = (session or {}).get("place")
    detail = f"{place}. in line" if place else one_line(step["detail"])
    return f"… {one_line(step['label'])}  {detail}".rstrip()


def _width() -> int:
    import shutil

    return max(shutil.get_terminal_size().columns - 1, 20)
