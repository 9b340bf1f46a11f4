"""Commands and files of cards' sessions in the HTTP API: a thin adapter over `sessions.work`. All of it may wait."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router, Status

from boards import access, work
from boards.caller import FAULTS, user_of
from boards.work_schemas import (
    DiffOut,
    DirOut,
    ExecIn,
    ExecOut,
    PatchIn,
    PatchOut,
    RunIn,
    RunOut,
    ScreenOut,
    TypedOut,
    TypeIn,
    WaitIn,
    WaitOut,
)
from engines.errors import InvalidInput, VibenvError
from sessions.work import archive, files, patches
from sessions.work.commands import STDERR, Ask, Ended, execute, stream
from sessions.work.keyboard import type_text
from sessions.work.place import Place
from sessions.work.run import run
from sessions.work.screen import Screen, screen
from sessions.work.wait import For, wait_for

router = Router(tags=["work"])

NDJSON = "application/x-ndjson"
CHUNK_BYTES = 256 * 1024
AS_IT_IS = {  # never shown as part of this site, never compressed or kept on the way
    "Content-Encoding": "identity",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
VIEWER = access.Role.VIEWER


@router.post("/cards/{card_id}/exec", response={200: ExecOut, **FAULTS})
async def exec_command(request: HttpRequest, card_id: str, given: ExecIn) -> Any:
    """Run a command as a process of its own, not in the terminal, and wait for its end.

    With `Accept: application/x-ndjson` its output is sent as it comes, a JSON object a line: `{"stream", "data"}` (or
    `base64`), and `{"exit_code", "timed_out"}` last. Whoever hangs up ends it.
    """
    place, _ = await work.reach(user_of(request), card_id)
    ask = _ask(given)
    if NDJSON in request.headers.get("Accept", ""):
        return StreamingHttpResponse(_lines(place, ask), content_type=NDJSON, headers=AS_IT_IS)
    return _ended_json(await execute(place, ask))


@router.post("/cards/{card_id}/run", response={200: RunOut, **FAULTS})
async def run_command(request: HttpRequest, card_id: str, given: RunIn) -> Any:
    """Type a command into the visible terminal, once its shell is at the prompt, and wait for its end.

    Everybody in the terminal sees it. It needs a shell that marks its commands, as the default profile has it do.
    """
    place, actor = await work.reach(user_of(request), card_id, terminal=given.terminal)
    ran = await run(
        place, actor, given.command, timeout_s=given.timeout_s, wait_s=given.wait_s, interrupt=given.interrupt
    )
    return {
        "output": ran.output,
        "exit_code": ran.exit_code,
        "timed_out": ran.timed_out,
        "ran": ran.ran,
        "truncated": ran.omitted > 0,
        "omitted_bytes": ran.omitted,
        "duration_s": round(ran.duration_s, 4),
        "seq_from": ran.first,
        "seq_to": ran.last,
    }


@router.post("/cards/{card_id}/type", response={200: TypedOut, **FAULTS})
async def type_keys(request: HttpRequest, card_id: str, given: TypeIn) -> Any:
    """Type text and keys into the visible terminal, whatever runs in it."""
    place, actor = await work.reach(user_of(request), card_id, terminal=given.terminal)
    return {"seq": await type_text(place, actor, given.text, enter=given.enter, keys=given.keys)}


@router.get("/cards/{card_id}/screen", response={200: ScreenOut, **FAULTS})
async def read_screen(request: HttpRequest, card_id: str, terminal: int = 0, since: int | None = None) -> Any:
    """What the visible terminal shows, as lines of text with the cursor; or what changed since an answer's `seq`."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER, terminal=terminal)
    return screen_json(await screen(place, since))


def screen_json(seen: Screen) -> dict[str, Any]:
    """Shape: `ScreenOut`."""
    changed = seen.changed
    return {
        "rows": seen.rows,
        "cols": seen.cols,
        "lines": seen.lines if changed is None else None,
        "changed": None if changed is None else [{"row": row, "text": seen.lines[row]} for row in changed],
        "cursor_row": seen.row,
        "cursor_column": seen.column,
        "cursor_visible": seen.visible,
        "alternate": seen.alternate,
        "title": seen.title,
        "seq": seen.seq,
    }


