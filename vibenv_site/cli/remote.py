"""`vibenv remote-launch`: a stack in Dagger's own terminal, with no session, no card and no web process in between."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from vibenv_site.cli import environ, output
from vibenv_site.cli.errors import FAILED, NOT_FOUND, USAGE, CliError

if TYPE_CHECKING:
    from layers.models import Stack


def launch(name: str, board: str | None, data_dir: str | None, command: str) -> None:
    """Becomes Dagger's command line; nothing of it is kept. Raises `CliError` for what is missing."""
    path = environ.chosen_data_dir(data_dir)
    if not path.is_dir():
        raise CliError(
            f"There is no vibenv in {path}.", "Name its --data-dir, or start one with `./vibenv up`.", NOT_FOUND
        )
    environ.of_running(path)
    import django

    django.setup()
    from django.conf import settings

    from layers.builders import dagger
    from sessions.exports import publish_stack

    tool = dagger.command_line()
    if not tool:
        raise CliError(
            "Dagger's command line is not here.",
            "Install it (https://docs.dagger.io/install), or name it in _EXPERIMENTAL_DAGGER_CLI_BIN.",
            FAILED,
        )
    if not sys.stdin.isatty():
        raise CliError("remote-launch wants a terminal.", "From a program use `vibenv exec`.", USAGE)
    stack = _stack(name, board)
    output.say("Publishing the stack…")
    image = publish_stack(stack)
    output.say(f"{image}. What you write in it is gone when you leave.")
    environ.dagger_host(settings.DAGGER_HOST)
    words = ",".join(command.split())
    os.execv(tool, [tool, "core", "container", "from", f"--address={image}", "terminal", f"--cmd={words}"])  # noqa: S606  (nothing of us stays)


def _stack(name: str, board: str | None) -> Stack:
    """A card's own; of a name that is no card's, the board's."""
    from django.db.models import Q

    from boards.models import Board, Card

    boards = Board.objects.order_by("created_at")
    if board is not None:
        boards = boards.filter(Q(pk=board) | Q(name=board))
    cards = Card.objects.filter(Q(pk=name) | Q(title__iexact=name), board__in=boards, archived_at=None)
    found = list(cards.select_related("session__stack", "board__stack")[:2])
    if len(found) > 1:
        raise CliError(f"{name} may be several cards.", "Name one by its id.", USAGE)
    place = boards.select_related("stack").first()
    stack = (found[0].session.stack or found[0].board.stack) if found else place.stack if place else None
    if stack is None:
        raise CliError(f"There is no board {board}." if board else "There is no board.", "", NOT_FOUND)
    return stack
