"""How often the same people may try the same: counted in Redis, in this process while Redis is away."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from redis import RedisError

from engines.errors import VibenvError

log = logging.getLogger(__name__)
T = TypeVar("T")

LOGIN_ADDRESS: Final = RateLimitItemPerMinute(60, 5, "login-address")
LOGIN_NAME: Final = RateLimitItemPerMinute(10, 5, "login-name")  # forgotten when the password was right
WRONG_SECRET: Final = RateLimitItemPerMinute(30, 1, "wrong-secret")  # login, share and invite links that are none
JOIN: Final = RateLimitItemPerHour(60, 1, "join")  # new people from one address
NEW_INVITE: Final = RateLimitItemPerHour(60, 1, "new-invite")  # by one person
NEW_LINK: Final = RateLimitItemPerHour(120, 1, "new-link")  # by one person
DEVICE: Final = RateLimitItemPerHour(60, 1, "device")  # command lines that ask to be logged in, from one address
DEVICE_ASK: Final = RateLimitItemPerMinute(120, 1, "device-ask")  # how often they ask for an answer
NEW_TOKEN: Final = RateLimitItemPerHour(240, 1, "new-token")  # by one person
PASSWORD: Final = RateLimitItemPerMinute(10, 5, "password")  # tries to change one's own

REDIS_TIMEOUT_S = 0.5


class TooMany(VibenvError):
    """Tried too often."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"That was tried too often. Try again in {_words(retry_after_s)}.")


def _words(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{seconds} seconds" if seconds < 100 else f"{minutes} minutes"


@lru_cache(maxsize=1)
def _shared() -> RateLimiter:
    uri = settings.REDIS_URL.replace("unix://", "redis+unix://", 1)
    prefix = f"vibenv:{settings.INSTALLATION_ID[:8]}:limits"
    storage = RedisStorage(
        uri, key_prefix=prefix, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )
    return SlidingWindowCounterRateLimiter(storage)


@lru_cache(maxsize=1)
def _own() -> RateLimiter:
    return SlidingWindowCounterRateLimiter(MemoryStorage())


def _ask(question: Callable[[RateLimiter], T]) -> T:
    try:
        return question(_shared())
    except (RedisError, OSError) as error:
        log.warning("rate limits are counted in this process only: %s", error)
        return question(_own())


def hit(limit: RateLimitItem, who: str) -> None:
    """Count one try. Raises `TooMany` beyond the limit."""
    if not _ask(lambda limiter: limiter.hit(limit, who)):
        raise TooMany(_wait_s(limit, who))


def check(limit: RateLimitItem, who: str) -> None:
    """Raise `TooMany` where no more tries are left, without counting one."""
    if not _ask(lambda limiter: limiter.test(limit, who)):
        raise TooMany(_wait_s(limit, who))


def count(limit: RateLimitItem, who: str) -> None:
    """Count one try that was answered already."""
    _ask(lambda limiter: limiter.hit(limit, who))


def forget(limit: RateLimitItem, who: str) -> None:
    _ask(lambda limiter: limiter.clear(limit, who))


def _wait_s(limit: RateLimitItem, who: str) -> int:
    reset = _ask(lambda limiter: limiter.get_window_stats(limit, who)).reset_time
    return max(1, math.ceil(reset - time.time()))


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class too_many_page:  # noqa: N801  (Django middleware, which is named as a function)
    """Tells people on pages; the API has its own way of telling."""

    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooMany):
            return None
        about = {"title": "One moment, please", "detail": str(error)}
        response = render(request, "gone.html", about, status=429)
        response["Retry-After"] = str(error.retry_after_s)
        return response
