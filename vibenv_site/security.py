"""The Content-Security-Policy of every page: our own scripts only, none inline."""

from __future__ import annotations

from asyncio import iscoroutinefunction
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

# 'unsafe-inline' is for styles alone: the terminal sets colours and cell sizes by style elements of its own.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@sync_and_async_middleware
def content_security_policy(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Django middleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return _secured(get_response(request))

    async def waiting(request: HttpRequest) -> HttpResponse:
        return _secured(await get_response(request))

    return waiting if iscoroutinefunction(get_response) else middleware


def _secured(response: HttpResponse) -> HttpResponse:
    response.setdefault("Content-Security-Policy", POLICY)
    response.setdefault("Referrer-Policy", "same-origin")
    return response
