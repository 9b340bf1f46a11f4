"""Unique session names made from card titles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from engines.errors import EngineError
from sessions.ids import new_id, slug
from sessions.models import Session

T = TypeVar("T")
MOST_TRIES = 5
LONGEST = 48


def with_free_name(title: str, use: Callable[[str], T]) -> T:
    """`use(name)` with a free name, again with another when somebody took it at the same moment."""
    return _tried(lambda: free_name(title), use)


def with_another_name(taken: str, use: Callable[[str], T]) -> T:
    """The same for one whose container's name is somebody else's on the engine: never one that it bore before."""
    return _tried(lambda: another(taken), use)


def _tried(name: Callable[[], str], use: Callable[[str], T]) -> T:
    for _ in range(MOST_TRIES):
        try:
            with transaction.atomic():
                return use(name())
        except IntegrityError:
            continue
    raise EngineError("Too many sessions of that name are being made at once. Try again.")


def another(taken: str) -> str:
    """`fix-login-2` for `fix-login`; what has a number already gets four random digits, since nobody knows which are free."""
    second = f"{taken}-2"
    if len(second) > LONGEST or taken.endswith("-2") or Session.objects.filter(name=second).exists():
        return f"{taken.removesuffix('-2')[: LONGEST - 5]}-{new_id()[:4]}"
    return second


def free_name(title: str) -> str:
    """`fix-login`, or `fix-login-2` and so on when that is in use."""
    stem = slug(title)
    taken = set(Session.objects.filter(name__startswith=stem).values_list("name", flat=True))
    candidates = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
    return next(name for name in candidates if name not in taken)
