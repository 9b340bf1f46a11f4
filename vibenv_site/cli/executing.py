"""`vibenv exec`: a command as a process of its own; `run`, `type` and `screen`: in the terminal that everybody sees."""

from __future__ import annotations

import base64
import http.client
import json
import shlex
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import click

from vibenv_site.cli import output
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, UNREACHABLE, CliError

NDJSON: Final = "application/x-ndjson"
LONGEST_S: Final = 3600.0
TIMED_OUT: Final = 124  # as `timeout` has it
LOOK_S: Final = 0.5
Json = dict[str, Any]


def command_of(words: tuple[str, ...]) -> list[str] | str:
    """One word is a text for a shell, several are a program and its arguments."""
    return words[0] if len(words) == 1 else list(words)


def execute(
    api: Api, card: Json, words: tuple[str, ...], *, cwd: str, interactive: bool, timeout_s: float | None
) -> int:
    """Its output as it comes; its exit code. Whoever hangs up (Ctrl-C) ends it."""
    asked: Json = {"command": command_of(words), "cwd": cwd, "timeout_s": timeout_s or LONGEST_S}
    if interactive:
        asked["stdin_base64"] = base64.b64encode(sys.stdin.buffer.read()).decode()
    headers = {"Accept": NDJSON, "Content-Type": "application/json"}
    path = f"/cards/{card['id']}/exec"
    answer = api.open("POST", path, json.dumps(asked).encode(), headers=headers, timeout_s=None)
    for line in _lines(answer):
        if "stream" in line:
            _write(line)
        elif "error" in line:
            raise CliError(line["error"], "", FAILED)
        elif line["exit_code"] is None:
            output.say(f"vibenv: it was ended after {asked['timeout_s']:.0f} s.")
            return TIMED_OUT
        else:
            return int(line["exit_code"])
    raise CliError("The connection was lost before the command ended; it was ended by that.", "", UNREACHABLE)


def _lines(answer: http.client.HTTPResponse) -> Iterator[Json]:
    try:
        for line in answer:
            if line.strip():
                yield json.loads(line)
    except (http.client.HTTPException, ConnectionError):
        return


def _write(line: Json) -> None:
    stream = sys.stderr if line["stream"] == "stderr" else sys.stdout
    stream.buffer.write(base64.b64decode(line["base64"]) if "base64" in line else line["data"].encode())
    stream.buffer.flush()


def run(api: Api, card: Json, words: tuple[str, ...], *, terminal: int, timeout_s: float | None, as_json: bool) -> int:
    """Typed into the terminal; what it printed there, and its exit code."""
    command = words[0] if len(words) == 1 else shlex.join(words)
    asked = {"command": command, "terminal": terminal, "timeout_s": timeout_s or LONGEST_S}
    try:
        done = api.call("POST", f"/cards/{card['id']}/run", asked, timeout_s=None)
    except KeyboardInterrupt:
        api.post(f"/cards/{card['id']}/type", text="", keys=["C-c"], terminal=terminal)
        raise
    if as_json:
        output.as_json(done)
    else:
        click.echo(done["output"], nl=False)
        if done["output"] and not done["output"].endswith("\n"):
            click.echo()
    if done.get("timed_out"):
        output.say("vibenv: it goes on in the terminal; that is what came so far.")
        return TIMED_OUT
    return int(done["exit_code"] if done["exit_code"] is not None else FAILED)


def type_text(api: Api, card: Json, text: str, *, keys: tuple[str, ...], enter: bool, terminal: int) -> None:
    api.post(f"/cards/{card['id']}/type", text=text, keys=list(keys), enter=enter, terminal=terminal)


def screen(api: Api, card: Json, *, terminal: int, watch: bool, as_json: bool) -> None:
    path, shown = f"/cards/{card['id']}/screen", -1
    while True:
        seen = api.get(path, terminal=terminal)
        if seen["seq"] != shown:
            shown = seen["seq"]
            _show(seen, watch, as_json)
        if not watch:
            return
        time.sleep(LOOK_S)  # between two looks


def _show(seen: Json, watch: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(seen, ensure_ascii=False))
        return
    lines = [line.rstrip() for line in seen["lines"]]
    while lines and not lines[-1]:
        lines.pop()
    if watch and sys.stdout.isatty():
        click.echo("\x1b[H\x1b[2J", nl=False, color=True)
    click.echo("\n".join(map(output.one_line, lines)))
