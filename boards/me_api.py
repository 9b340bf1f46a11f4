"""The HTTP API of oneself: profile, password, logins."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Router, Status

from boards import limits, login_sessions, profiles
from boards.browsers import browser_words
from boards.caller import FAULTS, user_of
from boards.models import LoginSession
from boards.schemas import LoginOut, MeOut, MePatch, PasswordIn
from sessions.present import iso

router = Router(tags=["me"])


def _own_key(request: HttpRequest, user: User) -> str | None:
    """The key of the login that the request came by; None where it came by a token."""
    session = request.session
    return session.session_key if session.get(SESSION_KEY) == str(user.pk) else None


@router.get("/me", response={200: MeOut, **FAULTS})
def read_me(request: HttpRequest) -> Any:
    """Who you are, and how others see you."""
    return profiles.me_json(user_of(request))


@router.patch("/me", response={200: MeOut, **FAULTS})
def change_me(request: HttpRequest, patch: MePatch) -> Any:
    """What is left out stays. Empty `initials` follow the name."""
    user = user_of(request)
    profiles.change(user, name=patch.name, initials=patch.initials, colour=patch.colour)
    return profiles.me_json(user)


@router.post("/me/password", response={204: None, **FAULTS})
def change_password(request: HttpRequest, given: PasswordIn) -> Any:
    """Set or change the password. This login stays; every other one ends."""
    user = user_of(request)
    limits.hit(limits.PASSWORD, str(user.pk))
    profiles.change_password(user, current=given.current, new=given.new)
    if _own_key(request, user):
        update_session_auth_hash(request, user)
    login_sessions.revoke_others(user, _own_key(request, user))
    return Status(204, None)


@router.get("/me/logins", response={200: list[LoginOut], **FAULTS})
def list_logins(request: HttpRequest) -> Any:
    """Browsers that are logged in as you, the latest seen first."""
    user = user_of(request)
    current = login_sessions.stored(_own_key(request, user) or "")
    return [_login_json(login, current) for login in login_sessions.logins_of(user)]


def _login_json(login: LoginSession, current: str) -> dict[str, Any]:
    return {
        "id": login_sessions.public_id(login.session_key),
        "browser": browser_words(login.browser),
        "address": login.address,
        "created_at": iso(login.created_at),
        "seen_at": iso(login.seen_at),
        "current": login.session_key == current,
    }


@router.delete("/me/logins", response={204: None, **FAULTS})
def log_out_elsewhere(request: HttpRequest) -> Any:
    """Log out every other browser."""
    user = user_of(request)
    login_sessions.revoke_others(user, _own_key(request, user))
    return Status(204, None)


@router.delete("/me/logins/{login_id}", response={204: None, **FAULTS})
def revoke_login(request: HttpRequest, login_id: str) -> Any:
    """Log one browser out. What it has open closes at once."""
    login_sessions.revoke(user_of(request), login_id)
    return Status(204, None)
