"""`/healthz`: each part's health, by asking it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from engines.current import engine
from layers import base, registry
from vibenv_site.celery import app

Part = dict[str, Any]


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()  # a thread of its own had it
    return {"status": "ok", "detail": connection.vendor}


def _redis() -> Part:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    try:
        client.ping()
        return {"status": "ok", "queue": client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)}
    finally:
        client.close()


def _worker() -> Part:
    answers = app.control.ping(timeout=1.0, limit=1)
    if not answers:
        raise RuntimeError("no worker answers; see the worker's log")
    return {"status": "ok"}


def _engine() -> Part:
    info = engine().info()
    return {"status": "ok", "version": info.version, "kernel": info.kernel, "running": info.containers_running}


def _base_image() -> Part:
    found = base.resolve()
    connection.close()
    return {"status": found.state, "detail": found.detail, "image": found.image}


def _registry() -> Part:
    """Without one the engine does its work, so that is no failure."""
    lacking = registry.missing()
    return {"status": "missing" if lacking else "ok", "detail": lacking, "address": settings.REGISTRY}


PARTS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "engine": _engine,
    "base_image": _base_image,
    "registry": _registry,
}


def _ask(part: Callable[[], Part]) -> Part:
    try:
        return part()
    except Exception as error:  # whatever a client raises is the answer here
        return {"status": "failed", "detail": str(error)}


@never_cache
def healthz(_: HttpRequest) -> JsonResponse:
    """200 while the product can be used at all (503 without its database); `status` says whether all of it can."""
    with ThreadPoolExecutor(len(PARTS)) as pool:
        parts = dict(zip(PARTS, pool.map(_ask, PARTS.values()), strict=True))
    broken = [name for name, part in parts.items() if part["status"] == "failed"]
    status = "failed" if "database" in broken else "degraded" if broken else "ok"
    return JsonResponse(
        {"status": status, "version": settings.VERSION, "parts": parts}, status=503 if status == "failed" else 200
    )
