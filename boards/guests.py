"""Guests: people without an account, who came by a share link. They give a name, and see one terminal."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from boards import limits, links, questions
from boards.access import NotFound
from boards.answers import private
from boards.models import ShareLink
from boards.people import NAME_LENGTH, good_name, name_of
from boards.present import board_recording_json
from engines.errors import InvalidInput
from sessions.present import iso

NAME = "guest_name"  # in the guest's session


@require_http_methods(["GET", "POST"])
@never_cache
@csrf_protect
def guest(request: HttpRequest, secret: str) -> HttpResponse:
    """The terminal, or first the question for a name."""
    address = limits.address_of(request)
    limits.check(limits.WRONG_SECRET, address)
    try:
        link = links.of_secret(secret)
    except NotFound as missing:
        limits.count(limits.WRONG_SECRET, address)
        return private(render(request, "gone.html", {"detail": str(missing)}, status=404))
    if request.method == "POST":
        return _named(request, link, secret)
    if NAME not in request.session or "name" in request.GET:
        return _ask(request, link, request.session.get(NAME, _own_name(request)))
    return private(render(request, "guest.html", {"state": _state(link, secret, request.session[NAME])}))


@require_GET
@never_cache
def guest_questions(request: HttpRequest, secret: str) -> HttpResponse:
    """What is being asked about the card; a guest sees it, members answer."""
    address = limits.address_of(request)
    limits.check(limits.WRONG_SECRET, address)
    try:
        link = links.of_secret(secret)
    except NotFound as missing:
        limits.count(limits.WRONG_SECRET, address)
        return private(JsonResponse({"detail": str(missing)}, status=404))
    if not link.card.question_count:
        return private(JsonResponse([], safe=False))
    found = questions.page(link.card, only_open=True)
    return private(JsonResponse([questions.question_json(each) for each in found], safe=False))


def _named(request: HttpRequest, link: ShareLink, secret: str) -> HttpResponse:
    """From the form, or from the terminal's page, which stays as it is and asks for JSON."""
    given = request.POST.get("name", "")
    by_page = request.headers.get("Accept") == "application/json"
    try:
        name = request.session[NAME] = good_name(given)
    except InvalidInput as error:
        said = str(error).partition(": ")[2]
        if by_page:
            return private(JsonResponse({"detail": f"The name {said}"}, status=422))
        return _ask(request, link, given, said, 422)
    return private(JsonResponse({"name": name})) if by_page else redirect("guest", secret=secret)


def _own_name(request: HttpRequest) -> str:
    user = request.user
    return name_of(user) if isinstance(user, User) else ""


def _ask(request: HttpRequest, link: ShareLink, name: str, error: str = "", status: int = 200) -> HttpResponse:
    about: dict[str, Any] = {
        "title": link.card.title,
        "role": link.role,
        "name": name,
        "error": error,
        "longest": NAME_LENGTH,
    }
    about["recording"] = board_recording_json(link.card.board)
    return private(render(request, "guest_name.html", about, status=status))


def _state(link: ShareLink, secret: str, name: str) -> dict[str, str | None]:
    return {
        "card": link.card_id,
        "title": link.card.title,
        "role": link.role,
        "name": name,
        "expires_at": iso(link.expires_at),
        "socket": f"/ws/links/{secret}/terminal",
        "questions": f"/s/{secret}/questions",
    }
