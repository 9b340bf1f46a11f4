"""`vibenv attach`: into a card's terminal, and out again with everything as it was."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from vibenv_site.cli import config, launching, output, progress
from vibenv_site.cli.attach import keys, tty
from vibenv_site.cli.attach.client import Client, Place
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, USAGE, CliError

Json = dict[str, Any]
LAUNCH_TIMEOUT_S = 600.0


def attach(api: Api, card: Json, number: int = 0, watching: bool = False, key: str | None = None) -> int:
    """The exit code. Raises `CliError` where there is nothing to attach to."""
    name = key or config.load().settings.get("detach_key") or keys.DEFAULT
    detach = keys.pattern_of(name)
    if not sys.stdin.isatty() and not watching:
        raise CliError(
            "attach wants a terminal as its input.", "Use `vibenv run`, `type` or `exec` from a program.", USAGE
        )
    card = _running(api, card)
    title = output.one_line(card["title"])
    output.say(f"{'Watching' if watching else 'Attached to'} “{title}”. {name} leaves; it goes on.")
    terminal = tty.Terminal(sys.stdin.fileno(), sys.stdout.fileno(), raw=sys.stdin.isatty())
    path = f"/ws/cards/{card['id']}/terminal" + (f"s/{number}" if number else "")
    return _stay(Client(Place(api.target, path, title), terminal, detach, watching))


def _stay(client: Client) -> int:
    terminal = client.terminal
    with tty.guarded(terminal):
        terminal.enter()
        if terminal.is_screen:
            terminal.write(tty.TITLE_SAVED)
        try:
            ended = asyncio.run(client.run())
        finally:
            terminal.restore(client.alternate)
    if ended.words:
        output.say(f"\n{ended.words}" if terminal.is_screen else ended.words)
    return ended.code


def _running(api: Api, card: Json) -> Json:
    """The card with a session that runs, or is about to; where there is none, one is offered."""
    session = card["session"]
    if session and session["desired"] == "running" and session["status"] != "failed":
        return card if session["status"] == "running" else progress.until_running(api, card["id"], LAUNCH_TIMEOUT_S)
    title = output.one_line(card["title"])
    status = session["status"] if session else "not started yet"
    question = f"“{title}” is {status}. Launch it?"
    if not (sys.stdin.isatty() and click.confirm(question, default=True, err=True)):
        raise CliError(f"“{title}” has no active session: it is {status}.", f"`vibenv launch '{title}'`.", FAILED)
    return launching.launch(api, launching.Wanted(card["id"]), LAUNCH_TIMEOUT_S)
