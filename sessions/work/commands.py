"""A command in a session as a process of its own: output, errors and exit code apart, in the environment of its shells."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engines.current import engine
from engines.errors import InvalidInput
from engines.protocol import RunningCommand
from sessions.masking import Masker
from sessions.work.errors import bounded
from sessions.work.kept import LIMIT_BYTES, Kept
from sessions.work.place import Place
from sessions.work.secrecy import secrets_of

LONGEST_S: Final = 3600.0
STDIN_BYTES: Final = 16 * 1024**2
ARGUMENT_BYTES: Final = 100 * 1024  # the kernel takes 128 KiB for one
STDERR: Final = 2

# What its shells read, their secrets, the directory, then the command in the place of this shell.
WRAP: Final = """\
[ ! -r /etc/vibenv/shell ] || . /etc/vibenv/shell
[ ! -r /run/vibenv/secrets/.env ] || . /run/vibenv/secrets/.env
if [ -n "$1" ]; then cd -- "$1" || exit 126; else cd /workspace 2>/dev/null || cd; fi
shift
exec "$@"
"""
SHELL: Final = 'if [ -x /bin/bash ]; then exec /bin/bash -c "$0"; fi; eval "$0"'


@dataclass(frozen=True, slots=True)
class Ask:
    """What to run. `command`: a list of arguments, or a text for a shell. Without `cwd`: /workspace."""

    command: Sequence[str] | str
    cwd: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    timeout_s: float = 60.0
    raw: bool = False  # what it prints is a file's: the session's secrets are not taken out of it

    def checked(self) -> Ask:
        """Raises `InvalidInput`."""
        if not self.command or (not isinstance(self.command, str) and not self.command[0]):
            raise InvalidInput("command: is empty; give a list of arguments, or a text for a shell.")
        for text in [*([self.command] if isinstance(self.command, str) else self.command), self.cwd]:
            if "\0" in text or len(text.encode()) > ARGUMENT_BYTES:
                raise InvalidInput(
                    f"command: an argument holds at most {ARGUMENT_BYTES // 1024} KiB, and no zero byte; "
                    "write more to a file, or give it as stdin."
                )
        for name, value in self.environment.items():
            if not name or "=" in name or "\0" in name + value or len(value.encode()) > ARGUMENT_BYTES:
                raise InvalidInput(f"env: {name[:80]!r} is no variable that a process can have.")
        if len(self.stdin) > STDIN_BYTES:
            raise InvalidInput(f"stdin: takes at most {STDIN_BYTES // 1024**2} MiB; send more as a tar stream.")
        bounded("timeout_s", self.timeout_s, 0.1, LONGEST_S)
        return self

    @property
    def argv(self) -> list[str]:
        command = ["sh", "-c", SHELL, self.command] if isinstance(self.command, str) else list(self.command)
        return ["sh", "-c", WRAP, "sh", self.cwd, *command]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended, or (`timed_out`) was ended: then `exit_code` is None. `omitted` bytes of its output are missing."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    omitted: int
    timed_out: bool
    duration_s: float


async def execute(place: Place, ask: Ask, limit: int = LIMIT_BYTES) -> Ended:
    """To its end. Raises `InvalidInput`, `EngineError`."""
    kept = {1: Kept(limit), STDERR: Kept(limit)}
    began = time.monotonic()
    exit_code: int | None = None
    async with contextlib.aclosing(stream(place, ask)) as parts:
        async for part in parts:
            if isinstance(part, tuple):
                kept[part[0]].add(part[1])
            else:
                exit_code = part
    return Ended(
        exit_code=exit_code,
        stdout=kept[1].value(),
        stderr=kept[STDERR].value(),
        omitted=kept[1].omitted + kept[STDERR].omitted,
        timed_out=exit_code is None,
        duration_s=time.monotonic() - began,
    )


async def stream(
    place: Place, ask: Ask, source: AsyncIterator[bytes] | None = None
) -> AsyncGenerator[tuple[int, bytes] | int | None, None]:
    """Its output as it comes, each with its stream (1 or 2), then its exit code, or None where it took too long.

    `source` is read in the place of `stdin`. Whoever stops reading ends it, with all that it started.
    """
    ask.checked()
    values = () if ask.raw else await secrets_of(place)
    maskers = {number: Masker(values) for number in (1, STDERR)}
    deadline = time.monotonic() + ask.timeout_s
    async with running(place, ask, takes_input=source is not None or bool(ask.stdin)) as command:
        feeding = asyncio.create_task(_feed(command, source or _once(ask.stdin)))
        try:
            while (part := await asyncio.wait_for(command.read(), deadline - time.monotonic())) is not None:
                if data := maskers[part[0]].feed(part[1]):
                    yield part[0], data
            code: int | None = await command.exit_code()
        except TimeoutError:
            await command.kill()
            code = None
        finally:
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding
        for number, masker in maskers.items():
            if data := masker.rest():
                yield number, data
        yield code


@contextlib.asynccontextmanager
async def running(place: Place, ask: Ask, *, takes_input: bool) -> AsyncIterator[RunningCommand]:
    """A command that was begun; left before its end, it is ended."""
    opening = asyncio.ensure_future(
        asyncio.to_thread(engine().begin, place.container, ask.argv, dict(ask.environment), takes_input=takes_input)
    )
    try:
        command = await asyncio.shield(opening)
    except asyncio.CancelledError:  # a thread cannot be cancelled: what it still begins must end
        opening.add_done_callback(lambda done: _aside(_end(done.result())) if not done.exception() else None)
        raise
    try:
        yield command
    except BaseException:
        _aside(_end(command))
        raise
    command.close()


async def _end(command: RunningCommand) -> None:
    try:
        await command.kill()
    finally:
        command.close()


async def _feed(command: RunningCommand, source: AsyncIterator[bytes]) -> None:
    with contextlib.suppress(OSError):  # it reads no more
        async for part in source:
            await command.write(part)
        command.end_input()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    if data:
        yield data


_ending: set[asyncio.Task[None]] = set()  # held here, or they could be collected while they run


def _aside(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    _ending.add(task)
    task.add_done_callback(_ending.discard)
