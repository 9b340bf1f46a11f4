"""The page of an invite: who invites to what, and joining as oneself or as somebody new."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from boards import access, accounts, invites, limits
from boards.access import NotFound, Role
from boards.answers import private
from boards.login_pages import enter, login_address
from boards.models import Invite
from boards.people import NAME_LENGTH, name_of, person_json
from engines.errors import InvalidInput

MEANS = {
    Role.OWNER: "You can do everything there, and decide who is in.",
    Role.EDITOR: "You can change cards and type in their terminals.",
    Role.VIEWER: "You can look at its cards and watch their terminals.",
}
FIELDS = {"name": "Your name", "username": "The login name", "password": "The password"}


@require_http_methods(["GET", "POST"])
@never_cache
@csrf_protect
def invite(request: HttpRequest, secret: str) -> HttpResponse:
    address = limits.address_of(request)
    limits.check(limits.WRONG_SECRET, address)
    try:
        found = invites.of_secret(secret)
        if request.method == "POST":
            return private(_join(request, found))
    except NotFound as missing:
        limits.count(limits.WRONG_SECRET, address)
        return private(render(request, "gone.html", {"detail": str(missing)}, status=404))
    return _show(request, found)


def _join(request: HttpRequest, found: Invite) -> HttpResponse:
    user = request.user
    if isinstance(user, User):
        invites.accept(found, user)
        return redirect("board", board_id=found.board_id)
    limits.hit(limits.JOIN, limits.address_of(request))
    given = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        username = given["username"] or accounts.suggested(given["name"])
        person = accounts.prepared(given["name"], username, given["password"])
        with transaction.atomic():
            accounts.save(person)
            invites.accept(found, person)
    except InvalidInput as error:
        if accounts.taken(given["username"]):
            given["username"] = accounts.suggested(given["username"])
        return _show(request, found, given, error)
    return enter(request, person, f"/b/{found.board_id}")


def _show(
    request: HttpRequest, found: Invite, given: dict[str, str] | None = None, error: InvalidInput | None = None
) -> HttpResponse:
    user = request.user
    field, _, refusal = str(error).partition(": ") if error else ("", "", "")
    about = {
        "board": found.board.name,
        "role": found.role,
        "article": "a" if found.role == Role.VIEWER else "an",
        "means": MEANS[Role(found.role)],
        "by": person_json(found.created_by) if found.created_by else None,
        "me": name_of(user) if isinstance(user, User) else "",
        "member_already": access.role_of(user, found.board_id) if isinstance(user, User) else None,
        "board_id": found.board_id,
        "given": given or {},
        "field": field,
        "error": _sentence(field, refusal),
        "login": login_address(request.path),
        "longest": NAME_LENGTH,
        "longest_username": accounts.LONGEST,
    }
    return private(render(request, "invite.html", about, status=422 if error else 200))


def _sentence(field: str, refusal: str) -> str:
    """A refusal with the field's name as people read it; some are sentences already."""
    starts_anew = not refusal or refusal[0].isupper()
    return refusal if starts_anew else f"{FIELDS[field]} {refusal}"
