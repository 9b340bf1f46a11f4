"""The ASGI application, and the orderly end of what runs beside requests when the web process stops."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibenv_site.settings")
setup(set_prefix=False)

from boards.routing import urlpatterns  # noqa: E402  (models need Django set up)
from sessions.relay.relays import relays  # noqa: E402
from sessions.terminal.hubs import hubs  # noqa: E402
from vibenv_site import celery, flow  # noqa: E402, F401  (whatever comes first may have something for the workers)
from vibenv_site.handler import Views  # noqa: E402
from vibenv_site.mcp.door import Door  # noqa: E402
from vibenv_site.metrics import forget_dead_processes  # noqa: E402
from vibenv_site.sockets import close_unknown  # noqa: E402

_http = Door(Views())
_routes = ProtocolTypeRouter({"http": _http, "websocket": close_unknown(URLRouter(urlpatterns))})
_started = False
if "twisted.internet.reactor" in sys.modules:
    flow.install()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Everything; the first request of any kind starts what runs beside requests."""
    global _started  # noqa: PLW0603  (once per process, there is one event loop)
    if not _started:
        _started = True
        hubs.start()
        _http.start()
        relays.start(_http)
        forget_dead_processes()
        _close_on_stop()
    if scope["type"] == "http":
        await flow.bounded(_routes, scope, receive, send)
    else:
        await _routes(scope, receive, send)


async def _close() -> None:
    await asyncio.gather(hubs.close(), _http.close(), relays.close(), return_exceptions=True)


def _close_on_stop() -> None:
    """Daphne has no ASGI lifespan: hook into the Twisted reactor that it runs on."""
    reactor = sys.modules.get("twisted.internet.reactor")
    if reactor is None:
        return
    from twisted.internet.defer import Deferred  # noqa: PLC0415  (only where Twisted runs anyway)

    def close() -> Any:
        return Deferred.fromFuture(asyncio.ensure_future(_close()))

    reactor.addSystemEventTrigger("before", "shutdown", close)
