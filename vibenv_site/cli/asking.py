"""`vibenv ask`, `answer`, `agent`, `terminals` and `recordings`: who works on a card beside its first terminal."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

import click

from vibenv_site.cli import output
from vibenv_site.cli.client import Api, quoted
from vibenv_site.cli.errors import FAILED, NOT_FOUND, TIMEOUT, USAGE, ApiError, CliError

WAIT_S: Final = 60.0
CHUNK_BYTES: Final = 256 * 1024
CUSTOM: Final = "custom"
Json = dict[str, Any]


# questions ----------------------------------------------------------------------------------------------
def ask(api: Api, card: Json, text: str, *, options: tuple[str, ...], timeout_s: float | None, as_json: bool) -> None:
    """Raises a hand on the card, and prints the answer."""
    asked = api.post(f"/cards/{card['id']}/questions", text=text, options=list(options))
    output.say("Asked. Waiting for an answer; Ctrl-C takes the question back.")
    end = None if timeout_s is None else time.monotonic() + timeout_s
    try:
        while asked["answered_at"] is None and asked.get("withdrawn_at") is None:
            left = WAIT_S if end is None else min(WAIT_S, end - time.monotonic())
            if left <= 0:
                raise CliError("Nobody answered in time; the question stays.", "`vibenv answer` answers it.", TIMEOUT)
            asked = api.call(
                "GET", f"/questions/{asked['id']}", query={"wait_s": f"{left:.1f}"}, timeout_s=left + WAIT_S
            )
    except KeyboardInterrupt:
        api.call("DELETE", f"/questions/{asked['id']}")
        raise
    if asked["answered_at"] is None:
        raise CliError("Somebody took the question back.", "", FAILED)
    if as_json:
        output.as_json(asked)
    else:
        output.say(f"{output.one_line(asked['answered_by'])} answers:")
        click.echo(asked["answer"])


def answer(api: Api, card: Json, text: str | None, question: str | None, as_json: bool) -> None:
    """Without a text the open questions are listed."""
    found: list[Json] = api.get(f"/cards/{card['id']}/questions", open=True)
    if text is None:
        if as_json:
            output.as_json(found)
        else:
            output.table([_question_row(each) for each in found], ("QUESTION", "BY", "AGE", "TEXT", "OPTIONS"))
        return
    chosen = [each for each in found if question is None or each["id"] == question]
    title = output.one_line(card["title"])
    if not chosen:
        raise CliError(f"Nobody waits for an answer on “{title}”.", f"`vibenv answer '{title}'` lists them.", NOT_FOUND)
    if len(chosen) > 1:
        raise CliError(f"“{title}” has {len(chosen)} open questions.", "Name one by --question ID.", USAGE)
    done = api.post(f"/questions/{chosen[0]['id']}/answer", answer=text)
    if as_json:
        output.as_json(done)
    else:
        output.say(f"Answered: {output.one_line(chosen[0]['text'])}")


def _question_row(each: Json) -> tuple[str, ...]:
    return (
        str(each["id"]),
        each["asked_by"],
        output.age(each["created_at"]),
        each["text"],
        " | ".join(each["options"]),
    )


# the agent ----------------------------------------------------------------------------------------------
def name_agent(api: Api, card: Json, agent: str) -> Json:
    """A template by its name, or a command of one's own."""
    known = {each["name"] for each in api.get("/agent-templates")}
    wanted = {"template": agent} if agent in known else {"template": CUSTOM, "command": agent}
    return dict(api.call("PUT", f"/cards/{card['id']}/agent", wanted))


def agent(api: Api, card: Json, wanted: str | None, *, verbs: list[str], as_json: bool) -> None:
    """`verbs`: of stop, start, pause and resume, in their order."""
    if wanted is not None:
        card = name_agent(api, card, wanted)
    for verb in verbs:
        card = api.post(f"/cards/{card['id']}/agent/{verb}")
    if as_json:
        output.as_json(card["agent"])
        return
    found = card.get("agent")
    if not found:
        output.say("No agent works on it. `vibenv agent NAME TEMPLATE` names one; templates are:")
        output.table([(each["name"], each["label"]) for each in api.get("/agent-templates")])
        return
    code = "" if found.get("exit_code") is None else f"exit code {found['exit_code']}"
    state = (found["state"] or "not started") + (", paused" if found["paused"] else "")
    row = (found["template"] or CUSTOM, state, found["words"] or "", code, found["command"])
    output.table([row], ("AGENT", "STATE", "WAITS FOR", "", "COMMAND"))


# terminals ----------------------------------------------------------------------------------------------
def terminals(api: Api, card: Json, *, new: str | None, command: str, close: int | None, as_json: bool) -> None:
    path = f"/cards/{card['id']}/terminals"
    if close is not None:
        api.call("DELETE", f"{path}/{close}")
        return
    if new is not None:
        made = api.post(path, name=new, command=command)
        if as_json:
            output.as_json(made)
        else:
            click.echo(str(made["number"]))
        return
    found = api.get(path)
    if as_json:
        output.as_json(found)
    else:
        output.table([(str(each["number"]), each["name"], each["kind"]) for each in found], ("NUMBER", "NAME", "KIND"))


# recordings ---------------------------------------------------------------------------------------------
def recordings(api: Api, card: Json, *, cast: str | None, search: str | None, as_json: bool) -> None:
    if cast is not None:
        _download(api, cast)
        return
    path = f"/cards/{card['id']}/recordings"
    if search is not None:
        hits = api.get(f"{path}/search", q=search)
        if as_json:
            output.as_json(hits)
        else:
            output.table([(hit["recording"], f"{hit['at_s']:.1f} s", hit["line"]) for hit in hits["hits"]])
        return
    found = api.all(path)
    if as_json:
        output.as_json(found)
        return
    rows = [
        (
            *(str(each["id"]), str(each["terminal"]), output.age(each["started_at"])),
            *(f"{each['duration_s']:.0f} s", output.size(each["size_bytes"]), "cut" if each["cut"] else ""),
        )
        for each in found
    ]
    output.table(rows, ("RECORDING", "TERMINAL", "AGE", "TIME", "SIZE", ""))


def _download(api: Api, recording: str) -> None:
    try:
        answer = api.open("GET", f"/recordings/{quoted(recording)}/cast", timeout_s=None)
    except ApiError as error:
        raise CliError(str(error), "`vibenv recordings NAME` lists them.", error.code) from error
    while part := answer.read1(CHUNK_BYTES):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
