"""What an agent takes in its session's container: its task, its surroundings, its start and its end. A part of reconcile.

Killed at any moment, the next one does it once more: files are written again, and a terminal that runs is left alone.
"""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, VibenvError
from sessions import agents, pausing, secrets, terminals
from sessions.agents import LIVE, Is
from sessions.models import AgentRun, Session, Terminal
from sessions.states import State
from sessions.transitions import announce

log = logging.getLogger(__name__)

API: Final = "http://127.0.0.1:7717"  # where the relay listens, in the container
TASK: Final = "/workspace/.vibenv/task.md"
RUNS: Final = "/run/vibenv/agents"
TOKEN: Final = "/run/vibenv/secrets/VIBENV_TOKEN"  # noqa: S105  (where it is, not what it is)
PREPARE_S: Final = 20
MISSING: Final = 3
AT_REST: Final = (State.NEW, State.ASLEEP, State.ARCHIVED, State.FAILED)
LOOK_S: Final = 20.0  # how long the end of one that nobody heard of can go unnoticed


@dataclass(frozen=True, slots=True)
class Brief:
    """What one is told at its start. `files` are written beside the task, by name; nothing secret is in any of it."""

    task: dict[str, Any]
    text: str
    files: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    install: str = ""  # what to do where its program is missing


# $1 the task's directory, $2 where runs are, $3 the run, $4 its script, $5 the program to look for; then names and contents
PREPARE: Final = f"""set -e
[ ! -r /etc/vibenv/shell ] || . /etc/vibenv/shell
PATH="$PATH:$HOME/.local/bin:$HOME/.npm-global/bin"
[ -z "$5" ] || command -v "$5" >/dev/null 2>&1 || exit {MISSING}
mkdir -p "$1" "$2"
if [ -d /workspace/.git ]; then
  mkdir -p /workspace/.git/info; touch /workspace/.git/info/exclude
  grep -qxF /.vibenv/ /workspace/.git/info/exclude || printf '\\n/.vibenv/\\n' >>/workspace/.git/info/exclude
fi
printf %s "$4" >"$2/$3.sh"
d=$1; shift 5
while [ $# -gt 1 ]; do printf %s "$2" >"$d/.$1.new"; mv -f "$d/.$1.new" "$d/$1"; shift 2; done
"""

SCRIPT: Final = """[ ! -r /etc/vibenv/shell ] || . /etc/vibenv/shell
export PATH="$PATH:$HOME/.local/bin:$HOME/.npm-global/bin"
{variables}
if [ -r {token} ]; then VIBENV_TOKEN=$(cat {token}); export VIBENV_TOKEN; fi
n=0 # what it prints is kept from its beginning: it waits for who reads, but not for long
until {{ read -r reader <"/run/vibenv/attach-$VIBENV_TERMINAL.pid" && kill -0 "$reader"; }} 2>/dev/null || [ $n = 60 ]
do n=$((n + 1)); sleep 0.05; done
n=0 # and for the way to vibenv, through which it may want to speak at once
until ! command -v perl >/dev/null || perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:7717")' || [ $n = 40 ]
do n=$((n + 1)); sleep 0.1; done
cd /workspace
{command}
"""

_brief: Callable[[AgentRun], Brief] | None = None


def register(brief: Callable[[AgentRun], Brief]) -> None:
    """Who knows what an agent is to do, and lets it in. Called at each start; again for one that was broken off."""
    global _brief  # noqa: PLW0603  (there is one)
    _brief = brief


# in reconcile ---------------------------------------------------------------------------------------------
def follow(session: Session) -> None:
    """The session runs: start the agent that is wanted, end the one that was stopped, notice one that is gone."""
    run = agents.latest(session.pk)
    if run is None:
        return
    if run.state in agents.STARTED and session.started_at and run.started_at and session.started_at > run.started_at:
        agents.end(run, Is.ENDED, agents.STARTED_ANEW)
    elif run.state in {Is.WANTED, Is.STARTING}:
        _start(run, session)
    elif run.state == Is.ENDED and run.ended_at is None:
        _end(run)


