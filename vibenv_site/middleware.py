"""Django's own middlewares, for views that wait: they do nothing that waits, so none of it needs a thread.

Django would go to a thread and back for each of them, ten times for a request: longer than the request itself takes.
"""

from __future__ import annotations

from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware

SMALL_BYTES: Final = 16 * 1024  # compressed within a millisecond


class Inline:
    """In the event loop, where the chain is one of coroutines; else as ever."""

    get_response: Any
    async_mode: bool

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.process_request(request) if hasattr(self, "process_request") else None
        answer = answer or await self.get_response(request)
        return await self._after(request, answer) if hasattr(self, "process_response") else answer

    async def _after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        process: Any = self.process_response  # type: ignore[attr-defined]
        answer: HttpResponseBase = (
            await sync_to_async(process)(request, response)
            if self.waits(request, response)
            else process(request, response)
        )
        return answer

    def waits(self, request: HttpRequest, response: HttpResponseBase) -> bool:  # noqa: ARG002
        """Whether what follows the view is not done at once."""
        return False


class Security(Inline, SecurityMiddleware):
    pass


class GZip(Inline, GZipMiddleware):
    def waits(self, request: HttpRequest, response: HttpResponseBase) -> bool:  # noqa: ARG002
        return not response.streaming and len(response.content) > SMALL_BYTES  # type: ignore[attr-defined]


class Sessions(Inline, SessionMiddleware):
    def waits(self, request: HttpRequest, response: HttpResponseBase) -> bool:  # noqa: ARG002
        return request.session.modified or settings.SESSION_SAVE_EVERY_REQUEST


class Common(Inline, CommonMiddleware):
    pass


class Csrf(Inline, CsrfViewMiddleware):
    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            self.process_view = self._view  # type: ignore[assignment,method-assign]

    async def _view(self, *about: Any) -> Any:
        return CsrfViewMiddleware.process_view(self, *about)


class Authentication(Inline, AuthenticationMiddleware):
    pass


class XFrameOptions(Inline, XFrameOptionsMiddleware):
    pass
