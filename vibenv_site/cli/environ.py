"""What the command line puts into the environment before settings are read, for itself and its children."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from vibenv_site import environment
from vibenv_site.setup import paths, ports, running


def chosen_data_dir(given: str | None) -> Path:
    """`--data-dir`, else `VIBENV_DATA_DIR`, else the XDG place."""
    if given:
        os.environ["VIBENV_DATA_DIR"] = given
    path = environment.data_dir()
    os.environ["VIBENV_DATA_DIR"] = str(path)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vibenv_site.settings"
    return path


def redis_socket(data_dir: Path) -> Path | None:
    """The socket of our own Redis, told to settings; None where the user named a Redis."""
    if environment.text("VIBENV_REDIS_URL"):
        return None
    path = paths.socket_path(data_dir, "redis.sock")
    os.environ["VIBENV_REDIS_URL"] = f"unix://{path}"
    return path


def address(host: str, port: int) -> str:
    """The public address, told to settings together with the names it may be called by."""
    url = environment.text("VIBENV_PUBLIC_URL") or ports.url(host, port)
    os.environ["VIBENV_PUBLIC_URL"] = url
    allowed = ["localhost", "127.0.0.1", "[::1]", *environment.text("VIBENV_ALLOWED_HOSTS").split(",")]
    allowed += [_name(urlsplit(url).hostname or ""), *_names_of(host)]
    os.environ["VIBENV_ALLOWED_HOSTS"] = ",".join(dict.fromkeys(filter(None, allowed)))
    return url


def _names_of(host: str) -> list[str]:
    """What a browser may call a server that listens on `host`."""
    if host not in {"0.0.0.0", "::", ""}:
        return [_name(host)]
    found = [a for addresses in psutil.net_if_addrs().values() for a in addresses]
    own = [a.address.partition("%")[0] for a in found if a.family in {socket.AF_INET, socket.AF_INET6}]
    return [socket.gethostname(), *map(_name, own)]


def _name(host: str) -> str:
    return f"[{host.strip('[]')}]" if ":" in host else host


def of_running(data_dir: Path) -> running.Running | None:
    """Take the address of the `up` that runs in this data directory; None when none does."""
    found = running.read(data_dir) if data_dir.is_dir() and running.is_locked(data_dir) else None
    if found is not None:
        os.environ["VIBENV_PUBLIC_URL"] = found.url
        redis_socket(data_dir)
    return found


def dagger_host(host: str) -> None:
    """Dagger's own command line goes to this engine; to one of its own where none is named."""
    if host:
        os.environ["_EXPERIMENTAL_DAGGER_RUNNER_HOST"] = host
    os.environ["DAGGER_NO_NAG"] = "1"
