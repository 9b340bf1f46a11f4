"""The HTTP API of recordings: a thin adapter over `recordings` and `access`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Schema, Status

from boards import access, recordings
from boards.caller import FAULTS, user_of
from boards.paging import page, tell_next
from boards.present import board_recording_json
from boards.recordings import recording_json
from boards.schemas import BoardRecordingOut
from sessions.models import Recording
from sessions.recording import cast, plain, search, store

router = Router(tags=["recordings"])

Form = Literal["cast", "txt"]
CHUNK_BYTES = 256 * 1024
_searching = asyncio.Semaphore(2)  # at once: each takes a core for as long as it lasts
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class RecordingOut(Schema):
    """`ended_at` null: it goes on. `terminal`: 0 is the session's own. `cut`: it reached its bound; the next one goes on."""

    id: str
    terminal: int
    started_at: datetime
    ended_at: datetime | None
    duration_s: float
    size_bytes: int
    cut: bool
    input: bool


class MarkOut(Schema):
    """`command` with its line as `text`, `end` with its exit code where the shell told one, or a `note` of something else."""

    at_s: float
    kind: Literal["command", "end", "note"]
    text: str
    exit_code: int | None


class MarkedRecordingOut(RecordingOut):
    card: str
    marks: list[MarkOut]


class HitOut(Schema):
    """The words are `line[start:end]`, printed `at_s` seconds after the recording began."""

    recording: str
    at_s: float
    line: str
    start: int
    end: int


class HitsOut(Schema):
    """`more`: there may be others; ask for words that are rarer."""

    hits: list[HitOut]
    more: bool


class BoardRecordingPatch(Schema):
    output: bool | None = None
    input: bool | None = None


@router.get("/cards/{card_id}/recordings", response={200: list[RecordingOut], **FAULTS})
def list_recordings(
    request: HttpRequest, response: HttpResponse, card_id: str, after: str | None = None, limit: int | None = None
) -> Any:
    """Of its terminals, the latest first. With `limit` in parts: the `Link` of an answer leads on."""
    card = access.card_of(user_of(request), card_id)
    rows = Recording.objects.filter(session=card.session_id)
    found = page(rows, ("-started_at", "id"), after=after, limit=limit)
    tell_next(request, response, found.after)
    return [recording_json(each) for each in found.rows]


@router.get("/cards/{card_id}/recordings/search", response={200: HitsOut, **FAULTS})
async def search_recordings(
    request: HttpRequest, card_id: str, q: str = "", recording: str | None = None, limit: int = 50
) -> Any:
    """Lines of the output that have these words, in all recordings of the card, the latest ones first; or in one of them."""
    rows = await sync_to_async(_rows_of)(request, card_id, recording)
    async with _searching:
        hits, more = await asyncio.to_thread(search.search, rows, q, limit)
    return {"hits": [asdict(hit) for hit in hits], "more": more}


def _rows_of(request: HttpRequest, card_id: str, only: str | None) -> list[Recording]:
    card = access.card_of(user_of(request), card_id)
    rows = Recording.objects.filter(session=card.session_id)
    return list(rows if only is None else rows.filter(pk=only))


@router.get("/recordings/{recording_id}", response={200: MarkedRecordingOut, **FAULTS})
def read_recording(request: HttpRequest, recording_id: str) -> Any:
    """With the commands that ran in it, and what else happened."""
    found, card = access.recording_by_id(user_of(request), recording_id)
    return recording_json(found) | {"card": card.pk, "marks": recordings.marks_json(found)}


@router.delete("/recordings/{recording_id}", response={204: None, **FAULTS})
def delete_recording(request: HttpRequest, recording_id: str) -> Any:
    """Cannot be undone. Of one that goes on, what comes from now on is a new recording."""
    found, _ = access.recording_by_id(user_of(request), recording_id, access.Role.EDITOR)
    store.remove(found)
    return Status(204, None)


@router.get("/recordings/{recording_id}/cast", response={200: bytes, **FAULTS})
def read_cast(request: HttpRequest, recording_id: str, format: Form = "cast") -> HttpResponseBase:
    """The file, asciicast v2 (takes `Range`); or with `format=txt` its output as plain text."""
    found, card = access.recording_by_id(user_of(request), recording_id)
    path = store.path_of(found)
    if not path.exists():
        raise access.NotFound("The recording's file is gone.")
    headers = {
        "Content-Disposition": content_disposition_header(
            True, f"{card.session.name}-{found.started_at:%Y%m%d-%H%M%S}.{format}"
        )
        or "",
        "Content-Encoding": "identity",  # sent as it is, with its length
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if format == "txt":
        return StreamingHttpResponse(_texts(path), content_type="text/plain; charset=utf-8", headers=headers)
    return _ranged(request, path, headers)


def _ranged(request: HttpRequest, path: Path, headers: dict[str, str]) -> HttpResponseBase:
    size = path.stat().st_size
    begin, end, status = 0, size, 200
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked and (asked[1] or asked[2]):
        begin = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        end = min(size, int(asked[2]) + 1) if asked[1] and asked[2] else size
        if begin >= end:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status, headers = 206, headers | {"Content-Range": f"bytes {begin}-{end - 1}/{size}"}
    headers = headers | {"Content-Length": str(end - begin), "Accept-Ranges": "bytes"}
    parts = _parts(path, begin, end)
    return StreamingHttpResponse(parts, status=status, content_type="application/x-asciicast", headers=headers)


async def _parts(path: Path, begin: int, end: int) -> AsyncIterator[bytes]:
    """Read in threads: the event loop also carries the terminals. Bytes that are added meanwhile are not sent."""
    with path.open("rb") as source:
        source.seek(begin)
        while begin < end and (part := await asyncio.to_thread(source.read, min(CHUNK_BYTES, end - begin))):
            begin += len(part)
            yield part


async def _texts(path: Path) -> AsyncIterator[bytes]:
    texts = _text_parts(path)
    while (part := await asyncio.to_thread(next, texts, None)) is not None:
        yield part


def _text_parts(path: Path) -> Iterator[bytes]:
    """Some lines at a time; several empty ones are one."""
    gathered, size, empty = [], 0, True
    for line in plain.lines(cast.read(path)):
        if line.text or not empty:
            gathered.append(line.text + "\n")
            size += len(line.text) + 1
        empty = not line.text
        if size >= CHUNK_BYTES:
            yield "".join(gathered).encode(errors="replace")
            gathered, size = [], 0
    yield "".join(gathered).encode(errors="replace")


@router.get("/boards/{board_id}/recording", response={200: BoardRecordingOut, **FAULTS})
def read_board_recording(request: HttpRequest, board_id: str) -> Any:
    """Whether the output of the board's terminals is recorded, and what is typed in them."""
    return board_recording_json(access.board_of(user_of(request), board_id))


@router.patch("/boards/{board_id}/recording", response={200: BoardRecordingOut, **FAULTS})
def change_board_recording(request: HttpRequest, board_id: str, given: BoardRecordingPatch) -> Any:
    """In force at once, for all its terminals; whoever is in one is told. What was recorded before stays."""
    board = access.board_of(user_of(request), board_id, access.Role.OWNER)
    changed = recordings.change_board(board, output=given.output, input=given.input)
    return board_recording_json(changed)
