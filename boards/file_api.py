"""The HTTP API of files on cards: a thin adapter over `attachments` and `access`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Router, Status
from ninja.files import UploadedFile

from boards import access, attachments
from boards.caller import FAULTS, user_of
from boards.schemas import FileOut

router = Router(tags=["files"])

CHUNK_BYTES = 256 * 1024


@router.get("/cards/{card_id}/files", response={200: list[FileOut], **FAULTS})
def list_files(request: HttpRequest, card_id: str) -> Any:
    """The card's files. `in_session` says whether one lies in the session's container, at `path`."""
    return attachments.present(access.card_of(user_of(request), card_id))


@router.post("/cards/{card_id}/files", response={201: FileOut, **FAULTS})
def add_file(request: HttpRequest, card_id: str, file: File[UploadedFile]) -> Any:
    """Give the session a file (`multipart/form-data`, field `file`) of at most 50 MiB; a card takes 200 MiB in all.

    A name that is taken gets a number.
    """
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    added = attachments.attach(card, user, file.name or "", file.size or 0, file.chunks(CHUNK_BYTES))
    return Status(201, attachments.file_json(card, added))


@router.get("/cards/{card_id}/files/{file_id}", response={200: bytes, **FAULTS})
def read_file(request: HttpRequest, card_id: str, file_id: str) -> HttpResponseBase:
    """The file itself, to be saved: never shown as part of this site."""
    file = attachments.find(access.card_of(user_of(request), card_id), file_id)
    path = attachments.content(file)
    return StreamingHttpResponse(
        _parts(path),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "Content-Encoding": "identity",  # sent as it is: else it would be compressed part by part, without its length
            "Content-Length": str(path.stat().st_size),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


async def _parts(path: Path) -> AsyncIterator[bytes]:
    """Read in threads: the event loop also carries the terminals."""
    with path.open("rb") as source:
        while part := await asyncio.to_thread(source.read, CHUNK_BYTES):
            yield part


@router.delete("/cards/{card_id}/files/{file_id}", response={204: None, **FAULTS})
def delete_file(request: HttpRequest, card_id: str, file_id: str) -> Any:
    """Remove a file from the card. A copy that is in the session's container already stays there."""
    attachments.remove(access.card_of(user_of(request), card_id, access.Role.EDITOR), file_id)
    return Status(204, None)
