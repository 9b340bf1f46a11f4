"""The Celery application: `celery -A vibenv_site.celery worker --pool threads`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibenv_site.settings")

app = Celery("vibenv")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_watchers: list[Any] = []


@worker_ready.connect
def _watch_engine(**_: Any) -> None:
    from sessions.watch import Watcher  # noqa: PLC0415  (models need Django set up)

    watcher = Watcher()
    watcher.start()
    _watchers.append(watcher)


@worker_shutting_down.connect
def _stop_watching(**_: Any) -> None:
    for watcher in _watchers:
        watcher.end()
