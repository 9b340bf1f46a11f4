"""Large bodies of requests and answers in little memory: the web server by itself would take all of either at once.

Daphne's `send` never waits for the client, and it queues a request's body as a whole before the application begins. Here
`send` waits while the connection takes no more, by Twisted's own way of telling that, and a large body is read from the file
in which Twisted put it, as the application asks for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import IO, Any, Final

LARGE_BYTES: Final = 1024**2
CHUNK_BYTES: Final = 256 * 1024

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def install() -> None:
    """Have Daphne leave large bodies where they are."""
    from daphne.http_protocol import WebRequest  # noqa: PLC0415  (only in the web process, which runs on Twisted)

    given = WebRequest.process

    def process(request: Any) -> Any:
        if request.content.seek(0, 2) > LARGE_BYTES:
            request.content = LeftOut(request.content)
        return given(request)

    WebRequest.process = process


class LeftOut:
    """A body for Daphne to find empty; `whole` is what it holds."""

    def __init__(self, whole: IO[bytes]) -> None:
        self.whole = whole

    def read(self, _: int = -1) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.whole.seek(offset, whence)

    def close(self) -> None:
        self.whole.close()

    @property
    def closed(self) -> bool:
        return self.whole.closed


async def bounded(application: Application, scope: Message, receive: Receive, send: Send) -> None:
    """Run `application` for a request that Daphne gives."""
    request: Any = next(iter(getattr(send, "args", ())), None)
    if not hasattr(request, "registerProducer"):
        await application(scope, receive, send)
        return
    answer = Answer(request, send)
    body = Body(request.content.whole, receive).receive if isinstance(request.content, LeftOut) else receive
    try:
        await application(scope, body, answer.send)
    finally:
        answer.end()


class Body:
    """A request's body from a file, then whatever comes from the server."""

    def __init__(self, whole: IO[bytes], receive: Receive) -> None:
        self._whole = whole
        self._receive = receive
        self._read = False

    async def receive(self) -> Message:
        if self._read:
            return await self._receive()
        if self._whole.closed:
            return {"type": "http.disconnect"}
        if self._whole.tell() == 0:
            await self._receive()  # the empty one that Daphne found
        part = await asyncio.to_thread(self._whole.read, CHUNK_BYTES)
        self._read = len(part) < CHUNK_BYTES
        return {"type": "http.request", "body": part, "more_body": not self._read}


class Answer:
    """Sends parts no faster than the connection takes them: a push producer, in Twisted's words."""

    def __init__(self, request: Any, send: Send) -> None:
        self._request = request
        self._send = send
        self._open = asyncio.Event()
        self._open.set()
        self._begun = False

    async def send(self, message: Message) -> None:
        more = message["type"] == "http.response.body" and message.get("more_body", False)
        if more and not self._begun and self._request.channel is not None:
            self._begun = True
            self._request.registerProducer(self, True)
        if not more and message["type"] == "http.response.body":
            self.end()
        await self._send(message)
        if more:
            await self._open.wait()

    def end(self) -> None:
        if self._begun and self._request.channel is not None:
            with contextlib.suppress(AttributeError):  # the connection was lost just now
                self._request.unregisterProducer()
        self._begun = False

    # what Twisted calls -------------------------------------------------------------------------------------
    def pauseProducing(self) -> None:  # noqa: N802
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._open.set()
