"""Server-rendered pages: the state they start from; what happens then is the board module's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from boards import access, mentions, welcome
from boards.models import Board
from boards.people import name_of, person_json
from boards.present import board_json
from boards.recordings import recording_json
from engines.errors import InvalidInput
from sessions import refill


@require_http_methods(["GET", "POST"])
@never_cache
@csrf_protect
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first board; who has none makes one."""
    user = _user_of(request)
    board = access.boards_of(user).first()
    if board is not None:
        return redirect("board", board_id=board.pk)
    about = {"me": name_of(user), "name": request.POST.get("name", "")}
    if request.method == "POST":
        try:
            return redirect("board", board_id=welcome.create_board(about["name"], user).pk)
        except InvalidInput as refused:
            about["error"] = str(refused).partition(": ")[2]
    return render(request, "no_board.html", about, status=422 if "error" in about else 200)


@require_GET
@never_cache
@ensure_csrf_cookie
@login_required
def board(request: HttpRequest, board_id: str, template: str = "board.html") -> HttpResponse:
    """The board, (`wall.html`) all its running terminals, or (`layers.html`) its layers."""
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


@require_GET
@never_cache
@ensure_csrf_cookie
@login_required
def recording(request: HttpRequest, card_id: str, recording_id: str) -> HttpResponse:
    """A recording of a card's terminal, to be watched."""
    try:
        found, card = access.recording_by_id(request.user, recording_id)
    except access.NotFound as missing:
        said = f"{missing} Recordings are deleted with their card, by hand, and where they take too much room."
        return error(request, 404, "No such recording", said)
    if card.pk != card_id:
        return redirect("recording", card_id=card.pk, recording_id=found.pk)
    about = {"id": card.pk, "title": card.title, "board": card.board_id}
    return render(request, "recording.html", {"state": {"card": about, "recording": recording_json(found)}})


@require_GET
@never_cache
@ensure_csrf_cookie
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """All sessions of one's boards; the page asks for them itself, again and again."""
    user = _user_of(request)
    state = {"boards": _boards_json(user), "me": person_json(user)}
    return render(request, "sessions.html", {"state": state})


def _boards_json(user: User) -> list[dict[str, str]]:
    return [{"id": b.pk, "name": b.name} for b in access.boards_of(user)]


def _user_of(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (for the type checker: `login_required` let nobody else in)
    return user


def _page(request: HttpRequest, shown: Board, template: str = "board.html", **more: Any) -> HttpResponse:
    user = _user_of(request)
    refill.expect(shown.stack_id)
    state = {
        "board": board_json(shown),
        "boards": _boards_json(user),
        "me": person_json(user),
        "mentions": mentions.unseen(user),
        "open_card": None,
        "full": False,
        **more,
    }
    looking_only = access.role_of(user, shown.pk) == access.Role.VIEWER
    return render(request, template, {"state": state, "looking_only": looking_only})


def error(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "detail": detail}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    said = "The form was too old, of another site, or cookies are switched off. Load its page again, and send it once more."
    return error(request, 403, "That was not sent from here", said)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error(request, 404, "Nothing here", "There is no page at this address. The board is at the start page.")


def server_error(request: HttpRequest) -> HttpResponse:
    return error(request, 500, "That went wrong", "The fault is ours and is in the web log. Load the page again.")
