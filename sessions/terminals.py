"""Further terminals of a session, beside its main one: opened, named and closed here only.

Each is a dtach socket of its own in the container. Its program is started by whoever attaches (`terminal.attach`), and
again after the container was; one whose program ended by itself is closed. An agent's is started once, by `start`, and
stays to be read when its program has ended.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError, InvalidInput, PolicyRejected
from sessions import history
from sessions.models import Session, Terminal
from sessions.signals import terminal_ended
from sessions.states import State
from sessions.terminal.keys import MAIN, key
from sessions.transitions import announce

MOST: Final = 12  # of a session at once
NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
LONGEST_COMMAND: Final = 4000
RUN: Final = "/run/vibenv"
ENDS_S: Final = 10


def socket(number: int) -> str:
    return f"/tmp/vibenv-{number}.sock" if number != MAIN else "/tmp/vibenv.sock"  # noqa: S108  (inside the container)


def ended_path(number: int) -> str:
    """Holds the exit code of the program, once that has ended."""
    return f"{RUN}/terminal-{number}.ended"


# The marker of an earlier run must go, or the new one would be taken for ended. dtach's master outlives who started it;
# its pid tells a socket that somebody listens at from one that a stopped container left.
START: Final = f"""mkdir -p {RUN}; p={RUN}/terminal-$1
alive() {{ read -r m <$p.pid && read -r w <"/proc/$m/comm" && [ "$w" = dtach ] && grep -qF "$2" "/proc/$m/cmdline"; }} 2>/dev/null
exec 9>$p.lock; flock 9
if alive "$1" "$2"; then exit 0; fi
case $4 in look) exit 0 ;; attach) [ ! -e $p.ended ] || exit 0 ;; esac
rm -f "$2" $p.ended $p.pid
[ -r {RUN}/secrets/.env ] && . {RUN}/secrets/.env
export VIBENV_SESSION="$5" VIBENV_TERMINAL="$1"
cd /workspace 2>/dev/null
dtach -n "$2" -r winch sh -c 'echo $PPID >"$1.pid"; sh -c "$2"; echo $? >"$1.ended"' "vibenv-$6" $p "$3" 9>&-
n=0; until [ -s $p.pid ] || [ $n = 100 ]; do n=$((n + 1)); sleep 0.02; done
"""
# Its terminal is gone with its master, upon which all in it are told to end; what does not is ended. The marker comes
# first: whoever attaches meanwhile must not begin it again.
END: Final = f"""read -r m <{RUN}/terminal-$1.pid && grep -qF "$2" "/proc/$m/cmdline" || exit 0
s=$(pgrep -P "$m" | head -n 1); echo 129 >{RUN}/terminal-$1.ended; kill "$m"
n=0; while [ $n -lt 40 ] && [ -n "$s" ] && pgrep -s "$s" >/dev/null; do n=$((n + 1)); sleep 0.05; done
[ -z "$s" ] || pkill -KILL -s "$s" || true"""

# Held where they are, and let go on: the terminal itself stays to be read.
HOLD: Final = f"""read -r m <{RUN}/terminal-$1.pid && grep -qF "$2" "/proc/$m/cmdline" || exit 0
s=$(pgrep -P "$m" | head -n 1); [ -z "$s" ] || pkill "-$3" -s "$s" || true"""

# All that belongs to it, the oldest first: its launcher, its shell or command, and what those began.
LOOK: Final = f"""for n in "$@"; do
read -r m <{RUN}/terminal-$n.pid && s=$(pgrep -P "$m" | head -n 1) && ps -s "$s" --sort start_time -o args= | sed "s/^/$n /"
done 2>/dev/null; true"""
LOOK_S: Final = 5
SHOWN: Final = 60  # characters of a program that runs


def command_of(terminal: Terminal) -> str:
    """For `sh -c`."""
    return terminal.command or f"exec {settings.SESSION_SHELL}"


def arguments(terminal: Terminal, session: Session, how: str = "") -> list[str]:
    """For `START`, which has the program run in the container; one that does so already goes on.

    `attach` leaves a program that ended by itself, `look` (an agent's) any that does not run; `again` begins it anew.
    """
    how = how or ("look" if terminal.kind == Terminal.Kind.AGENT else "attach")
    return [str(terminal.number), socket(terminal.number), command_of(terminal), how, session.name, terminal.kind]


# verbs --------------------------------------------------------------------------------------------------
def open_terminal(
    session: Session, *, actor: str, name: str = "", kind: str = Terminal.Kind.SHELL, command: str = ""
) -> Terminal:
    """A further terminal. Its program begins when somebody attaches, or with `start`. Raises `PolicyRejected`, `InvalidInput`."""
    if session.status != "running":
        raise PolicyRejected("The session does not run, so it has no terminals. Start it first.")
    if len(command) > LONGEST_COMMAND:
        raise InvalidInput(f"command: at most {LONGEST_COMMAND} characters.")
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)
        there = session.terminals.filter(closed_at=None)
        if there.count() >= MOST:
            raise PolicyRejected(f"A session has at most {MOST} terminals beside its main one. Close one first.")
        last = session.terminals.order_by("-number").values_list("number", flat=True).first() or MAIN
        number = last + 1
        made = Terminal(session=session, number=number, kind=kind, command=command.strip(), created_by=actor)
        made.name = checked_name(name) if name else _free_name(made, [each.name for each in there])
        try:
            made.save()
        except IntegrityError as error:
            raise PolicyRejected("Somebody opened a terminal at the same moment. Try again.") from error
        history.record(session.pk, "terminal", actor=actor, what="opened", number=number, name=made.name)
        announce(session.pk)
    return made


def _free_name(made: Terminal, taken: list[str]) -> str:
    words = shlex.split(made.command)[:1] if made.command and _splits(made.command) else []
    wanted = words[0].rpartition("/")[2] if words else str(made.kind)
    wanted = NAME.match(wanted).group() if NAME.match(wanted) else "shell"  # type: ignore[union-attr]
    return wanted if wanted not in taken else f"{wanted[:54]} {made.number}"


def _splits(command: str) -> bool:
    try:
        return bool(shlex.split(command))
    except ValueError:
        return False


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not NAME.fullmatch(name):
        raise InvalidInput("name: from 1 to 60 characters on one line.")
    return name


def of(session: Session, number: int) -> Terminal:
    """One that is there. Raises `InvalidInput`."""
    found = session.terminals.filter(number=number, closed_at=None).first()
    if found is None:
        raise InvalidInput(f"There is no terminal {number} in this session; it was closed, or never opened.")
    return found


def rename(terminal: Terminal, name: str) -> None:
    terminal.name = checked_name(name)
    terminal.save(update_fields=["name"])
    announce(terminal.session_id)


def start(terminal: Terminal) -> None:
    """Begin its program now, without waiting for anybody to attach; one that ended, once more. Raises `EngineError`."""
    session = terminal.session
    done = engine().exec(
        session.container, ["sh", "-c", START, "start", *arguments(terminal, session, "again")], ENDS_S
    )
    if done.exit_code != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise EngineError(
            f"The terminal {terminal.name} could not be started: {said or f'exit code {done.exit_code}'}."
        )
    announce(session.pk)


def close(terminal: Terminal, *, actor: str) -> None:
    """End its program, and take it away."""
    if terminal.session.state == State.RUNNING:
        end(terminal)
    closed(terminal, actor=actor)


def end(terminal: Terminal) -> None:
    """End its program; what it printed stays to be read."""
    argv = ["sh", "-c", END, "end", str(terminal.number), socket(terminal.number)]
    engine().exec(terminal.session.container, argv, ENDS_S)


def hold(terminal: Terminal, *, held: bool) -> None:
    """Have all its programs stop where they are, or go on. Raises `EngineError`."""
    signal = "STOP" if held else "CONT"
    argv = ["sh", "-c", HOLD, "hold", str(terminal.number), socket(terminal.number), signal]
    engine().exec(terminal.session.container, argv, ENDS_S)


def closed(terminal: Terminal, *, actor: str) -> None:
    if Terminal.objects.filter(pk=terminal.pk, closed_at=None).update(closed_at=timezone.now()):
        number, name = terminal.number, terminal.name
        history.record(terminal.session_id, "terminal", actor=actor, what="closed", number=number, name=name)
        announce(terminal.session_id)


def has_ended(session_id: str, number: int, exit_code: int) -> None:
    """Its program ended by itself: a shell's terminal goes, an agent's stays to be read. Tells `terminal_ended`."""
    terminal = Terminal.objects.filter(session=session_id, number=number, closed_at=None).first()
    if terminal is None:
        return
    if terminal.kind == Terminal.Kind.SHELL:
        closed(terminal, actor="vibenv")
    terminal_ended.send_robust(sender=Terminal, session_id=session_id, number=number, exit_code=exit_code)


def exit_code(session: Session, number: int) -> int | None:
    """Of the program of a further terminal; None while it runs. Raises `EngineError`."""
    held = engine().read_file(session.container, ended_path(number))
    words = held.decode(errors="replace").split() if held is not None else []
    return int(words[0]) if words and words[0].isdigit() else None


def programs(session: Session, found: Sequence[Terminal]) -> dict[int, list[str]]:
    """What would end with each of them: nothing where only a shell waits. Raises `EngineError`."""
    numbers = [str(each.number) for each in found]
    if not numbers or session.state != State.RUNNING:
        return {}
    said = (
        engine().exec(session.container, ["sh", "-c", LOOK, "look", *numbers], LOOK_S).stdout.decode(errors="replace")
    )
    lines = [line.partition(" ") for line in said.splitlines()]
    all_of = {each.number: [rest for number, _, rest in lines if number == str(each.number)] for each in found}
    return {each.number: all_of[each.number][1 if each.command else 2 :] for each in found}


def in_words(programs: Sequence[str]) -> str:
    """The first of them, and how many more."""
    if not programs:
        return ""
    first = programs[0] if len(programs[0]) <= SHOWN else f"{programs[0][: SHOWN - 1]}…"
    return first if len(programs) == 1 else f"{first} and {len(programs) - 1} more"


def there(sessions: Iterable[str]) -> set[str]:
    """Keys of all further terminals of these sessions."""
    return {key_of(each) for each in Terminal.objects.filter(session__in=list(sessions), closed_at=None)}


def key_of(terminal: Terminal) -> str:
    return key(terminal.session_id, terminal.number)
