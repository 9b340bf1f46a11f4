"""`vibenv mcp`: MCP over standard input and output, for agents that start their servers as programs.

A bridge: what the agent writes goes to `/mcp` of the vibenv that one is logged in to, and its answers come back. Each call
stands for itself there, so a server that restarts meanwhile is no more than a delay.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import httpx

from engines.errors import VibenvError
from vibenv_site.cli.config import Target

PATIENCE_S: Final = 45.0  # with a server that does not answer: it may be restarting
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 2.0
LAST_S: Final = 1.5
SILENCE_S: Final = 60.0  # of a server that is answering; it says something every 15 s
AWAY: Final = (429, 502, 503, 504)  # not now: it is called too often, or what stands before it says that it is away
AT_ONCE: Final = 64
VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
NAMED_BY: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
READING: Final = ("initialize", "ping", "server/discover", "tools/list", "resources/", "prompts/", "completion/")
PARSE_ERROR, FAILED = -32700, -32000
Message = dict[str, Any]


class Unanswered(Exception):
    """Why, and what to do."""


class Away(Unanswered):
    """Nobody was there: it was surely not done."""


class Broken(Unanswered):
    """Nobody knows whether it was done."""


def run(target: Callable[[], Target]) -> int:
    """Until standard input ends. `target` says where to go; it is asked anew when nobody answers there."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Bridge(target).run())
    return 0


class Bridge:
    def __init__(self, target: Callable[[], Target]) -> None:
        self._target = target
        self._version = ""  # that `initialize` came to
        self._calls: dict[str | int, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        timeout = httpx.Timeout(10, read=SILENCE_S, pool=None)
        async with httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=AT_ONCE)) as self._http:
            async for line in _lines():
                await self._heard(line)
            await self._end()

    async def _end(self) -> None:
        """What is nearly done is given; whoever started us does not wait for the rest."""
        calls = list(self._calls.values())
        if calls:
            await asyncio.wait(calls, timeout=LAST_S)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def _heard(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            _say({"jsonrpc": "2.0", "id": None, "error": {"code": PARSE_ERROR, "message": "That is no JSON."}})
            return
        if not isinstance(message, dict) or "method" not in message:
            return  # an answer, where nothing was asked
        if message["method"] == "notifications/cancelled":
            self._cancel(message)
        elif "id" in message:
            call = asyncio.create_task(self._call(message))
            self._calls[message["id"]] = call
            if message["method"] == "initialize":  # it says which version all that follows is of
                await call
        else:
            with contextlib.suppress(Unanswered):
                async for _ in self._post(message):
                    pass

    def _cancel(self, message: Message) -> None:
        """The server hears of it by the end of the connection."""
        call = self._calls.get(message.get("params", {}).get("requestId"))
        if call is not None:
            call.cancel()

    async def _call(self, message: Message) -> None:
        try:
            async with self._slots:
                await self._answer(message)
        finally:
            self._calls.pop(message["id"], None)

    async def _answer(self, message: Message) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_S
        deadline = loop.time() + PATIENCE_S
        while True:
            try:
                async for answer in self._post(message):
                    self._note(message, answer)
                    _say(answer)
                return
            except Unanswered as why:
                again = isinstance(why, Away) or (isinstance(why, Broken) and message["method"].startswith(READING))
                if not again or loop.time() > deadline:
                    error = {"code": FAILED, "message": str(why)}
                    _say({"jsonrpc": "2.0", "id": message["id"], "error": error})
                    return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _note(self, message: Message, answer: Message) -> None:
        if message["method"] == "initialize" and "result" in answer:
            self._version = str(answer["result"].get("protocolVersion", ""))

    async def _post(self, message: Message) -> AsyncIterator[Message]:
        """What comes back: notes of progress, and the answer last. Raises `Unanswered`."""
        to = self._where()
        try:
            async with self._http.stream(
                "POST", f"{to.url}/mcp", content=json.dumps(message), headers=self._headers(message, to)
            ) as response:
                async for answer in _messages(response):
                    if "error" in answer and answer.get("id") is None:  # it could not even be read
                        answer["id"] = message.get("id")
                    yield answer
                    if answer.get("id") == message.get("id") and "method" not in answer:
                        return
                if "id" in message:
                    raise _unanswered(response, to)
        except httpx.ConnectError as error:
            raise Away(f"No vibenv answers at {to.url} ({error}). Is it running?") from error
        except httpx.TransportError as error:
            said = f"The connection to {to.url} broke ({error}). Look whether it was done before you call it again."
            raise Broken(said) from error

    def _where(self) -> Target:
        try:
            return self._target()
        except VibenvError as error:  # a local one that is just being started again has no address for a moment
            raise Away(str(error).replace("\n", " ")) from error

    def _headers(self, message: Message, to: Target) -> dict[str, str]:
        """Newer versions have in headers what the message says."""
        params = message.get("params") or {}
        stated = (params.get("_meta") or {}).get(VERSION_KEY, "")
        version = "" if message["method"] == "initialize" else stated or self._version
        headers = {
            "Authorization": f"Bearer {to.token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        if version:
            headers["MCP-Protocol-Version"] = version
        if stated:
            headers["Mcp-Method"] = message["method"]
            named = params.get(NAMED_BY.get(message["method"], ""))
            headers |= {"Mcp-Name": _in_header(str(named))} if named is not None else {}
        return headers


def _in_header(text: str) -> str:
    """As the protocol has it: what a header cannot hold as it is, in base 64."""
    if re.fullmatch(r"[\x20-\x7e]*", text) and text == text.strip() and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


async def _messages(response: httpx.Response) -> AsyncIterator[Message]:
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        data: list[str] = []
        async for line in response.aiter_lines():
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                yield json.loads("\n".join(data))
                data = []
        return
    await response.aread()
    with contextlib.suppress(ValueError):
        found = response.json()
        if isinstance(found, dict) and found.get("jsonrpc") == "2.0":
            yield found


def _unanswered(response: httpx.Response, to: Target) -> Unanswered:
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return Unanswered(f"{to.url} does not take this token. `vibenv login {to.url}` gets another one.")
    detail = ""
    with contextlib.suppress(ValueError, httpx.ResponseNotRead, AttributeError):
        detail = str(response.json().get("detail", ""))
    said = f"{to.url} gave no answer (status {response.status_code}). {detail}".strip()
    return Away(said) if response.status_code in AWAY else Broken(said) if response.is_success else Unanswered(said)


async def _lines() -> AsyncIterator[bytes]:
    """Of standard input, whatever that is; read by a thread that need not end before the program does."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        if line.strip():
            yield line


def _say(message: Message) -> None:
    """Nothing else may go to standard output."""
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")
    sys.stdout.flush()
