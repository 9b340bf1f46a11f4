"""HTTP on a channel, answered by an ASGI application: only what is for the API, and only with a bearer token."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import h11
from django.conf import settings

from sessions.relay.channel import Channel

log = logging.getLogger(__name__)

IDLE_S: Final = 75.0  # a kept connection without a request
HEAD_BYTES: Final = 64 * 1024
LEAVE_S: Final = 3.0  # the application ends by itself when its client is gone, or is ended
PREFIX: Final = "/api/v1/"
MCP: Final = "/mcp"
LOGINS: Final = "/api/v1/device"  # of who has no token yet: a session is none of those
# of this connection alone, or said by us: a login cookie would be another way in than the token
OURS: Final = frozenset(
    [b"host", b"origin", b"cookie", b"connection", b"keep-alive", b"upgrade", b"transfer-encoding", b"forwarded"]
)
Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Any]


class Refused(Exception):
    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


async def serve(channel: Channel, app: App, who: str, crowded: Callable[[], bool]) -> None:
    """Answer the requests of one connection, one after the other. `who` is told to the application as the client's address.

    While it is `crowded`, connections are not kept for another request: somebody may wait for their place.
    """
    try:
        await _Connection(channel, app, who, crowded).serve()
    except h11.RemoteProtocolError as error:
        log.debug("what a session sent is no HTTP: %s", error)
    finally:
        channel.end()


class _Connection:
    def __init__(self, channel: Channel, app: App, who: str, crowded: Callable[[], bool]) -> None:
        self._channel = channel
        self._app = app
        self._who = who
        self._crowded = crowded
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)

    async def serve(self) -> None:
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    event = await self._next()
            except TimeoutError:
                return
            except h11.RemoteProtocolError as error:
                await self._refuse(Refused(HTTPStatus(error.error_status_hint), str(error)))
                return
            if not isinstance(event, h11.Request):
                return
            try:
                scope = _scope(event, self._who)
            except Refused as why:
                await self._refuse(why)
                return
            if not await self._answer(scope):
                return
            self._http.start_next_cycle()

    async def _next(self) -> Any:
        """The next event of the request."""
        while True:
            event = self._http.next_event()
            if event is h11.PAUSED:
                return event
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._channel.receive())

    async def _send(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            await self._channel.send(data)

    async def _answer(self, scope: Scope) -> bool:
        """Have the application answer. False where the connection is of no use after that."""
        answering = asyncio.ensure_future(self._app(scope, self._receive, self._respond))
        leaving = asyncio.create_task(self._left())
        try:
            await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                answering.cancel()
            await answering
        except asyncio.CancelledError:
            answering.cancel()
            if not leaving.done():
                raise
        except Exception:
            log.exception("the answer to %s %s failed", scope["method"], scope["path"])
        finally:
            leaving.cancel()
        if self._http.our_state is h11.SEND_RESPONSE:
            await self._refuse(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed. Its log says why."))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _left(self) -> None:
        """Until the client is gone, and the application had time to see that."""
        await self._channel.silent.wait()
        await asyncio.sleep(LEAVE_S)

    async def _receive(self) -> Scope:
        if self._http.their_state is h11.SEND_BODY:
            event = await self._next_or_gone()
            if isinstance(event, h11.Data):
                return {"type": "http.request", "body": bytes(event.data), "more_body": True}
            if isinstance(event, h11.EndOfMessage):
                return {"type": "http.request", "body": b"", "more_body": False}
        else:
            await self._channel.silent.wait()
        return {"type": "http.disconnect"}

    async def _next_or_gone(self) -> Any:
        try:
            return await self._next()
        except h11.RemoteProtocolError:  # it ended in the middle
            return None

    async def _respond(self, message: Scope) -> None:
        if self._channel.gone or self._http.our_state in {h11.DONE, h11.ERROR, h11.MUST_CLOSE, h11.CLOSED}:
            return
        if message["type"] == "http.response.start":
            headers = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in OURS]
            headers += [(b"connection", b"close")] if self._crowded() else []
            status = HTTPStatus(message["status"])
            await self._send(h11.Response(status_code=status.value, headers=headers, reason=status.phrase))
        elif message["type"] == "http.response.body":
            if message.get("body"):
                await self._send(h11.Data(data=message["body"]))
            if not message.get("more_body", False):
                await self._send(h11.EndOfMessage())

    async def _refuse(self, why: Refused) -> None:
        body = json.dumps(
            {"type": "about:blank", "title": why.status.phrase, "status": why.status.value, "detail": str(why)}
        ).encode()
        headers = [
            ("content-type", "application/problem+json"),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        if why.status is HTTPStatus.UNAUTHORIZED:
            headers.append(("www-authenticate", "Bearer"))
        await self._send(h11.Response(status_code=why.status.value, headers=headers, reason=why.status.phrase))
        await self._send(h11.Data(data=body))
        await self._send(h11.EndOfMessage())


def _scope(request: h11.Request, who: str) -> Scope:
    """The request as an application is told of it. Raises `Refused`."""
    target = request.target.decode("latin-1")
    path, _, query = target.partition("?")
    if (path != MCP and not path.startswith(PREFIX)) or unquote(path).startswith(LOGINS):
        raise Refused(HTTPStatus.NOT_FOUND, f"From inside a session there are {MCP} and {PREFIX}… alone.")
    secret = next((value for name, value in request.headers if name == b"authorization"), b"")
    scheme, _, token = secret.partition(b" ")
    if scheme.lower() != b"bearer" or not token.strip():
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "Send a token as `Authorization: Bearer …`; an agent's is in $VIBENV_TOKEN."
        )
    site = urlsplit(settings.PUBLIC_URL)
    headers = [
        (name, value) for name, value in request.headers if name not in OURS and not name.startswith(b"x-forwarded")
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.http_version.decode(),
        "method": request.method.decode(),
        "scheme": site.scheme,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(b"host", site.netloc.encode()), *headers],
        "client": (who, 0),
        "server": (site.hostname, site.port or (443 if site.scheme == "https" else 80)),
    }
