"""The page on which a person lets a command line in, or does not."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from boards import devices, limits
from boards.answers import private
from boards.people import name_of

UNKNOWN = "No login waits with this code. It may have expired: begin again, and compare the code."
LONGEST = 20


@require_http_methods(["GET", "POST"])
@never_cache
@csrf_protect
@login_required
def device(request: HttpRequest) -> HttpResponse:
    """Asks for the code, shows who wants in, takes the answer."""
    given = request.POST if request.method == "POST" else request.GET
    code = given.get("code", "").strip()[:LONGEST]
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (for the type checker: `login_required` let nobody else in)
    about: dict[str, object] = {"me": name_of(user), "code": code}
    if not code:
        return _page(request, about)
    address = limits.address_of(request)
    limits.check(limits.WRONG_SECRET, address)
    login = devices.waiting(code)
    if login is None:
        limits.count(limits.WRONG_SECRET, address)
        return _page(request, {**about, "error": UNKNOWN}, 404)
    if request.method == "GET" or "answer" not in request.POST:
        return _page(request, {**about, "login": login})
    yes = request.POST["answer"] == "yes"
    if not devices.answer(login, user, yes=yes):
        return _page(request, {**about, "error": UNKNOWN}, 404)
    return _page(request, {**about, "login": login, "answered": "yes" if yes else "no"})


def _page(request: HttpRequest, about: dict[str, object], status: int = 200) -> HttpResponse:
    return private(render(request, "device.html", about, status=status))
