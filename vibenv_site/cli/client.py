"""A vibenv's HTTP API, for the command line. On `http.client`: it is there, and imported in a tenth of the time of others."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from vibenv_site.cli.config import Target
from vibenv_site.cli.errors import TIMEOUT, UNREACHABLE, ApiError, CliError

PREFIX: Final = "/api/v1"
TIMEOUT_S: Final = 60.0
PATIENCE_S: Final = 30.0  # with a server that says "too often"
TRIES: Final = 3
CHANGES: Final = {"POST", "PUT", "PATCH", "DELETE"}
Body = bytes | Iterable[bytes] | None


def quoted(part: str) -> str:
    """As one part of a path."""
    return quote(part, safe="")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    address: str
    body: Body
    headers: dict[str, str]
    timeout_s: float | None
    keep: bool


class Api:
    """Calls with a token. `call` gives JSON, `open` the answer as a stream; both raise `ApiError` for a refusal."""

    def __init__(self, target: Target, timeout_s: float = TIMEOUT_S) -> None:
        self.target = target
        self.timeout_s = timeout_s
        self._kept: http.client.HTTPConnection | None = None

    def get(self, path: str, /, **query: Any) -> Any:
        return self.call("GET", path, query=query)

    def post(self, path: str, /, **body: Any) -> Any:
        return self.call("POST", path, body)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        timeout_s: float | None = 0,
    ) -> Any:
        """The answer's JSON, None where there is none. Tried again when the connection was lost: by an idempotency key.

        `timeout_s` 0: the usual one; None: for as long as it takes.
        """
        timeout_s = self.timeout_s if timeout_s == 0 else timeout_s
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if sent is not None else {}
        if method in CHANGES:
            headers["Idempotency-Key"] = secrets.token_hex(16)
        for left in reversed(range(TRIES)):
            try:
                answer = self.open(method, path, sent, query=query, headers=headers, timeout_s=timeout_s, keep=True)
                return _json(answer)
            except (http.client.HTTPException, ConnectionError) as error:
                self._kept = None
                if not left:
                    raise self._lost(error) from error
        raise AssertionError

    def open(
        self,
        method: str,
        path: str,
        body: Body = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        timeout_s: float | None = TIMEOUT_S,
        keep: bool = False,
    ) -> http.client.HTTPResponse:
        """The answer, its body still to be read. `body`: bytes, or parts that are sent as they come."""
        own = {"Authorization": f"Bearer {self.target.token}"} if self.target.token else {}
        own |= {"Accept": "application/json", "User-Agent": "vibenv-cli"} | (headers or {})
        request = _Request(method, _address(path, query), body, own, timeout_s, keep)
        end = time.monotonic() + PATIENCE_S
        while True:
            answer = self._send(request)
            if answer.status < 300:
                return answer
            if answer.status < 400:
                raise self._elsewhere(answer)
            wait_s = _asked_to_wait(answer)
            if answer.status != 429 or wait_s is None or time.monotonic() + wait_s > end or not _again(body):
                raise self._refusal(answer)
            answer.read()
            time.sleep(wait_s)

    def _send(self, asked: _Request) -> http.client.HTTPResponse:
        connection = (self._kept if asked.keep else None) or self._connect(asked.timeout_s)
        self._kept = connection if asked.keep else self._kept
        if connection.sock is not None:
            connection.sock.settimeout(asked.timeout_s)
        try:
            connection.request(
                asked.method, asked.address, asked.body, asked.headers, encode_chunked=not _again(asked.body)
            )
            return connection.getresponse()
        except TimeoutError as error:
            self._kept = None
            raise CliError(f"{self.target.url} did not answer in time.", "Try again.", TIMEOUT) from error
        except ConnectionRefusedError as error:
            raise self._lost(error) from error
        except (ConnectionError, http.client.HTTPException):
            raise
        except OSError as error:
            raise self._lost(error) from error

    def _connect(self, timeout_s: float | None) -> http.client.HTTPConnection:
        parts = urlsplit(self.target.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=timeout_s)

    def _lost(self, error: Exception) -> CliError:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        todo = "Is it running? `vibenv whoami` tells where you are logged in."
        return CliError(f"{self.target.url} cannot be reached: {why}.", todo, UNREACHABLE)

    def _elsewhere(self, answer: http.client.HTTPResponse) -> CliError:
        """No token is taken to another address that nobody named."""
        where = answer.getheader("Location", "another address")
        return CliError(f"{self.target.url} leads to {where}.", "Log in there: `vibenv login URL`.", UNREACHABLE)

    def _refusal(self, answer: http.client.HTTPResponse) -> ApiError:
        text = answer.read().decode(errors="replace")
        try:
            body = json.loads(text)
            detail = str(body["detail"])
        except (ValueError, KeyError, TypeError):
            body, detail = None, f"{self.target.url} answered {answer.status} {answer.reason}."
        todo = "Log in again: `vibenv login URL`." if answer.status == 401 else ""
        return ApiError(answer.status, detail, todo, body)

    # lists ----------------------------------------------------------------------------------------------
    def pages(self, path: str, query: dict[str, Any] | None = None) -> Iterator[list[Any]]:
        """A list's parts, by the links that lead from each to the next."""
        following: str | None = _address(path, query)
        while following:
            answer = self.open("GET", following.removeprefix(PREFIX), timeout_s=self.timeout_s, keep=True)
            yield _json(answer)
            following = _next(answer.getheader("Link", ""))

    def all(self, path: str, /, **query: Any) -> list[Any]:
        return [each for page in self.pages(path, query) for each in page]


def _address(path: str, query: dict[str, Any] | None) -> str:
    address = path if path.startswith(PREFIX) else PREFIX + "/" + path.lstrip("/")
    given = {key: value for key, value in (query or {}).items() if value is not None}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}" if given else address


def _next(link: str) -> str | None:
    for part in link.split(","):
        address, _, rest = part.partition(";")
        if 'rel="next"' in rest:
            parts = urlsplit(address.strip().strip("<>"))
            return f"{parts.path}?{parts.query}"
    return None


def _again(body: Body) -> bool:
    """It can be sent a second time."""
    return body is None or isinstance(body, bytes)


def _asked_to_wait(answer: http.client.HTTPResponse) -> float | None:
    try:
        return max(float(answer.getheader("Retry-After", "")), 0.1)
    except ValueError:
        return None


def _json(answer: http.client.HTTPResponse) -> Any:
    content = answer.read()
    if not content:
        return None
    if "json" in answer.getheader("Content-Type", ""):
        return json.loads(content)
    return content.decode(errors="replace")