@router.post("/cards/{card_id}/wait", response={200: WaitOut, **FAULTS})
async def wait_in_terminal(request: HttpRequest, card_id: str, given: WaitIn) -> Any:
    """Wait until something comes about in the visible terminal."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER, terminal=given.terminal)
    wanted = For(given.text, given.regex, given.prompt, given.exit, given.bell, given.idle_s)
    came = await wait_for(place, wanted, timeout_s=given.timeout_s, since=given.since)
    return {"what": came.what, "line": came.line, "exit_code": came.exit_code, "seq": came.seq}


def _ask(given: ExecIn) -> Ask:
    try:
        stdin = base64.b64decode(given.stdin_base64, validate=True) if given.stdin_base64 else given.stdin.encode()
    except binascii.Error as error:
        raise InvalidInput("stdin_base64: is no base64.") from error
    return Ask(given.command, given.cwd, given.env, stdin, given.timeout_s).checked()


def _ended_json(ended: Ended) -> dict[str, Any]:
    return {
        "exit_code": ended.exit_code,
        **_text("stdout", ended.stdout),
        **_text("stderr", ended.stderr),
        "timed_out": ended.timed_out,
        "truncated": ended.omitted > 0,
        "omitted_bytes": ended.omitted,
        "duration_s": round(ended.duration_s, 4),
    }


def _text(name: str, data: bytes) -> dict[str, str | None]:
    text = data.decode(errors="replace")
    whole = None if "\ufffd" not in text else base64.b64encode(data).decode()
    return {name: text, f"{name}_base64": whole}


async def _lines(place: Place, ask: Ask) -> AsyncGenerator[bytes, None]:
    held = {1: b"", STDERR: b""}
    try:
        async with contextlib.aclosing(stream(place, ask)) as parts:
            async for part in parts:
                if isinstance(part, tuple):
                    data, held[part[0]] = _whole_characters(held[part[0]] + part[1])
                    if data:
                        yield _line(part[0], data)
                    continue
                for number, rest in held.items():
                    if rest:
                        yield _line(number, rest)
                yield _json_line({"exit_code": part, "timed_out": part is None})
    except VibenvError as error:
        yield _json_line({"error": str(error)})


def _whole_characters(data: bytes) -> tuple[bytes, bytes]:
    """Without a character that is cut at the end, and that beginning of one."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return (data[:-back], data[-back:]) if back < wanted else (data, b"")
        if byte < 0x80:
            break
    return data, b""


def _line(number: int, data: bytes) -> bytes:
    about: dict[str, str] = {"stream": "stderr" if number == STDERR else "stdout"}
    try:
        about["data"] = data.decode()
    except UnicodeDecodeError:
        about["base64"] = base64.b64encode(data).decode()
    return _json_line(about)


def _json_line(about: dict[str, Any]) -> bytes:
    return json.dumps(about, ensure_ascii=False).encode() + b"\n"


@router.get("/cards/{card_id}/file", response={200: bytes, **FAULTS})
async def read_session_file(
    request: HttpRequest, card_id: str, path: str, offset: int = 0, limit: int = files.FILE_BYTES
) -> HttpResponse:
    """A file of the session, as bytes: at most 16 MiB from `offset` on. `X-File-Size` and `X-File-Mode` tell about it."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER)
    found = await files.read(place, path, offset, limit)
    about = {"X-File-Size": str(found.size), "X-File-Mode": found.mode}
    return HttpResponse(found.data, content_type="application/octet-stream", headers=AS_IT_IS | about)


@router.put("/cards/{card_id}/file", response={204: None, **FAULTS})
async def write_session_file(request: HttpRequest, card_id: str, path: str, mode: str = "") -> Any:
    """Write the body, of at most 16 MiB, to a file of the session: whole or not at all. Directories on the way are made."""
    place, _ = await work.reach(user_of(request), card_id)
    _not_above(request, files.FILE_BYTES)
    await files.write(place, path, await asyncio.to_thread(request.read, files.FILE_BYTES + 1), mode)
    return Status(204, None)


@router.get("/cards/{card_id}/dir", response={200: DirOut, **FAULTS})
async def list_session_files(request: HttpRequest, card_id: str, path: str = "/workspace") -> Any:
    """What is in a directory of the session, by name; at most 10,000 entries."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER)
    return await files.entries(place, path)


@router.post("/cards/{card_id}/patch", response={200: PatchOut, **FAULTS})
async def apply_patch(request: HttpRequest, card_id: str, given: PatchIn) -> Any:
    """Change files of the session by a patch: all of it, or, where it does not fit (409, with `conflicts`), nothing."""
    place, _ = await work.reach(user_of(request), card_id)
    return {"files": await patches.apply(place, given.patch, given.cwd)}


@router.get("/cards/{card_id}/diff", response={200: DiffOut, **FAULTS})
async def read_diff(request: HttpRequest, card_id: str, path: str = "/workspace") -> Any:
    """What was changed since the last commit in a repository of the session, new files included."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER)
    found = await patches.diff(place, path)
    return {"diff": found.text, "truncated": found.omitted > 0, "omitted_bytes": found.omitted}


@router.get("/cards/{card_id}/tar", response={200: bytes, **FAULTS})
async def download(request: HttpRequest, card_id: str, path: str) -> Any:
    """A file or a whole directory of the session as a tar stream, of at most 1 GiB."""
    place, _ = await work.reach(user_of(request), card_id, VIEWER)
    parts = archive.pack(place, path)
    first = await anext(parts)  # what is wrong is told before the answer begins
    return StreamingHttpResponse(_from(first, parts), content_type="application/x-tar", headers=AS_IT_IS)


async def _from(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(rest) as parts:
        yield first
        async for part in parts:
            yield part


@router.put("/cards/{card_id}/tar", response={204: None, **FAULTS})
async def upload(request: HttpRequest, card_id: str, path: str = "/workspace") -> Any:
    """Unpack the body, a tar stream of at most 1 GiB, into a directory of the session, which is made where it is missing."""
    place, _ = await work.reach(user_of(request), card_id)
    _not_above(request, archive.LIMIT_BYTES)
    await archive.unpack(place, path, _body(request))
    return Status(204, None)


def _not_above(request: HttpRequest, limit: int) -> None:
    if int(request.headers.get("Content-Length") or 0) > limit:
        raise InvalidInput(f"The body takes at most {limit // 1024**2} MiB.")


async def _body(request: HttpRequest) -> AsyncIterator[bytes]:
    while part := await asyncio.to_thread(request.read, CHUNK_BYTES):
        yield part
