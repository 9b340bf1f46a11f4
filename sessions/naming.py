"""Unique session names made from card titles."""

from __future__ import annotations

import itertools

from sessions.ids import slug
from sessions.models import Session


def free_name(title: str, *, besides: str = "") -> str:
    """`fix-login`, or `fix-login-2` and so on when that is in use; never `besides`."""
    stem = slug(title)
    taken = set(Session.objects.filter(name__startswith=stem).values_list("name", flat=True)) | {besides}
    candidates = itertools.chain([stem], (f"{stem}-{n}" for n in itertools.count(2)))
    return next(name for name in candidates if name not in taken)
