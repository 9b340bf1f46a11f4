"""Requests to a registry: the connection, who we are there, and what its refusals mean for people."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import urllib3

from engines.errors import BuildError
from layers import registry_login as login

TIMEOUT: Final = urllib3.Timeout(connect=5, read=120)
QUICK: Final = urllib3.Timeout(connect=1, read=2)
# A registry that is just being started again is waited for; an answer that broke off is not asked for twice.
RETRIES: Final = urllib3.Retry(total=4, connect=4, read=0, redirect=5, status=0, other=0, backoff_factor=0.2)
LOOPBACK: Final = re.compile(r"^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$")


class RegistryError(BuildError):
    """A registry failed or refused."""


class Unreachable(RegistryError):
    """Nothing that speaks the protocol answers at the registry's address."""


class Absent(RegistryError):
    """The registry positively said that it has no such thing."""


class Transport:
    """Shared by all threads of a process. `address` is `host:port`, with `http://` before it for one without TLS."""

    def __init__(self, address: str, docker_config: Path) -> None:
        scheme, _, rest = address.rpartition("://")
        self.address = rest.rstrip("/")
        plain = scheme == "http" or (not scheme and LOOPBACK.match(self.address))
        self._root = f"{'http' if plain else 'https'}://{self.address}"
        self._docker_config = docker_config
        self._pool = urllib3.PoolManager(maxsize=16, retries=RETRIES, timeout=TIMEOUT)
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def url(self, path: str) -> str:
        """An address within the registry; an absolute one is left as it is."""
        return urljoin(self._root, path)

    def ask(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        quick: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """`doing` completes "The registry could not …". Raises `Absent` for its 404, `RegistryError` for any other failure.

        With `stream` the caller reads and releases the answer.
        """
        options: dict[str, Any] = {"body": body, "preload_content": not stream}
        if quick:
            options |= {"timeout": QUICK, "retries": False}
        scope = path.partition("?")[0]
        try:
            answer = self._send(method, path, headers, scope, options)
            if answer.status == 401 and self._log_in(answer.headers.get("WWW-Authenticate", ""), scope):
                answer = self._send(method, path, headers, scope, options)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(
                f"The registry at {self.address} did not answer, so it could not {doing} ({error}). "
                "Check that it runs; `./vibenv doctor` says which one is used and why."
            ) from error
        if answer.status >= 400:
            raise self._refusal(answer, doing)
        return answer

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None, scope: str, options: Mapping[str, Any]
    ) -> urllib3.BaseHTTPResponse:
        known = self._tokens.get(_repository(scope))
        authorised = {"Authorization": known} if known else {}
        url = self.url(path)
        return self._pool.request(method, url, headers={**(headers or {}), **authorised}, **options)

    def _refusal(self, answer: urllib3.BaseHTTPResponse, doing: str) -> RegistryError:
        said = _said(answer)
        # A 404 of something else than a registry is not absence.
        if answer.status == 404 and (said or "Docker-Distribution-Api-Version" in answer.headers):
            return Absent(f"The registry at {self.address} could not {doing}: it has no such thing{said}.")
        if answer.status in (401, 403):
            return RegistryError(
                f"The registry at {self.address} refused to {doing}{said}. "
                f"Log in with `docker login {self.address}`, then try again."
            )
        return RegistryError(
            f"The registry at {self.address} could not {doing}: it answered {answer.status}{said}. "
            "Its log says more; mend that, then try again."
        )

    # who we are -------------------------------------------------------------------------------------------
    def _log_in(self, challenge: str, scope: str) -> bool:
        """Answer a challenge with what `docker login` kept; False where there is nothing to answer with."""
        basic = login.header(self.address, self._docker_config)
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "bearer":
            authorisation = self._token(dict(re.findall(r'(\w+)="([^"]*)"', rest)), scope, basic)
        else:
            authorisation = basic
        if authorisation:
            with self._lock:
                self._tokens[_repository(scope)] = authorisation
        return bool(authorisation)

    def _token(self, challenge: Mapping[str, str], scope: str, basic: str) -> str:
        repository = _repository(scope)
        asked = f"repository:{repository}:pull,push,delete" if repository else challenge.get("scope", "")
        fields = {"service": challenge.get("service", ""), "scope": asked}
        headers = {"Authorization": basic} if basic else {}
        answer = self._pool.request("GET", challenge.get("realm", ""), fields=fields, headers=headers)
        if answer.status != 200:
            return ""
        found = answer.json()
        return f"Bearer {found.get('token') or found.get('access_token')}"


class Download(io.RawIOBase):
    """The bytes of a streamed answer. Raises `damaged` when they end and are not what the digest says."""

    def __init__(self, answer: urllib3.BaseHTTPResponse, digest: str, damaged: RegistryError) -> None:
        self._answer, self._digest, self._damaged = answer, digest, damaged
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._answer.read(len(buffer))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._damaged from error
        self._hash.update(data)
        if not data and f"sha256:{self._hash.hexdigest()}" != self._digest:
            raise self._damaged
        buffer[: len(data)] = data
        return len(data)


def _repository(path: str) -> str:
    """Of a path such as `/v2/vibenv/base/manifests/1`; empty for the registry as a whole."""
    found = re.search(r"/v2/(.+?)/(?:manifests|blobs|tags)/", path)
    return found[1] if found else ""


def _said(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        errors = json.loads(answer.data)["errors"]
        return " (" + "; ".join(str(e.get("message") or e.get("code")) for e in errors) + ")"
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
