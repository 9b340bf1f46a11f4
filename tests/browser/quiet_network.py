"""A network for Chromium in which no interface ever comes or goes.

Chromium drops its requests when the machine's interfaces change (ERR_NETWORK_CHANGED), and each container that starts
makes one. So the tests' browser lives in a network namespace of its own, where a port of the product is passed on.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")
CHROMIUM = "/usr/bin/chromium"
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8914, 0x8916, 1
TUNSETIFF, IFF_TAP = 0x400454CA, 0x1002
OUTSIDE, ADDRESS = b"eth0", "192.0.2.1"  # what makes a browser believe that it is online; nothing is there


class QuietNetwork:
    """`chromium` is what to run; `pass_on` makes a port of this machine's loopback one of the browser's, too.

    Without the right to make a namespace both do nothing: the tests then run on the machine's own network.
    """

    def __init__(self, directory: Path) -> None:
        self._holder: subprocess.Popen[bytes] | None = None
        self._outside: IO[bytes] | None = None
        self._listeners: dict[int, socket.socket] = {}
        self.chromium = CHROMIUM
        possible = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
        if possible and shutil.which("nsenter"):
            self._begin(directory)

    def _begin(self, directory: Path) -> None:
        self._holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"], stdin=-1, stdout=-1)
        assert self._holder.stdout is not None
        self._holder.stdout.readline()  # it is in the namespace now
        try:
            self._outside = self._inside(_interfaces)
        except OSError:  # no such devices here: a browser in it would believe that it is offline
            self.end()
            self._holder = None
            return
        script = directory / "chromium"
        script.write_text(f'#!/bin/sh\nexec nsenter --net=/proc/{self._holder.pid}/ns/net {CHROMIUM} "$@"\n')
        script.chmod(0o755)
        self.chromium = str(script)

    def pass_on(self, port: int) -> None:
        if self._holder is None or port in self._listeners:
            return
        listener = self._inside(lambda: socket.create_server(("127.0.0.1", port), backlog=128))
        self._listeners[port] = listener
        threading.Thread(target=_serve, args=(listener, port), daemon=True).start()

    def _inside(self, work: Callable[[], T]) -> T:
        """In a thread that enters the namespace; what it opens there stays there."""
        assert self._holder is not None
        results: list[T] = []
        with Path(f"/proc/{self._holder.pid}/ns/net").open() as namespace:

            def run() -> None:
                if not ctypes.CDLL(None).setns(namespace.fileno(), CLONE_NEWNET):
                    with contextlib.suppress(OSError):
                        results.append(work())

            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        if not results:
            raise OSError("the browser's network could not be made")
        return results[0]

    def end(self) -> None:
        for listener in self._listeners.values():
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        if self._outside is not None:
            self._outside.close()
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()


def _interfaces() -> IO[bytes]:
    """Loopback, and one that is up as long as the file that this returns."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", IFF_UP, b""))
        outside = open("/dev/net/tun", "r+b", buffering=0)  # noqa: SIM115  (as long as the network is there)
        fcntl.ioctl(outside, TUNSETIFF, struct.pack("16sH22s", OUTSIDE, IFF_TAP, b""))
        address = struct.pack("HH4s8s", socket.AF_INET, 0, socket.inet_aton(ADDRESS), b"")
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s", OUTSIDE, address))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", OUTSIDE, IFF_UP, b""))
        return outside


def _serve(listener: socket.socket, port: int) -> None:
    with contextlib.suppress(OSError):  # closed at the end
        while True:
            near, _ = listener.accept()
            threading.Thread(target=_connect, args=(near, port), daemon=True).start()


def _connect(near: socket.socket, port: int) -> None:
    try:
        far = socket.create_connection(("127.0.0.1", port))
    except OSError:  # the product is down just now, which the browser is to see
        near.close()
        return
    for each in (near, far):
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=_pass_on, args=(far, near), daemon=True).start()
    _pass_on(near, far)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until either side ends: a server that is killed in the middle is seen so."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
