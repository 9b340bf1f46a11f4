"""People as others see them: name, colour, initials."""

from __future__ import annotations

from typing import TypedDict

from django.contrib.auth.models import User

from boards.models import Board, Profile
from boards.palette import colour_for
from boards.text import checked
from engines.errors import InvalidInput

NAME_LENGTH = 40


class PersonJson(TypedDict):
    id: str
    name: str
    colour: str
    initials: str


class MemberJson(PersonJson):
    username: str  # what a mention (@username) names
    role: str


def good_name(given: str) -> str:
    """What others see. Raises `InvalidInput`."""
    name = checked("name", " ".join(given.split()), NAME_LENGTH)
    if not name.isprintable():
        raise InvalidInput("name: has characters that cannot be seen; take them out.")
    return name


def name_of(user: User) -> str:
    return user.get_full_name() or user.username


def initials_of(name: str) -> str:
    """Of the first and the last word, or the first two letters of the only one."""
    words = name.split()
    letters = words[0][0] + words[-1][0] if len(words) > 1 else name.strip()[:2]
    return letters.upper()


def person_json(user: User) -> PersonJson:
    """Wants `profile` loaded."""
    name, profile = name_of(user), _profile(user)
    colour = profile.colour if profile else colour_for(user.pk)
    return {
        "id": str(user.pk),
        "name": name,
        "colour": colour,
        "initials": (profile and profile.initials) or initials_of(name),
    }


def _profile(user: User) -> Profile | None:
    return getattr(user, "profile", None)


def members_json(board: Board) -> list[MemberJson]:
    """In the order they came."""
    found = board.member_set.select_related("user__profile").order_by("pk")
    return [{**person_json(m.user), "username": m.user.username, "role": m.role} for m in found]
