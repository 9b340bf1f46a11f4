"""The engine of this process, made from Django's settings; the only import of Django in this package."""

from __future__ import annotations

import threading

from django.conf import settings

from engines import address
from engines.docker import DockerEngine
from engines.protocol import Engine

_lock = threading.Lock()
_engine: Engine | None = None


def engine() -> Engine:
    """The one engine of this process. Connects at the first call of a verb, not here.

    Raises a permanent `EngineError` where the settings name an address that cannot be used.
    """
    global _engine  # noqa: PLW0603 - one pool of connections for all threads
    with _lock:
        if _engine is None:
            _engine = DockerEngine(
                address.resolve(settings.DOCKER_HOST, settings.DOCKER_CONTEXT, settings.DOCKER_CONFIG),
                settings.INSTALLATION_ID,
                network_guard=settings.NETWORK_GUARD,
            )
        return _engine


def reset() -> None:
    """Forget the engine, so that the next call reads the settings again."""
    global _engine  # noqa: PLW0603
    with _lock:
        if _engine is not None:
            _engine.close()
        _engine = None
