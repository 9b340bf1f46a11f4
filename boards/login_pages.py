"""Logging in, by password or by a one-time link, and out."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import accounts, limits
from boards import login as links
from boards.answers import private

NEXT = "next"  # in the session of somebody who has yet to log in
BACKEND = "django.contrib.auth.backends.ModelBackend"
WRONG = "The login name or the password is wrong."


def ours(address: str) -> str:
    """`address` where it is a path of this site, else nothing: a login must lead nowhere else."""
    own = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if own else ""


@require_http_methods(["GET", "POST"])
@never_cache
@csrf_protect
def login_page(request: HttpRequest) -> HttpResponse:
    """The form; a login link that is used instead leads to the same place."""
    wanted = ours(request.POST.get("next") or request.GET.get("next", ""))
    if request.method == "POST":
        return _log_in(request, wanted)
    if request.user.is_authenticated:
        return redirect(wanted or "home")
    if wanted:
        request.session[NEXT] = wanted
    return _form(request, wanted)


def _log_in(request: HttpRequest, wanted: str) -> HttpResponse:
    username, address = accounts.as_username(request.POST.get("username", "")), limits.address_of(request)
    limits.hit(limits.LOGIN_ADDRESS, address)
    limits.hit(limits.LOGIN_NAME, username)
    password = request.POST.get("password", "")[: accounts.PASSWORD_LENGTH]
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        return _form(request, wanted, error=WRONG, username=username, status=403)
    limits.forget(limits.LOGIN_NAME, username)
    return enter(request, user, wanted)


def enter(request: HttpRequest, user: User, wanted: str = "") -> HttpResponse:
    """Log `user` in, under a session key that nobody can have prepared, and go on."""
    wanted = wanted or ours(request.session.pop(NEXT, ""))
    login(request, user, backend=BACKEND)
    return redirect(wanted or "home")


def _form(request: HttpRequest, wanted: str, status: int = 200, **shown: str) -> HttpResponse:
    return private(render(request, "login.html", {"next": wanted, **shown}, status=status))


@require_GET
@never_cache
def login_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Use a one-time link."""
    address = limits.address_of(request)
    limits.check(limits.WRONG_SECRET, address)
    user = links.redeem(secret)
    if user is None:
        limits.count(limits.WRONG_SECRET, address)
        said = "This login link was used already, or is older than ten minutes."
        return _form(request, ours(request.session.get(NEXT, "")), error=said, status=403)
    return enter(request, user)


@require_POST
@csrf_protect
def log_out(request: HttpRequest) -> HttpResponse:
    """`next` leads on from there, as it does for logging in."""
    wanted = ours(request.GET.get("next", ""))
    logout(request)
    return redirect(wanted or "login")


def login_address(back: str) -> str:
    """Of the form, which then leads to `back`."""
    return f"{reverse('login')}?{urlencode({'next': back})}"
