"""The same request sent twice does its work once: with an `Idempotency-Key`, the first answer is kept and given again.

Authentication begins it (`begin`), so that only who may call this is told an old answer; `keeps_answers`, around every
operation, keeps what came of it. An operation that waits goes on when its caller goes away: they will ask again.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone

from boards.models import KeptAnswer
from engines.errors import InvalidInput, PolicyRejected, VibenvError
from sessions.sealing import seal, unseal

log = logging.getLogger(__name__)

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(hours=1)  # an unfinished one is of a process that died
LARGEST_BYTES = 4 * 1024 * 1024
WRITES: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})
STREAMS: Final = ("application/x-ndjson", "text/event-stream")
NOT_FINAL: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
TOO_LARGE = b'{"detail": "It was done, but the answer was too large to be kept."}'
_CLAIM: Final = "kept_answer"  # of a request: the row's id


class StillRunning(PolicyRejected):
    """The first request with this key has no answer yet."""

    retry_after_s = 1


class Kept(VibenvError):
    """Raised instead of doing it again: `answer` is the first one."""

    def __init__(self, answer: HttpResponse) -> None:
        self.answer = answer
        super().__init__("answered before")


def begin(request: HttpRequest, caller: str) -> None:
    """Claim the request's key, if it has one. Raises `Kept`, `StillRunning`, `InvalidInput` for a key of another request."""
    key = request.headers.get(HEADER)
    if key is None or request.method not in WRITES:
        return
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(f"{HEADER}: takes 1 to {LONGEST_KEY} printable characters.")
    if any(kind in request.headers.get("Accept", "") for kind in STREAMS):
        raise InvalidInput(f"{HEADER}: a stream cannot be kept. Leave the header out, or ask for plain JSON.")
    setattr(request, _CLAIM, _claim(_hash(caller, key), _fingerprint(request)))


def _hash(*parts: str | bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        made.update(f"{len(data)}:".encode() + data)
    return made.hexdigest()


def _fingerprint(request: HttpRequest) -> str:
    """Of what is asked. A body that is too large for memory, or is an upload, counts by its length."""
    kind, length = request.content_type or "", request.headers.get("Content-Length", "")
    body: bytes = b""
    if kind != "multipart/form-data" and length.isdecimal():
        try:
            body = request.body
        except (RequestDataTooBig, RawPostDataException):
            kind += " by length"
    return _hash(request.method or "", request.get_full_path(), kind, length, body)


def _claim(key_hash: str, request_hash: str) -> int:
    try:
        with transaction.atomic():
            return int(KeptAnswer.objects.create(key_hash=key_hash, request_hash=request_hash).pk)
    except IntegrityError:
        pass
    row = KeptAnswer.objects.filter(key_hash=key_hash).first()
    if row is None or _over(row):  # given back in this moment, or too old
        if row is not None:
            KeptAnswer.objects.filter(pk=row.pk).delete()
        return _claim(key_hash, request_hash)
    if row.request_hash != request_hash:
        raise InvalidInput(f"{HEADER}: was used for another request. Use a new key for each.")
    if not row.status:
        raise StillRunning("The first request with this key still runs. Ask again in a moment.")
    raise Kept(_again(row))


def _over(row: KeptAnswer) -> bool:
    return timezone.now() - row.created_at > (KEPT_FOR if row.status else GIVEN_UP_AFTER)


def _again(row: KeptAnswer) -> HttpResponse:
    body = unseal(bytes(row.body).decode()).encode("latin-1") if row.body else b""
    answer = HttpResponse(body, status=row.status, content_type=row.content_type or None)
    if not row.content_type:
        del answer["Content-Type"]
    answer[REPLAYED] = "true"
    return answer


def finish(claim: int, answer: Any) -> None:
    """Keep the answer, sealed: it may hold a secret that is told once. One that is no final word frees the key."""
    rows = KeptAnswer.objects.filter(pk=claim)
    if answer is None or answer.streaming or answer.status_code >= 500 or answer.status_code in NOT_FINAL:
        rows.delete()
        return
    body, kind = answer.content, answer.get("Content-Type", "")
    if len(body) > LARGEST_BYTES:
        body, kind = TOO_LARGE, "application/problem+json"
    sealed = seal(body.decode("latin-1")).encode() if body else b""
    rows.update(status=answer.status_code, content_type=kind[:80], body=sealed)


def keeps_answers(run: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates an operation's `run`, be it a coroutine or not."""
    if not asyncio.iscoroutinefunction(run):

        @functools.wraps(run)
        def plain(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            answer = None
            try:
                answer = run(request, *args, **kwargs)
            finally:
                if (claim := getattr(request, _CLAIM, None)) is not None:
                    finish(claim, answer)
            return answer

        return plain

    async def to_its_end(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        answer = None
        try:
            async with ThreadSensitiveContext(executor=_threads):  # the request's own ends with its caller
                answer = await run(request, *args, **kwargs)
        finally:
            if (claim := getattr(request, _CLAIM, None)) is not None:
                await _finish(claim, answer)
        return answer

    @functools.wraps(run)
    async def waiting(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if HEADER not in request.headers:
            return await run(request, *args, **kwargs)
        task = asyncio.create_task(to_its_end(request, *args, **kwargs))
        _running.add(task)
        task.add_done_callback(_running.discard)
        return await asyncio.shield(task)

    return waiting


_finish = database_sync_to_async(finish, thread_sensitive=False)
_threads = ThreadPoolExecutor(2, thread_name_prefix="kept")
_running: set[asyncio.Task[Any]] = set()


def forget_old() -> int:
    """Those whose time is over."""
    now = timezone.now()
    unfinished = KeptAnswer.objects.filter(status=0, created_at__lt=now - GIVEN_UP_AFTER)
    return unfinished.delete()[0] + KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
