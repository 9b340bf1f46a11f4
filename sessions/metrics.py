"""Prometheus metrics of sessions and terminals; the start-time histogram is in `steps`."""

from prometheus_client import Counter, Gauge

VIEWERS = Gauge("vibenv_terminal_viewers", "Viewers connected to terminals", multiprocess_mode="livesum")
POOL_CLAIMS = Counter(
    "vibenv_pool_claims", "New sessions that adopted a container of the pool, or found none", ["result"]
)
BYTES = Counter("vibenv_terminal_bytes", "Terminal bytes, as read from and written to sessions", ["direction"])