def _start(run: AgentRun, session: Session) -> None:
    """What cannot be done is told at the agent: the session is none the worse for it. Raises `EngineUnreachable`."""
    try:
        _begin(run, session)
    except EngineUnreachable:
        raise
    except VibenvError as error:
        log.warning("the agent of %s cannot be started: %s", session, error)
        agents.end(run, Is.FAILED, str(error))


def _begin(run: AgentRun, session: Session) -> None:
    brief = _brief(run) if _brief else Brief({}, "")
    if not agents.begins(run, brief.task):
        return
    secrets.deliver(session)
    if problem := _prepare(run, session, brief):
        agents.end(run, Is.FAILED, problem)
        return
    terminal = _terminal(run, session)
    if (code := terminals.exit_code(session, terminal.number)) is None:
        terminals.start(terminal)
    agents.works(run)
    pausing.keep(session.pk)
    if code is not None:  # a former worker had started it, and it was quick
        agents.end(run, Is.FINISHED, code=code)


def _prepare(run: AgentRun, session: Session, brief: Brief) -> str:
    """Returns why it cannot start, if so."""
    program = agents.program_of(run.command)
    files = {"task.md": brief.text, **brief.files}
    flat = [part for item in files.items() for part in item]
    script = script_of(run, brief)
    argv = ["sh", "-c", PREPARE, "prepare", TASK.rpartition("/")[0], RUNS, str(run.pk), script, program, *flat]
    done = engine().exec(session.container, argv, PREPARE_S)
    if done.exit_code == MISSING:
        return f"{program} is not installed in this session. {brief.install}".strip()
    if done.exit_code != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.exit_code}"
        return f"Its task could not be written into the session: {said}"
    return ""


def script_of(run: AgentRun, brief: Brief) -> str:
    """What its terminal runs."""
    given = {"VIBENV_API": API, "VIBENV_TASK_FILE": TASK, "VIBENV_TOKEN_FILE": TOKEN, **brief.variables}
    variables = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in given.items())
    return SCRIPT.format(variables=variables, token=TOKEN, command=run.command)


def _terminal(run: AgentRun, session: Session) -> Terminal:
    """Its own, in the place of a former agent's."""
    if run.terminal is not None and run.terminal.closed_at is None:
        return run.terminal
    for other in session.terminals.filter(kind=Terminal.Kind.AGENT, closed_at=None):
        terminals.close(other, actor=run.asked_by)
    command = f". {RUNS}/{run.pk}.sh"
    name = agents.name_of(run)[:60]
    made = terminals.open_terminal(session, actor=run.asked_by, name=name, kind=Terminal.Kind.AGENT, command=command)
    run.terminal = made
    AgentRun.objects.filter(pk=run.pk).update(terminal=made)
    announce(session.pk)  # upon which the web process reads it
    return made


def _end(run: AgentRun) -> None:
    """Somebody stopped it. What it printed stays to be read."""
    try:
        if run.terminal is not None and run.terminal.closed_at is None:
            terminals.end(run.terminal)
    except EngineUnreachable:
        raise
    except EngineError as error:
        log.warning("an agent cannot be ended: %s", error)
    agents.carried_out(run)


# in the sweep ---------------------------------------------------------------------------------------------
_looked: dict[int, float] = {}


def look() -> None:
    """Notice those that have ended and of whom nobody told: each now and then, and of a session that rests at once."""
    for run in AgentRun.objects.filter(state__in=LIVE, session__state__in=AT_REST).select_related("session"):
        agents.rests(run.session)
    now = time.monotonic()
    found = AgentRun.objects.filter(state__in=LIVE, session__state=State.RUNNING).select_related("session", "terminal")
    runs = [run for run in found if run.terminal is not None]
    for gone in _looked.keys() - {run.pk for run in runs}:
        del _looked[gone]
    for run in runs:
        if now - _looked.setdefault(run.pk, now) >= LOOK_S:
            _looked[run.pk] = now
            _look_at(run)


def _look_at(run: AgentRun) -> None:
    assert run.terminal is not None  # noqa: S101  (for the type checker)
    try:
        code = terminals.exit_code(run.session, run.terminal.number)
    except EngineError as error:
        log.warning("nobody can say whether an agent has ended: %s", error)
        return
    if code is not None:
        agents.end(run, Is.FINISHED, code=code)
