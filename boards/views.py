"""Server-rendered pages: the state they start from; what happens then is the board module's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from boards import access, mentions
from boards.models import Board
from boards.people import person_json
from boards.present import board_json


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first board."""
    board = access.boards_of(request.user).first()
    if board is None:
        return error(request, 404, "No board yet", "You are not a member of any board. Ask its owner to invite you.")
    return redirect("board", board_id=board.pk)


@require_GET
@never_cache
@ensure_csrf_cookie
@login_required
def board(request: HttpRequest, board_id: str, template: str = "board.html") -> HttpResponse:
    """The board, or (`wall.html`) all its running terminals."""
    try:
        return _page(request, access.board_of(request.user, board_id), template)
    except access.NotFound as missing:
        return error(request, 404, "No such board", str(missing))


@require_GET
@never_cache
@ensure_csrf_cookie
@login_required
def card(request: HttpRequest, card_id: str, full: bool = False) -> HttpResponse:
    """The card's board with its terminal open, or (`full`) the terminal alone."""
    try:
        found = access.card_of(request.user, card_id)
    except access.NotFound as missing:
        return error(request, 404, "No such card", str(missing))
    if found.archived_at is not None:
        said = "Its files are kept. Restore it on its board: Archived cards, in the menu beside the board's name."
        return error(request, 404, "This card is archived", said)
    return _page(request, found.board, open_card=found.pk, full=full)


def _page(request: HttpRequest, shown: Board, template: str = "board.html", **more: Any) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (for the type checker: `login_required` let nobody else in)
    state = {
        "board": board_json(shown),
        "boards": [{"id": b.pk, "name": b.name} for b in access.boards_of(user)],
        "me": person_json(user),
        "mentions": mentions.unseen(user),
        "open_card": None,
        "full": False,
        **more,
    }
    return render(request, template, {"state": state})


def error(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "detail": detail}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error(request, 404, "Nothing here", "There is no page at this address. The board is at the start page.")


def server_error(request: HttpRequest) -> HttpResponse:
    return error(request, 500, "That went wrong", "The fault is ours and is in the web log. Load the page again.")
