"""Unique session names made from card titles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from engines.errors import EngineError
from sessions.ids import slug
from sessions.models import Session

T = TypeVar("T")
MOST_TRIES = 5


def with_free_name(title: str, use: Callable[[str], T], *, besides: str = "") -> T:
    """`use(name)` with a free name, again with another when somebody took it at the same moment."""
    for _ in range(MOST_TRIES):
        try:
            with transaction.atomic():
                return use(free_name(title, besides=besides))
        except IntegrityError:
            continue
    raise EngineError("Too many sessions of that name are being made at once. Try again.")


def free_name(title: str, *, besides: str = "") -> str:
    """`fix-login`, or `fix-login-2` and so on when that is in use; never `besides`."""
    stem = slug(title)
    taken = set(Session.objects.filter(name__startswith=stem).values_list("name", flat=True)) | {besides}
    candidates = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
    return next(name for name in candidates if name not in taken)
