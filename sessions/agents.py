"""Agents at work in sessions: the only writer of `AgentRun`. What is done in the container: `agent_work`.

A session has one run at most: a new one takes the place of one that is over, of which the history tells.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from engines.errors import InvalidInput, PolicyRejected
from sessions import history
from sessions.lifecycle import wake
from sessions.models import AgentRun, Session
from sessions.present import iso
from sessions.signals import agent_over
from sessions.states import Desired, State
from sessions.transitions import ACTOR, announce

Is = AgentRun.State
STARTED: Final = (Is.WORKING, Is.WAITING)
LIVE: Final = (Is.STARTING, *STARTED)
MAY_WORK: Final = (Is.WANTED, *LIVE)
OVER: Final = (Is.FINISHED, Is.FAILED, Is.ENDED)
ORIGIN: Final = "agent"  # of the secrets that a run brings along, and takes with it
LONGEST_COMMAND: Final = 2000
LONGEST_WORDS: Final = 300
BUSY: Final = "An agent works on this card already. Stop it first, or wait until it has finished."
STOPPED: Final = "The session was stopped, and the agent with it."
STARTED_ANEW: Final = "The session was started anew, without the agent."


def latest(session_id: str) -> AgentRun | None:
    return AgentRun.objects.filter(session=session_id).order_by("-pk").first()


def is_live(session_id: str) -> bool:
    return AgentRun.objects.filter(session=session_id, state__in=LIVE).exists()


def checked(command: str) -> str:
    """Raises `InvalidInput`."""
    command = command.strip()
    if not command:
        raise InvalidInput("command: is empty; say what to run, or choose a template.")
    if len(command) > LONGEST_COMMAND:
        raise InvalidInput(f"command: has {len(command)} characters; it takes at most {LONGEST_COMMAND}.")
    if "\x00" in command:
        raise InvalidInput("command: has a NUL character; take it out.")
    return command


@transaction.atomic
def want(session: Session, *, command: str, template: str = "", asked_by: str) -> AgentRun:
    """Have an agent start as soon as the session runs. One that waits for that already gives way.

    Raises `InvalidInput`, and `PolicyRejected` while one works.
    """
    command = checked(command)
    Session.objects.select_for_update().get(pk=session.pk)
    former = latest(session.pk)
    if former is not None and former.state in LIVE:
        raise PolicyRejected(BUSY)
    AgentRun.objects.filter(session=session.pk).delete()
    run = AgentRun.objects.create(session=session, command=command, template=template, asked_by=asked_by)
    _tell(session.pk)
    return run


@transaction.atomic
def give_up_wanted(session_id: str) -> None:
    """None is to start any more; one that works is left alone."""
    if AgentRun.objects.filter(session=session_id, state=Is.WANTED).delete()[0]:
        announce(session_id)


@transaction.atomic
def stop(session: Session, *, actor: str, name: str) -> AgentRun:
    """Take it for ended at once; a worker ends what runs of it. Raises `PolicyRejected` where none works."""
    run = latest(session.pk)
    if run is None or run.state in OVER:
        raise PolicyRejected("No agent works on this card.")
    if not end(run, Is.ENDED, f"Stopped by {name}.", actor=actor, carried_out=run.state == Is.WANTED):
        raise PolicyRejected("It has just ended by itself.")
    return run


# states ---------------------------------------------------------------------------------------------------
def begins(run: AgentRun, task: dict[str, Any]) -> bool:
    """A worker is about to start it; once more where a former one was killed in the midst of that."""
    now = timezone.now()
    fields = {"state": Is.STARTING, "state_since": now, "started_at": now, "task": task, "words": ""}
    if not AgentRun.objects.filter(pk=run.pk, state__in=(Is.WANTED, Is.STARTING)).update(**fields):
        return False
    run.refresh_from_db()
    announce(run.session_id)
    return True


@transaction.atomic
def works(run: AgentRun) -> None:
    """It was started."""
    if _move(run, (Is.STARTING,), Is.WORKING):
        history.record(run.session_id, "agent", actor=run.asked_by, what="started", agent=name_of(run))


@transaction.atomic
def waits(session_id: str, words: str, number: int | None = None) -> None:
    """It wants somebody, for the reason in `words`; with a terminal's number, if that is its own."""
    run = latest(session_id)
    if run is not None and number in {None, _number(run)}:
        _move(run, STARTED, Is.WAITING, words[:LONGEST_WORDS])


