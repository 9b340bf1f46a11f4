"""`vibenv logs`: what a terminal printed, or why a start failed."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, Final

import click

from vibenv_site.cli import output
from vibenv_site.cli.attach.queries import CLIPBOARD, QUESTION
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import UNREACHABLE, CliError

SEQUENCE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[P\]X^_][^\x1b\x07]*(?:\x1b\\|\x07)|[ -/]*[0-~])")
FIRST_S: Final = 3.0
SIZE: Final = {"rows": 24, "cols": 80}
Json = dict[str, Any]


def show(api: Api, card: Json, follow: bool, of_start: bool, terminal: int) -> int:
    session = card["session"]
    if of_start or (session and session["status"] == "failed"):
        click.echo(api.get(f"/cards/{card['id']}/log")["log"])
        if session and session["reason"]:
            output.say(session["reason"])
        return 0
    return _printed(api, card, follow, terminal)


def _printed(api: Api, card: Json, follow: bool, number: int) -> int:
    """By the same socket as viewers: their history, then what comes. Without `follow` the history alone."""
    from websockets.exceptions import ConnectionClosed, InvalidHandshake
    from websockets.sync.client import connect

    path = f"/ws/cards/{card['id']}/terminal" + (f"s/{number}" if number else "") + "?as=human"
    headers = {"Authorization": f"Bearer {api.target.token}"}
    try:
        with connect(
            api.target.websocket + path, additional_headers=headers, compression=None, max_size=None
        ) as socket:
            socket.send(json.dumps({"type": "hello", **SIZE, "answers": False}))
            socket.send(json.dumps({"type": "away", "away": True}))  # whoever reads a log keeps no session awake
            _read(socket, follow)
    except ConnectionClosed as error:
        reason = error.rcvd.reason if error.rcvd else ""
        raise CliError(f"The terminal ended: {reason or 'the connection was closed'}.", "", UNREACHABLE) from error
    except BrokenPipeError:  # of our output
        raise
    except (OSError, InvalidHandshake) as error:
        raise CliError(f"{api.target.url} cannot be reached: {error}.", "Is it running?", UNREACHABLE) from error
    return 0


def _read(socket: Any, follow: bool) -> None:
    due, position, plain = -1, 0, not sys.stdout.isatty()
    while due or follow or not position:
        try:
            frame = socket.recv(timeout=None if due or follow else FIRST_S)
        except TimeoutError:  # a terminal that printed nothing yet
            return
        if isinstance(frame, bytes):
            due, position = max(due - len(frame), 0), position + len(frame)
            _print(frame, plain)
            socket.send(json.dumps({"type": "ack", "seq": position}))
        elif (message := json.loads(frame))["type"] == "screen":
            due, position = message["bytes"], message["seq"] - message["bytes"]


def _print(data: bytes, plain: bool) -> None:
    """To a terminal as it was, but for questions to it; else as text."""
    shown = SEQUENCE.sub(b"", data).replace(b"\r\n", b"\n") if plain else CLIPBOARD.sub(b"", QUESTION.sub(b"", data))
    sys.stdout.buffer.write(shown)
    sys.stdout.buffer.flush()
