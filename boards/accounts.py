"""Login names and passwords: which are taken, and new people."""

from __future__ import annotations

import re
import unicodedata

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from boards.people import good_name
from engines.errors import InvalidInput

LONGEST = 30
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")  # also what a mention takes for a name
PASSWORD_LENGTH = 200  # hashing takes as long as it is long


def as_username(given: str) -> str:
    """Login names are told apart without their case."""
    return given.strip().lower()


def good_username(given: str) -> str:
    """Raises `InvalidInput`."""
    username = as_username(given)
    if len(username) > LONGEST or not USERNAME.fullmatch(username):
        raise InvalidInput(
            f"username: takes up to {LONGEST} letters from a to z and digits, with dots, dashes and underscores between them."
        )
    if taken(username):
        raise InvalidInput(f"username: somebody is called {username} already; {suggested(username)} is free.")
    return username


def taken(given: str) -> bool:
    return User.objects.filter(username=as_username(given)).exists()


def suggested(name: str) -> str:
    """A login name that is free, made from what people are called: `Ada Lovelace` → `ada.lovelace`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[: LONGEST - 3].strip(".") or "person"
    others = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    return next(each for each in (base, *(f"{base}{n}" for n in range(2, len(others) + 3))) if each not in others)


def good_password(password: str, user: User) -> str:
    """Raises `InvalidInput` with every reason against it."""
    if len(password) > PASSWORD_LENGTH:
        raise InvalidInput(f"password: takes at most {PASSWORD_LENGTH} characters.")
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise InvalidInput("password: " + " ".join(refused.messages)) from refused
    return password


def prepared(name: str, username: str, password: str) -> User:
    """A new person, not yet saved: hashing a password takes long, and must hold no transaction up.
    Raises `InvalidInput`, which calls the fields `name`, `username` and `password`."""
    person = User(username=good_username(username), first_name=good_name(name))
    person.set_password(good_password(password, person))
    return person


def save(person: User) -> None:
    """Raises `InvalidInput` where the login name was taken meanwhile."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise InvalidInput("username: somebody has just taken it; choose another one.") from error
