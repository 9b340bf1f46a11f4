"""Stacks of boards, and of cards that have one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from boards import actions
from boards.layer_present import stack_json
from boards.layer_schemas import StackLayerOut
from boards.models import Board, Card
from engines.errors import InvalidInput
from layers import library, stacks
from layers.models import LayerVersion, Recipe, Stack
from layers.stacks import Layers


def named(board: Board, layers: Sequence[StackLayerOut] | None) -> Layers | None:
    """The rows of what was named. Raises `InvalidInput`."""
    if layers is None:
        return None
    found = []
    for layer in layers:
        recipe: Recipe = library.of_scope(board.pk, layer.recipe)
        found.append((recipe, _version(recipe, layer.pinned)))
    return found


def _version(recipe: Recipe, number: int | None) -> LayerVersion | None:
    if number is None:
        return None
    version = recipe.versions.select_related("build").filter(number=number).first()
    if version is None:
        raise InvalidInput(f"layers: {recipe} has no version {number}.")
    return version


@transaction.atomic
def put(board: Board, policy: str | None, layers: Layers | None) -> Stack:
    assert board.stack is not None  # noqa: S101  (for the type checker: each board is made with one)
    return stacks.put(board.stack, policy=policy, layers=layers)


@transaction.atomic
def put_own(card: Card, policy: str | None, layers: Layers | None) -> Card:
    board, card = card.board, actions.locked(card)
    session = card.session
    if session.stack_id in (None, board.stack_id):
        assert board.stack is not None  # noqa: S101  (as above)
        session.stack = stacks.copy(board.stack)
        session.save(update_fields=["stack"])
    assert session.stack is not None  # noqa: S101
    stacks.put(session.stack, policy=policy, layers=layers)
    return actions.saved(card)


@transaction.atomic
def drop_own(card: Card) -> Card:
    board, card = card.board, actions.locked(card)
    session, own = card.session, card.session.stack
    if own is not None and own.pk != board.stack_id:
        session.stack = board.stack
        session.save(update_fields=["stack"])
        own.delete()
    return actions.saved(card)


def card_stack_json(card: Card) -> dict[str, Any]:
    stack = card.session.stack
    return {**stack_json(stack), "own": stack is not None and stack.pk != card.board.stack_id}
