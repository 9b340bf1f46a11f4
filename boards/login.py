"""One-time login links: made by whoever holds the machine, used once in a browser."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from boards.models import LoginLink
from boards.setup import owner
from boards.tokens import digest, new_secret

LIFETIME = timedelta(minutes=10)


def new_login_url() -> str:
    """An absolute address that logs the owner in, once, within `LIFETIME`."""
    secret = new_secret()
    LoginLink.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
    LoginLink.objects.create(user=owner(), token_hash=digest(secret), expires_at=timezone.now() + LIFETIME)
    return f"{settings.PUBLIC_URL}/login/{secret}"


def redeem(secret: str) -> User | None:
    """Whose link it is, when it is still good; a second use finds nothing."""
    now = timezone.now()
    good = LoginLink.objects.filter(token_hash=digest(secret), used_at=None, expires_at__gt=now)
    if not good.update(used_at=now):
        return None
    return LoginLink.objects.select_related("user").get(token_hash=digest(secret)).user
