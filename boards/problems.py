"""Errors as HTTP answers: one mapping for the whole API."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from boards.access import Forbidden, NotFound
from boards.devices import Gone
from boards.editing import Overtaken
from boards.idempotency import Kept, StillRunning
from boards.limits import TooMany
from boards.present import card_json
from engines.errors import EngineError, InvalidInput, PolicyRejected, VibenvError
from sessions.work.errors import CutOff, NoSuchFile, PatchRefused

STATUS = {
    NotFound: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    PolicyRejected: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    EngineError: HTTPStatus.SERVICE_UNAVAILABLE,
    NoSuchFile: HTTPStatus.NOT_FOUND,
}


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """An `application/problem+json` answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")


def _vibenv(_: HttpRequest, error: VibenvError) -> HttpResponse:
    status = next((STATUS[c] for c in type(error).__mro__ if c in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
    answer = problem(status, str(error))
    if isinstance(error, TooMany | StillRunning):
        answer["Retry-After"] = str(error.retry_after_s)
    return answer


def _kept(_: HttpRequest, kept: Kept) -> HttpResponse:
    return kept.answer


def _overtaken(_: HttpRequest, error: Overtaken) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, str(error), fields=error.fields, card=card_json(error.card))


def _no_fit(_: HttpRequest, error: PatchRefused) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, str(error), conflicts=error.conflicts)


def _cut_off(_: HttpRequest, error: CutOff) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, str(error), output=error.output)


def _validation(_: HttpRequest, error: ValidationError) -> HttpResponse:
    said = "; ".join(f"{'.'.join(str(p) for p in e['loc'][1:])}: {e['msg']}" for e in error.errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, said)


def _http(_: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, error.message)


def _unauthenticated(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    answer = problem(HTTPStatus.UNAUTHORIZED, "Log in, or send a valid token as `Authorization: Bearer …`.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def install(api: NinjaAPI) -> None:
    """Have `api` answer every error as a problem."""
    handlers: dict[type[Exception], Any] = {
        VibenvError: _vibenv,
        Kept: _kept,
        Overtaken: _overtaken,
        PatchRefused: _no_fit,
        CutOff: _cut_off,
        ValidationError: _validation,
        HttpError: _http,
        AuthenticationError: _unauthenticated,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
