"""Static files for views of the pool alone: looking one up would hold a thread for as long as a waiting view takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware


@sync_and_async_middleware
def serve(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Django middleware."""
    if asyncio.iscoroutinefunction(get_response):
        raise MiddlewareNotUsed
    served: Callable[[Any], Any] = WhiteNoiseMiddleware(get_response)
    return served
