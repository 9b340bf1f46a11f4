"""`/metrics` for Prometheus: what every process counted, and what the database and the queue say now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import redis
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import REGISTRY, Collector

from sessions.models import PoolContainer, Session
from sessions.states import State


def forget_dead_processes() -> None:
    """Drop the gauges of processes that were killed, or their viewers would be counted for ever."""
    if not settings.METRICS_DIR:
        return
    for path in Path(settings.METRICS_DIR).glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            mark_process_dead(int(pid))  # type: ignore[no-untyped-call]


class Now(Collector):
    """Values that are looked up when asked for."""

    def collect(self) -> Iterator[Metric]:
        sessions = GaugeMetricFamily("vibenv_sessions", "Sessions by state", labels=["state"])
        counts = dict(Session.objects.values_list("state").annotate(Count("pk")))
        for state in State.values:
            sessions.add_metric([state], counts.get(state, 0))
        yield sessions
        ready = PoolContainer.objects.filter(state=PoolContainer.State.READY).count()
        yield GaugeMetricFamily("vibenv_pool_members", "Containers that run and are nobody's yet", value=ready)
        depth = GaugeMetricFamily("vibenv_queue_depth", "Tasks that wait for a worker; absent while Redis is away")
        try:
            with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
                depth.add_metric([], client.llen(settings.CELERY_TASK_DEFAULT_QUEUE))
        except redis.RedisError:
            return
        yield depth


def metrics(_: HttpRequest) -> HttpResponse:
    """Prometheus text format. Names no user, card or session."""
    registry = CollectorRegistry()
    if settings.METRICS_DIR:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(Now())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
