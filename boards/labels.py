"""The labels of a board: what people do to them. Pages are told to fetch the board anew."""

from __future__ import annotations

from django.db import transaction

from boards import events
from boards.access import NotFound
from boards.models import Board, Card, Label
from boards.palette import Colour
from boards.text import checked
from engines.errors import InvalidInput, PolicyRejected

MOST_LABELS = 50
NAME_LENGTH = 40


@transaction.atomic
def create(board: Board, *, name: str, colour: str | None = None) -> Label:
    """A label; without a colour, of one that few others have."""
    events.lock(board.pk)
    if board.labels.count() >= MOST_LABELS:
        raise PolicyRejected(f"A board has at most {MOST_LABELS} labels. Delete one that is no longer used first.")
    chosen = _colour(colour) if colour is not None else _rarest(board)
    label = Label.objects.create(board=board, name=_free_name(board.pk, name), colour=chosen)
    events.board_changed(board.pk)
    return label


@transaction.atomic
def edit(label: Label, *, name: str | None = None, colour: str | None = None) -> Label:
    """Change what is given."""
    label = _locked(label)
    if name is not None:
        label.name = _free_name(label.board_id, name, but=label.pk)
    if colour is not None:
        label.colour = _colour(colour)
    label.save(update_fields=["name", "colour"])
    events.board_changed(label.board_id)
    return label


@transaction.atomic
def delete(label: Label) -> None:
    """Remove a label from the board and from all cards that bear it, archived ones too."""
    label = _locked(label)
    bearers = [card for card in Card.objects.filter(board=label.board_id) if label.pk in card.label_ids]
    for card in bearers:
        card.label_ids = [each for each in card.label_ids if each != label.pk]
    Card.objects.bulk_update(bearers, ["label_ids"], batch_size=200)
    board_id = label.board_id
    label.delete()
    events.board_changed(board_id)


def _locked(label: Label) -> Label:
    events.lock(label.board_id)
    found = Label.objects.filter(pk=label.pk).first()
    if found is None:
        raise NotFound("That label was deleted meanwhile.")
    return found


def _free_name(board_id: str, name: str, but: str = "") -> str:
    name = checked("name", " ".join(name.split()), NAME_LENGTH)
    others = Label.objects.filter(board=board_id).exclude(pk=but).values_list("name", flat=True)
    if name.casefold() in {other.casefold() for other in others}:
        raise InvalidInput(f"name: the board has a label “{name}” already; choose another name.")
    return name


def _colour(colour: str) -> str:
    if colour not in Colour.values:
        raise InvalidInput(f"colour: is {colour!r}; it takes {', '.join(Colour.values)}.")
    return colour


def _rarest(board: Board) -> str:
    used = list(board.labels.values_list("colour", flat=True))
    return min(Colour.values, key=used.count)
