"""Secrets that people and programs show to get in. Only their hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from boards import access_news, scopes
from boards.models import ApiToken, Board, Card

SEEN_EVERY = timedelta(minutes=1)
HINT_LENGTH = 4


def new_secret() -> str:
    """256 random bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """How a secret is stored. It is random and long: a plain hash cannot be searched backwards."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(user: User, name: str, **more: Any) -> str:
    """A new bearer token of `user`; it can be read here only. `more` is as `make` takes it."""
    return make(user, name, **more)[1]


def make(
    user: User,
    name: str,
    *,
    board: Board | None = None,
    card: Card | None = None,
    verbs: list[str] | None = None,
    kind: scopes.Kind = "person",
    expires_in_s: int | None = None,
) -> tuple[ApiToken, str]:
    """A token and its secret. It may all that `user` may, or what of that is of one board or card, and of these verbs.

    Whether `user` may make it is `access_tokens`' concern.
    """
    secret = new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        token_hash=digest(secret),
        board=board,
        card=card,
        verbs=verbs or [],
        kind=kind,
        hint=secret[-HINT_LENGTH:],
        expires_at=timezone.now() + timedelta(seconds=expires_in_s) if expires_in_s else None,
    )
    return token, secret


def revoke(tokens: QuerySet[ApiToken]) -> int:
    """End them, with whatever they let in that is still open."""
    users = set(tokens.values_list("user_id", flat=True))
    count = tokens.delete()[0]
    for user_id in users:
        access_news.tell(user_id)
    return count


def bearer_of(header: str) -> str | None:
    """The token of an `Authorization` header; None where it is not a bearer's."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


def alive() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def user_of(secret: str) -> User | None:
    """Whose valid token this is; what is done for that user, as this object, is within the token's scope."""
    token = alive().filter(token_hash=digest(secret)).select_related("user").first()
    if token is None or not token.user.is_active:
        return None
    _note_use(token)
    return scopes.attach(token.user, scope_of(token))


def scope_of(token: ApiToken) -> scopes.Scope:
    return scopes.Scope(
        board_id=token.board_id,
        card_id=token.card_id,
        verbs=frozenset(token.verbs),
        name=token.name,
        kind=cast("scopes.Kind", token.kind),
        token_id=token.pk,
        expires_at=token.expires_at,
    )


def _note_use(token: ApiToken) -> None:
    """Now and then: a write with each call would be dear."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
