"""How commands print: data on standard output, words for people on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from vibenv_site import environment

COLOURS = {"running": "green", "failed": "red", "starting": "yellow", "paused": "blue", "asleep": "blue"}


def coloured(err: bool = False) -> bool:
    """Colour is for terminals, and for whoever did not forbid it (no-color.org)."""
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not environment.text("NO_COLOR") and environment.text("TERM") != "dumb"


def as_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """Words beside the data."""
    click.echo(text, err=True, color=coloured(err=True))


def table(rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> None:
    """Columns, two spaces apart; the head only for people."""
    shown = [list(map(one_line, row)) for row in rows]
    if head and rows and sys.stdout.isatty():
        shown.insert(0, list(head))
    widths = [max(len(row[at]) for row in shown) for at in range(len(shown[0]))] if shown else []
    for number, row in enumerate(shown):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        dim = bool(head) and number == 0 and sys.stdout.isatty()
        click.echo(click.style(line, dim=True) if dim else line, color=coloured())


def one_line(text: str) -> str:
    """What others wrote, on one line and without control characters: those would drive the reader's terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def age(moment: str | None) -> str:
    """How long ago, or how long until then, in one unit."""
    if not moment:
        return ""
    seconds = abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(count: int | None) -> str:
    from vibenv_site.setup.data_dir import size as in_words

    return in_words(count) if count is not None else ""
