"""A plain connection to the engine's address."""

from __future__ import annotations

import socket

from engines.address import EngineAddress


def dial(address: EngineAddress, timeout_s: float) -> socket.socket:
    """A connected socket. Raises OSError when nothing listens there."""
    path = address.socket_path
    if path is None:
        sock = socket.create_connection(address.host_port, timeout=timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout_s)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock
