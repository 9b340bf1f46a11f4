"""Secrets that people and programs show to get in. Only their hashes are stored."""

from __future__ import annotations

import hashlib
import secrets

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from boards.models import ApiToken


def new_secret() -> str:
    """256 random bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """How a secret is stored. It is random and long: a plain hash cannot be searched backwards."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(user: User, name: str) -> str:
    """A new bearer token of `user`; it can be read here only."""
    secret = new_secret()
    ApiToken.objects.create(user=user, name=name, token_hash=digest(secret))
    return secret


def bearer_of(header: str) -> str | None:
    """The token of an `Authorization` header; None where it is not a bearer's."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


def alive() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def user_of(secret: str) -> User | None:
    """Whose valid token this is."""
    token = alive().filter(token_hash=digest(secret)).select_related("user").first()
    return token.user if token and token.user.is_active else None
