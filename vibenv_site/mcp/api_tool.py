"""The tool `api`: everything that has no tool of its own, as a call of the HTTP API with the caller's own token."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote, urlsplit

from django.conf import settings
from pydantic import BaseModel, Field

from boards import verbs
from engines.errors import InvalidInput
from vibenv_site.mcp.caller import Caller, Ctx, caller
from vibenv_site.mcp.tooling import tool

PREFIX: Final = "/api/v1"
LARGEST_ANSWER_BYTES: Final = 1024**2
Scope = dict[str, Any]


class AnswerOut(BaseModel):
    """`body` is JSON where the API answers with that, else text."""

    status: int
    body: Any


def _described() -> str:
    """What there is, by group."""
    lines = [
        f"- {group}: " + "; ".join(operation for verb in of for operation in verb.operations)
        for group, of in verbs.grouped()
    ]
    about = (
        "Call the HTTP API of vibenv: for everything that has no tool of its own. Bodies and answers are JSON; the OpenAPI "
        "document, with all shapes, is `GET /openapi.json`. Paths by the group of verbs that a token needs for them:"
    )
    return "\n".join([about, *lines])


async def api(
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: Annotated[str, Field(description="Such as /cards/abc/history?limit=5; /api/v1 need not be ahead of it.")],
    body: Annotated[dict[str, Any] | list[Any] | None, Field(description="The JSON body, where one is wanted.")] = None,
    *,
    ctx: Ctx,
) -> AnswerOut:
    return await call(caller(ctx), method, path, body)


api.__doc__ = _described()
tool("Call the HTTP API", destroys=True, verb="")(api)


async def call(who: Caller, method: str, path: str, body: Any = None) -> AnswerOut:
    """Within this process. Raises `InvalidInput` for a path that is none of the API, and for an answer that is too big."""
    asked = urlsplit(path)
    route = asked.path if asked.path.startswith(f"{PREFIX}/") else f"{PREFIX}/{asked.path.lstrip('/')}"
    if asked.netloc or ".." in unquote(route).split("/"):
        raise InvalidInput(f"path: {path!r} is no path of the API; it looks like /cards/abc/history.")
    sent = b"" if body is None else json.dumps(body).encode()
    answer = _Answer(sent)
    await who.api(_scope(who, method, route, asked.query, len(sent)), answer.receive, answer.send)
    return AnswerOut(status=answer.status, body=answer.read())


def _scope(who: Caller, method: str, path: str, query: str, length: int) -> Scope:
    site = urlsplit(settings.PUBLIC_URL)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": site.scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (b"host", site.netloc.encode()),
            (b"authorization", f"Bearer {who.token}".encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(length).encode()),
        ],
        "client": ("127.0.0.1", 0),
        "server": (site.hostname, site.port or 80),
    }


class _Answer:
    """Both ends of one call."""

    def __init__(self, body: bytes) -> None:
        self.status = 0
        self._sent: bytes | None = body
        self._type = ""
        self._body = bytearray()

    async def receive(self) -> Scope:
        if self._sent is None:
            await asyncio.Event().wait()  # nobody hangs up
        body, self._sent = self._sent, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Scope) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = {name.lower(): value.decode("latin-1") for name, value in message["headers"]}
            self._type = headers.get(b"content-type", "")
            if self._type.startswith("text/event-stream"):
                raise InvalidInput("path: is a stream without an end; this tool gives whole answers alone.")
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if len(self._body) > LARGEST_ANSWER_BYTES:
                raise InvalidInput("The answer has more than 1 MiB. Ask for less of it: most lists take `limit`.")

    def read(self) -> Any:
        if "json" in self._type and self._body:
            return json.loads(bytes(self._body))
        return self._body.decode(errors="replace")
