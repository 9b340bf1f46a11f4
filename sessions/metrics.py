"""Prometheus metrics of sessions and terminals; the start-time histogram is in `steps`."""

from prometheus_client import Counter, Gauge

VIEWERS = Gauge("vibenv_terminal_viewers", "Viewers connected to terminals", multiprocess_mode="livesum")
BYTES = Counter("vibenv_terminal_bytes", "Terminal bytes, as read from and written to sessions", ["direction"])
