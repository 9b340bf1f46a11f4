"""`vibenv api METHOD PATH`: whatever the API has, also what has no command of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from vibenv_site.cli import output
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import USAGE, ApiError, CliError

CHUNK_BYTES: Final = 64 * 1024
WORDS: Final = {"true": True, "false": False, "null": None}
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def call(api: Api, method: str, path: str, *, fields: tuple[str, ...], source: str | None, pages: bool) -> int:
    """Prints the answer's body as it is; 1 (or as the README says) when the server refuses."""
    given = dict(_field(each) for each in fields)
    if source and given and method != "GET":
        raise CliError("--field and --input exclude each other.", "Put the fields into the input.", USAGE)
    query = given if method == "GET" else None
    if pages:
        parts = list(api.pages(path, query))
        output.as_json([each for part in parts for each in part] if isinstance(parts[0], list) else parts[0])
        return 0
    body = _input(source) if source else json.dumps(given).encode() if given and method != "GET" else None
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        answer = api.open(method, path, body, query=query, headers=headers, timeout_s=None)
    except ApiError as error:
        if error.body is not None:
            output.as_json(error.body)
        raise
    while part := answer.read1(CHUNK_BYTES):
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    if sys.stdout.isatty():
        click.echo()
    return 0


def _field(text: str) -> tuple[str, Any]:
    """`name=value`; numbers, true, false and null as such, `name:=JSON` as JSON, `name=@FILE` a file's text."""
    key, mark, value = text.partition("=")
    if not mark or not key:
        raise CliError(f"{text} is no field.", "It is one such as title=Hello.", USAGE)
    try:
        if key.endswith(":"):
            return key[:-1], json.loads(value)
        if value.startswith("@"):
            return key, Path(value[1:]).read_text()
    except (OSError, ValueError) as error:
        raise CliError(f"{text}: {error}.", "", USAGE) from error
    if value in WORDS:
        return key, WORDS[value]
    return key, int(value) if value.lstrip("-").isdecimal() else value


def _input(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise CliError(f"{source} cannot be read: {error.strerror}.", "", USAGE) from error
