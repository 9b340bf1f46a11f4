"""The port that people's browsers use."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import Any

import psutil

from vibenv_site.setup.errors import SetupError


def require_free(host: str, port: int) -> int:
    """The port to listen on: `port`, or a free one for 0. Raises `SetupError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
            probe.listen(1)
        except PermissionError:
            raise SetupError(f"Port {port} needs root. Choose one above 1023 with --port.") from None
        except OSError as error:
            raise SetupError(_refusal(host, port, error)) from error
        return int(probe.getsockname()[1])


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        by = holder(port)
        return (
            f"Port {port} is in use{' by ' + by if by else ''}. "
            f"Choose another one with --port {port + 1}, or end what uses it."
        )
    return f"vibenv cannot listen on {host}: {error.strerror or error}. Choose another address with --host."


def holder(port: int) -> str:
    """Who listens on a port, as `name (process 123)`; empty when it cannot be seen."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections(kind="tcp"):
            if _listens(connection, port) and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def _listens(connection: Any, port: int) -> bool:
    return bool(connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port)


def url(host: str, port: int) -> str:
    """The address to give to people on this machine."""
    if host in {"0.0.0.0", "::", ""}:
        host = socket.gethostname() or "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