@transaction.atomic
def goes_on(session_id: str, number: int | None = None) -> None:
    """It has what it waited for."""
    run = latest(session_id)
    if run is not None and number in {None, _number(run)}:
        _move(run, (Is.WAITING,), Is.WORKING)


@transaction.atomic
def end(
    run: AgentRun, state: str, words: str = "", *, code: int | None = None, actor: str = ACTOR, carried_out: bool = True
) -> bool:
    """It is over: False where it was already. Until it is `carried_out`, a worker still has to end its program."""
    ended_at = timezone.now() if carried_out else None
    if not _move(run, MAY_WORK, state, words[:LONGEST_WORDS], exit_code=code, ended_at=ended_at, paused=False):
        return False
    detail = {"what": str(state), "agent": name_of(run), "code": code}
    history.record(run.session_id, "agent", actor=actor, reason=words[:LONGEST_WORDS], **detail)
    run.session.secrets.filter(origin=ORIGIN).delete()
    session_id = run.session_id
    transaction.on_commit(lambda: agent_over.send_robust(sender=AgentRun, session_id=session_id))
    _tell(session_id)
    return True


def carried_out(run: AgentRun) -> None:
    """Nothing of it runs any more."""
    AgentRun.objects.filter(pk=run.pk, state=Is.ENDED).update(ended_at=timezone.now())


def _move(run: AgentRun, old: Iterable[str], new: str, words: str = "", **more: Any) -> bool:
    fields = {"state": new, "words": words, "state_since": timezone.now(), **more}
    if not AgentRun.objects.filter(pk=run.pk, state__in=tuple(old)).update(**fields):
        return False
    for name, value in fields.items():
        setattr(run, name, value)
    announce(run.session_id)
    return True


def _tell(session_id: str) -> None:
    announce(session_id)
    transaction.on_commit(lambda: wake(session_id))


def _number(run: AgentRun) -> int | None:
    return run.terminal.number if run.terminal else None


def name_of(run: AgentRun) -> str:
    """What people call it: its template, or the program that it begins with."""
    own = run.template if run.template != "custom" else ""
    return own or program_of(run.command).rpartition("/")[2] or "agent"


def program_of(command: str) -> str:
    """The program that a command begins with; empty where that is not plain to see."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    while words and "=" in words[0]:  # variables ahead of it
        words = words[1:]
    return words[0] if words and not set(words[0]) & set("$`(){}!;|&<>*?[]~\\\n") else ""


# news -----------------------------------------------------------------------------------------------------
def on_terminal_ended(session_id: str, number: int, exit_code: int, **_: Any) -> None:
    """Receiver of `terminal_ended`."""
    run = latest(session_id)
    if run is not None and _number(run) == number:
        end(run, Is.FINISHED, code=exit_code)


def rests(session: Session) -> None:
    """The session runs no more, nor does what ran in it. One that is wanted starts when it comes back."""
    run = latest(session.pk)
    if run is None:
        return
    if run.state in LIVE:
        end(run, Is.ENDED, STOPPED)
    elif run.state == Is.ENDED and run.ended_at is None:
        carried_out(run)


# who has something to do ----------------------------------------------------------------------------------
def sessions_lacking_agents() -> set[str]:
    """Running sessions in which an agent is to be started, or ended."""
    running = AgentRun.objects.filter(session__state=State.RUNNING, session__desired=Desired.RUNNING)
    due = running.filter(state__in=(Is.WANTED, Is.STARTING)) | running.filter(state=Is.ENDED, ended_at=None)
    return set(due.values_list("session_id", flat=True))


def sessions_wanting_relays() -> set[str]:
    """Running ones in which something may want to speak to vibenv, now or in a moment."""
    running = AgentRun.objects.filter(session__state=State.RUNNING, session__desired=Desired.RUNNING)
    return set(running.filter(state__in=MAY_WORK).values_list("session_id", flat=True))


def run_json(session: Session) -> dict[str, Any]:
    """Of the latest run, as a card shows it; wants `agent_runs` loaded, with their terminals."""
    runs = list(session.agent_runs.all())
    if not runs:
        return {"state": None, "paused": False, "words": "", "exit_code": None, "terminal": None, "since": None}
    run = runs[-1]
    return {
        "state": run.state,
        "paused": run.paused,
        "words": run.words,
        "exit_code": run.exit_code,
        "terminal": run.terminal.number if run.terminal and run.terminal.closed_at is None else None,
        "since": iso(run.state_since),
    }
