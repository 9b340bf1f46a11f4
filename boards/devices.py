"""A command line that logs in: it shows a short code, and whoever is logged in here says yes or no to it in a browser."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards import tokens
from boards.access import Forbidden
from boards.models import DeviceLogin
from boards.text import checked
from engines.errors import VibenvError

LIFETIME: Final = timedelta(minutes=10)
INTERVAL_S: Final = 2
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no words; none that looks like a digit
CODE_LENGTH: Final = 8
REFUSED: Final = "The login was refused in the browser."


class Gone(VibenvError):
    """The login is too old, or was fetched already."""

    def __init__(self) -> None:
        super().__init__("This login has expired, or was used already. Begin another one: `vibenv login URL`.")


def begin(name: str, address: str) -> tuple[DeviceLogin, str]:
    """A login that waits for an answer, and the secret to ask after it with."""
    name, secret = checked("name", name, 120), tokens.new_secret()
    forget_old()
    while True:
        try:
            with transaction.atomic():
                made = DeviceLogin.objects.create(
                    device_hash=tokens.digest(secret),
                    user_code=_new_code(),
                    name=name,
                    address=address,
                    expires_at=timezone.now() + LIFETIME,
                )
        except IntegrityError:  # another one has the code
            continue
        return made, secret


def _new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def waiting(code: str) -> DeviceLogin | None:
    """The login of this code that nobody answered yet, however the code is written."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    rows = DeviceLogin.objects.filter(user=None, refused=False, expires_at__gt=timezone.now())
    return rows.filter(user_code=f"{letters[:4]}-{letters[4:]}").first()


def answer(login: DeviceLogin, user: User, *, yes: bool) -> bool:
    """False where it was answered meanwhile."""
    rows = DeviceLogin.objects.filter(pk=login.pk, user=None, refused=False)
    return bool(rows.update(user=user) if yes else rows.update(refused=True))


@transaction.atomic
def fetch(secret: str) -> tuple[User, str] | None:
    """Who said yes, and a token of theirs, once; None while nobody said anything. Raises `Forbidden` for a no, and `Gone`."""
    rows = (
        DeviceLogin.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(device_hash=tokens.digest(secret))
    )
    login = rows.filter(expires_at__gt=timezone.now()).first()
    if login is None:
        raise Gone
    if login.refused:
        raise Forbidden(REFUSED)
    user = login.user
    if user is None:
        return None
    login.delete()
    if not user.is_active:
        raise Gone
    return user, tokens.issue(user, login.name, kind="cli")


def forget_old() -> None:
    DeviceLogin.objects.filter(expires_at__lt=timezone.now()).delete()
