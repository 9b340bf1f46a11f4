"""Logging in from a command line, and the profiles that it leaves."""

from __future__ import annotations

import socket
import sys
import time
from typing import Any, Final
from urllib.parse import urlsplit

import click

from vibenv_site.cli import config, output
from vibenv_site.cli.client import Api
from vibenv_site.cli.config import Target
from vibenv_site.cli.errors import NO_ACCESS, NOT_FOUND, TIMEOUT, USAGE, ApiError, CliError

LEAST_INTERVAL_S: Final = 0.5
Json = dict[str, Any]


def login(url: str, profile: str | None, with_token: bool) -> None:
    """A profile for the vibenv at `url`, in use from now on. Raises `CliError`."""
    place = config.address(url)
    token = sys.stdin.readline().strip() if with_token else _by_browser(Api(Target(place, "")))
    if not token:
        raise CliError("No token came on standard input.", "`echo TOKEN | vibenv login URL --with-token`", USAGE)
    me = Api(Target(place, token)).get("/me")
    name = profile or urlsplit(place).netloc
    settings = config.load()
    settings.profiles[name] = {"url": place, "token": token}
    settings.current = name
    config.save(settings)
    output.say(f"Logged in to {place} as {output.one_line(me['name'])} (profile {name}).")


def _by_browser(api: Api) -> str:
    """Shows a code, and waits until somebody who is logged in says yes to it."""
    begun = api.post("/device", name=f"vibenv on {socket.gethostname()}")
    url = begun.get("verification_url_complete") or begun["verification_url"]
    output.say(f"Open {url}\nand compare the code: {click.style(begun['user_code'], bold=True)}")
    end = time.monotonic() + float(begun["expires_in_s"])
    while time.monotonic() < end:
        time.sleep(max(float(begun["interval_s"]), LEAST_INTERVAL_S))  # as the server asks
        if token := _asked(api, begun["device_code"]):
            return token
    raise CliError("Nobody said yes in time.", f"`vibenv login {api.target.url}` begins again.", TIMEOUT)


def _asked(api: Api, code: str) -> str:
    """The token; empty while nobody has answered."""
    try:
        answer = api.post("/device/token", device_code=code)
    except ApiError as error:
        if error.status == 403:
            raise CliError("Somebody said no to this login.", "", NO_ACCESS) from error
        if error.status == 410:
            raise CliError("The code is over.", f"`vibenv login {api.target.url}` begins again.", TIMEOUT) from error
        raise
    return str((answer or {}).get("token") or "")


def logout(profile: str | None) -> None:
    settings = config.load()
    name = profile or settings.current
    found = settings.profiles.pop(name, None)
    if found is None:
        raise CliError("You are not logged in." if not name else f"There is no profile {name}.", "", NOT_FOUND)
    if settings.current == name:
        settings.current = ""
    config.save(settings)
    ended = _end(Target(found["url"], found["token"], name))
    output.say(f"Logged out of {found['url']}." + ("" if ended else " Its token goes on until somebody revokes it."))


def _end(target: Target) -> bool:
    """Whether the token was ended on the server: of one's tokens the one that ends in the same letters."""
    api = Api(target)
    try:
        found = [each for each in api.all("/tokens") if each["hint"] and target.token.endswith(each["hint"])]
        if len(found) == 1:
            api.call("DELETE", f"/tokens/{found[0]['id']}")
    except CliError as error:
        return error.code == NO_ACCESS  # it works no more, then
    return len(found) == 1


def whoami(api: Api, as_json: bool) -> None:
    me = api.get("/me")
    if as_json:
        output.as_json(me | {"url": api.target.url, "profile": api.target.name})
        return
    click.echo(f"{output.one_line(me['name'])} ({output.one_line(me['username'])})")
    click.echo(api.target.url)
    output.say(f"by {api.target.name}")


def profiles(name: str | None) -> None:
    settings = config.load()
    if name is None:
        rows = [
            ("*" if each == settings.current else "", each, known["url"]) for each, known in settings.profiles.items()
        ]
        output.table(rows)
        return
    if name != config.LOCAL and name not in settings.profiles:
        raise CliError(f"There is no profile {name}.", "`vibenv profile` lists them.", NOT_FOUND)
    settings.current = "" if name == config.LOCAL else name
    config.save(settings)
