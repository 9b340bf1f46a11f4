"""Which vibenv a command speaks to: its address and a token.

In this order: `--data-dir` or `--profile`, the environment, the profile in use, and the vibenv that runs on this machine, whose
owner token is in its data directory. Profiles are in `$XDG_CONFIG_HOME/vibenv/config.json`, which nobody else may read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vibenv_site import environment
from vibenv_site.cli.errors import NO_ACCESS, UNREACHABLE, USAGE, CliError
from vibenv_site.setup import running

LOCAL = "local"
LOGIN = "Log in with `vibenv login URL`, or start one here with `vibenv up`."


@dataclass(frozen=True, slots=True)
class Target:
    """`url` without a slash at its end; `name` is the profile's, `local`, or `environment`."""

    url: str
    token: str
    name: str = ""

    @property
    def websocket(self) -> str:
        return "ws" + self.url.removeprefix("http")


@dataclass(slots=True)
class Config:
    """What the file holds. `settings` are a person's own: `detach_key`."""

    current: str = ""
    profiles: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


def path() -> Path:
    home = environment.text("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "vibenv" / "config.json"


def load() -> Config:
    try:
        found: dict[str, Any] = json.loads(path().read_text())
        return Config(found.get("current", ""), dict(found.get("profiles", {})), dict(found.get("settings", {})))
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError, AttributeError) as error:
        raise CliError(f"{path()} cannot be read: {error}.", "Mend or remove it.") from error


def save(config: Config) -> None:
    """Whole or not at all, and private from the first byte."""
    place = path()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(config), file, indent=2)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def address(given: str) -> str:
    """A server's address as people write it, as a URL without a path."""
    url = given if "://" in given else f"https://{given}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CliError(f"{given} is no address of a vibenv.", "It looks like https://vibenv.example.org.", USAGE)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def target(profile: str | None = None, data_dir: str | None = None) -> Target:
    """Where to go. Raises `CliError` when there is nowhere."""
    if data_dir:
        return local(Path(data_dir).expanduser().resolve())
    config = load()
    if profile == LOCAL and LOCAL not in config.profiles:
        return local(environment.data_dir())
    if profile:
        return _profile(config, profile)
    return _of_environment(config) or _usual(config)


def local(data_dir: Path) -> Target:
    """The vibenv that runs on this machine, as its owner."""
    found = running.read(data_dir) if data_dir.is_dir() and running.is_locked(data_dir) else None
    if found is None:
        raise CliError(f"No vibenv runs in {data_dir}, and you are logged in to none.", LOGIN, UNREACHABLE)
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(found.host, found.host)
    host = f"[{host}]" if ":" in host else host
    return Target(f"http://{host}:{found.port}", _read(data_dir / "owner-token"), LOCAL)


def _usual(config: Config) -> Target:
    return _profile(config, config.current) if config.current else local(environment.data_dir())


def _profile(config: Config, name: str) -> Target:
    found = config.profiles.get(name)
    if found is None:
        known = ", ".join(sorted(config.profiles)) or "none"
        raise CliError(f"There is no profile {name}; there is {known}.", "`vibenv login URL` makes one.", USAGE)
    return Target(found["url"], found["token"], name)


def _of_environment(config: Config) -> Target | None:
    """`VIBENV_API` with its token; a token alone goes to where one would go anyway."""
    token, url = _token(), environment.text("VIBENV_API")
    if not url:
        return Target(_usual(config).url, token, "environment") if token else None
    url = address(url)
    known = next((each["token"] for each in config.profiles.values() if each["url"] == url), "")
    if not (token or known):
        raise CliError(
            f"There is no token for {url} (VIBENV_API).", "Set VIBENV_TOKEN or VIBENV_TOKEN_FILE.", NO_ACCESS
        )
    return Target(url, token or known, "environment")


def _token() -> str:
    if given := environment.text("VIBENV_TOKEN"):
        return given
    file = environment.text("VIBENV_TOKEN_FILE")
    return _read(Path(file)) if file else ""


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise CliError(f"The token in {file} cannot be read: {error.strerror}.", LOGIN, NO_ACCESS) from error
