"""A command typed into the visible terminal, waited for by the marks of its shell."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from engines.errors import InvalidInput, PolicyRejected
from sessions.terminal.actor import Actor
from sessions.terminal.hub import Hub
from sessions.terminal.lines import CLEAR
from sessions.work import typed
from sessions.work.errors import CutOff, bounded
from sessions.work.listener import Listener
from sessions.work.place import Place
from sessions.work.plain import plain
from sessions.work.secrecy import masked
from sessions.work.terminals import terminal, until

LONGEST_S: Final = 3600.0
MARKS_S: Final = 3.0  # a shell that marks its prompts has painted one by then
UNFINISHED_S: Final = 0.4  # of silence, after which a shell that reads on waits for more
INTERRUPT_S: Final = 3.0
AGAIN_S: Final = 6.0  # for an attach that was lost to come back
LARGE_BYTES: Final = 64 * 1024
BRACKETED_PASTE: Final = 2004

UNMARKED: Final = (
    "This terminal's shell does not mark its commands, so nobody can tell when one ends. "
    "Use a board whose layers have the default profile, or the verb `exec`."
)
UNFINISHED: Final = (
    "command: is not whole: the shell waits for more of it (a quote, a bracket, a here-document?). It was taken back."
)
ENDED: Final = (
    "The session's terminal ended in the middle of the command; what it had printed until then is in `output`."
)


@dataclass(frozen=True, slots=True)
class Ran:
    """`exit_code` is None where the shell tells none: it `timed_out`, or another shell began in it.

    `ran` is False where the shell took the line and ran nothing (a comment, a syntax error: `output` has its words).
    Numbers `first` to `last` of the terminal's output are the command's; `omitted` bytes of it are left out.
    """

    output: str
    exit_code: int | None
    duration_s: float
    first: int
    last: int
    omitted: int = 0
    timed_out: bool = False
    ran: bool = True


async def run(
    place: Place,
    actor: Actor,
    command: str,
    *,
    timeout_s: float = 60.0,
    wait_s: float = 10.0,
    interrupt: bool = False,
) -> Ran:
    """Type `command` when it is its turn and the shell is at its prompt, at most `wait_s` from now, and wait for its end.

    `interrupt`: end one that takes too long by Ctrl-C; else it goes on. Raises `PolicyRejected` with what is in the
    way, `InvalidInput`, and `CutOff` where the session ended meanwhile.
    """
    typed.command(command, pasted=True)
    bounded("timeout_s", timeout_s, 0.1, LONGEST_S)
    deadline = time.monotonic() + bounded("wait_s", wait_s, 0, LONGEST_S)
    async with terminal(place) as hub, _turn(hub, deadline):
        await _may_type(hub, actor, deadline)
        try:
            ran = await _typed(hub, actor, command, timeout_s, interrupt=interrupt)
        except CutOff as cut:
            cut.output = await masked(place, cut.output)
            raise
    return dataclasses.replace(ran, output=await masked(place, ran.output))


@contextlib.asynccontextmanager
async def _turn(hub: Hub, deadline: float) -> AsyncIterator[None]:
    """Commands of one terminal follow each other in the order in which they came."""
    try:
        await asyncio.wait_for(hub.runs.acquire(), max(0.001, deadline - time.monotonic()))
    except TimeoutError:
        raise PolicyRejected("Another command runs in this terminal. Wait for it, or use another terminal.") from None
    try:
        yield
    finally:
        hub.runs.release()


async def _may_type(hub: Hub, actor: Actor, deadline: float) -> None:
    """At the prompt, with nobody at the keys: from here until the command is typed nothing else may be awaited."""
    while True:
        await _at_prompt(hub, deadline)
        await hub.floor.admit(actor, max(0.0, deadline - time.monotonic()))
        if hub.shell.at == "prompt":
            return


async def _at_prompt(hub: Hub, deadline: float) -> None:
    if hub.shell.at == "unknown":
        await until(lambda: hub.shell.at != "unknown", max(deadline, time.monotonic() + MARKS_S))
    if hub.shell.at == "unknown":
        raise PolicyRejected(UNMARKED)
    if not await until(lambda: hub.shell.at == "prompt" and not hub.history.alternate, deadline):
        raise PolicyRejected(
            f"The terminal is busy{_what_runs(hub)}. Wait for its end (`wait_for` a prompt), type keys into it, "
            "use `exec`, or another terminal."
        )


def _what_runs(hub: Hub) -> str:
    """The command line that was typed last, in words, as far as the history has it."""
    begin, end = hub.shell.typed_from, hub.shell.began
    since = hub.history.since(begin) if begin is not None and end is not None and begin < end else None
    if since is None or begin is None or end is None:
        return ""
    lines = [line for line in plain(since[: end - begin][:4096]).splitlines() if line.strip()]
    return f": it runs “{lines[0].strip()[:120]}”" if lines else ""


async def _typed(hub: Hub, actor: Actor, command: str, timeout_s: float, *, interrupt: bool) -> Ran:
    shell = hub.session_shell
    listener = Listener()
    hub.ears.add(listener)
    try:
        keys = typed.command(command, pasted=hub.history.is_on(BRACKETED_PASTE))
        began, first = time.monotonic(), hub.history.seq
        hub.type_as(actor, (CLEAR if _line_begun(hub) else b"") + keys, command)
        ended = await _end(hub, listener, began + timeout_s, shell)
        if not ended and (listener.first is None or interrupt):
            with contextlib.suppress(PolicyRejected):  # a person has control: it is theirs to end
                await hub.floor.admit(actor, 0)
                hub.type_as(actor, typed.INTERRUPT)
            await _end(hub, listener, time.monotonic() + INTERRUPT_S, shell)
    finally:
        hub.ears.discard(listener)
    if listener.first is None and not ended:
        raise InvalidInput(UNFINISHED)
    return await _result(hub, listener, first, began, timed_out=not ended)


def _line_begun(hub: Hub) -> bool:
    """Something stands behind the prompt: what somebody typed and left there."""
    since = hub.history.since(hub.shell.typed_from) if hub.shell.typed_from is not None else None
    return bool(since) and bool(plain(since or b"").strip())


async def _end(hub: Hub, listener: Listener, deadline: float, shell: str) -> bool:
    """Whether it ended in time. Raises `InvalidInput` for what is not whole, `CutOff`."""
    while not listener.done:
        listener.news.clear()
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        pause = min(left, UNFINISHED_S) if listener.first is None else left
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(listener.news.wait(), pause)
        if listener.lost:
            await _attached_again(hub, listener, shell)
        if listener.unfinished and time.monotonic() - listener.heard_at >= UNFINISHED_S:
            return False
    return True


async def _attached_again(hub: Hub, listener: Listener, shell: str) -> None:
    """The same shell goes on behind a new attach, or it is over."""
    listener.lost = False
    if not await until(lambda: hub.attached, time.monotonic() + AGAIN_S) or hub.session_shell != shell:
        raise CutOff(ENDED, plain(listener.output()))


async def _result(hub: Hub, listener: Listener, first: int, began: float, *, timed_out: bool) -> Ran:
    ran = listener.first is not None
    data = listener.output() if ran else listener.refusal
    output = await asyncio.to_thread(plain, data) if len(data) > LARGE_BYTES else plain(data)
    return Ran(
        output=output,
        exit_code=listener.exit_code,
        duration_s=(listener.ended_at or time.monotonic()) - (listener.began_at or began),
        first=first if listener.first is None else listener.first,
        last=hub.history.seq if listener.last is None else listener.last,
        omitted=listener.kept.omitted,
        timed_out=timed_out and ran,
        ran=ran,
    )
