"""Who calls the API, by a token or a login; whether they may call this; and the refusals that every path may answer with."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from boards import idempotency, pace, scopes, tokens, verbs
from boards.schemas import Problem

FAULTS = {401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem}


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = tokens.user_of(token)
        return None if user is None else admitted(request, user)


class Login(SessionAuth):
    """The cookie of a page of ours."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        user = super().authenticate(request, key)
        return admitted(request, user) if isinstance(user, User) else None


def admitted(request: HttpRequest, user: User) -> User:
    """Let `user` call what the request names.

    Raises `Forbidden` where a token is not for that, `TooMany` where there were too many calls, and what
    `idempotency.begin` does where the same was asked before.
    """
    request.user = user
    scopes.must_verb(user, verb_of(request))
    pace.count(user)
    scope = scopes.of(user)
    idempotency.begin(request, f"token {scope.token_id}" if scope else f"user {user.pk}")
    return user


def verb_of(request: HttpRequest) -> verbs.Verb | None:
    match = request.resolver_match
    route = (match.route if match else "").removeprefix("api/v1")
    return verbs.of_operation(request.method or "", route)


def user_of(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (for the type checker: `auth` let nobody else in)
    return user
