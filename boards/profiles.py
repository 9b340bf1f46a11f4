"""What people change about themselves."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from boards import accounts, events
from boards.models import Member, Profile
from boards.palette import Colour, colour_for
from boards.people import PersonJson, good_name, person_json
from boards.text import checked
from engines.errors import InvalidInput, PolicyRejected

INITIALS_LENGTH = 3


class MeJson(PersonJson):
    username: str
    has_password: bool


def me_json(user: User) -> MeJson:
    return {**person_json(user), "username": user.username, "has_password": user.has_usable_password()}


@transaction.atomic
def change(user: User, *, name: str | None, initials: str | None, colour: str | None) -> None:
    """What is None stays; empty initials follow the name. Raises `InvalidInput`."""
    if name is not None:
        user.first_name, user.last_name = good_name(name), ""
        user.save(update_fields=["first_name", "last_name"])
    if initials is not None or colour is not None:
        profile, _ = Profile.objects.get_or_create(user=user, defaults={"colour": colour_for(user.pk), "initials": ""})
        profile.initials = profile.initials if initials is None else _good_initials(initials)
        profile.colour = profile.colour if colour is None else _good_colour(colour)
        profile.save()
        user.profile = profile
    for board_id in Member.objects.filter(user=user).values_list("board_id", flat=True):
        events.board_changed(board_id)


def _good_initials(given: str) -> str:
    initials = checked("initials", given.upper(), INITIALS_LENGTH, empty=True)
    if not initials.isprintable() or " " in initials:
        raise InvalidInput(f"initials: take up to {INITIALS_LENGTH} characters without blanks.")
    return initials


def _good_colour(colour: str) -> str:
    if colour not in Colour.values:
        raise InvalidInput(f"colour: is none of {', '.join(Colour.values)}.")
    return colour


def change_password(user: User, *, current: str, new: str) -> None:
    """Raises `PolicyRejected` where the present one is wrong, `InvalidInput` where the new one is too weak."""
    if user.has_usable_password() and not user.check_password(current):
        raise PolicyRejected("The present password is another one. Nothing was changed.")
    user.set_password(accounts.good_password(new, user))
    user.save(update_fields=["password"])
