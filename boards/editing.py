"""Changes of a card's fields. Nobody overwrites silently what somebody else wrote meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from django.db import transaction

from boards.actions import locked, saved
from boards.models import Board, Card, Label, Member
from boards.text import checked
from engines.errors import InvalidInput, VibenvError
from sessions import lifecycle


class Fields(TypedDict, total=False):
    """By the names the API has for them."""

    title: str
    description: str
    due_on: date | None
    labels: list[str]
    assignees: list[str]
    is_template: bool


IN_ROW = {"labels": "label_ids", "assignees": "assignee_ids"}  # where the row calls it otherwise
OVERWRITTEN = ("title", "description", "due_on")  # what two people cannot both have; lists are merged instead


class Overtaken(VibenvError):
    """Somebody changed the same field meanwhile: nothing was written. `card` is as it is now."""

    def __init__(self, card: Card, fields: list[str]) -> None:
        names = " and ".join("due date" if name == "due_on" else name for name in fields)
        super().__init__(f"Somebody else changed the {names} meanwhile. Look at both versions and save again.")
        self.card, self.fields = card, fields


@transaction.atomic
def edit_card(card: Card, given: Fields, was: Fields | None = None) -> Card:
    """Change what is given. `was` has the values that the editing began with; fields that it lacks are just written.

    Raises `Overtaken`, and `InvalidInput`.
    """
    card, was = locked(card), was or {}
    wanted = _wanted(card, given, was)
    now = {name: getattr(card, IN_ROW.get(name, name)) for name in wanted}
    taken = [n for n in OVERWRITTEN if n in wanted and n in was and now[n] not in (was.get(n), wanted[n])]
    if taken:
        raise Overtaken(card, taken)
    changed = [name for name in wanted if wanted[name] != now[name]]
    for name in changed:
        setattr(card, IN_ROW.get(name, name), wanted[name])
    if "title" in changed:
        lifecycle.rename(card.session, card.title)
    return saved(card, *(IN_ROW.get(name, name) for name in changed)) if changed else card


def labels_of(board: Board, ids: list[str]) -> list[str]:
    """`ids` once each. Raises `InvalidInput` for one that is no label of the board."""
    known = set(Label.objects.filter(board=board).values_list("pk", flat=True))
    return _known("labels", ids, known, "is not a label of this board; it may have been deleted")


def assignees_of(board: Board, ids: list[str]) -> list[str]:
    """`ids` once each. Raises `InvalidInput` for one that is no member of the board."""
    known = {str(pk) for pk in Member.objects.filter(board=board).values_list("user_id", flat=True)}
    return _known("assignees", ids, known, "is not a member of this board")


def still_members(board: Board, ids: list[str]) -> list[str]:
    """Those of `ids` who are."""
    known = {str(pk) for pk in Member.objects.filter(board=board).values_list("user_id", flat=True)}
    return [each for each in ids if each in known]


def _wanted(card: Card, given: Fields, was: Fields) -> dict[str, Any]:
    wanted: dict[str, Any] = dict(given)
    if "title" in given:
        wanted["title"] = checked("title", given["title"], 200)
    if "description" in given:
        wanted["description"] = checked("description", given["description"], 20_000, empty=True)
    if "labels" in given:
        added = labels_of(card.board, _added(given["labels"], was.get("labels")))
        wanted["labels"] = _merged(card.label_ids, given["labels"], was.get("labels"), added)
    if "assignees" in given:
        added = assignees_of(card.board, _added(given["assignees"], was.get("assignees")))
        wanted["assignees"] = _merged(card.assignee_ids, given["assignees"], was.get("assignees"), added)
    return wanted


def _added(new: list[str], was: list[str] | None) -> list[str]:
    return [each for each in new if each not in (was or [])]


def _merged(now: list[str], new: list[str], was: list[str] | None, added: list[str]) -> list[str]:
    """The difference between `was` and `new`, applied to what is there now; without `was` the new list itself."""
    if was is None:
        return added
    kept = [each for each in now if each in new or each not in was]
    return [*kept, *(each for each in added if each not in kept)]


def _known(field: str, ids: list[str], known: set[str], fault: str) -> list[str]:
    unique = list(dict.fromkeys(ids))
    strange = next((each for each in unique if each not in known), None)
    if strange is not None:
        raise InvalidInput(f"{field}: {strange!r} {fault}.")
    return unique
