"""The HTTP API of stacks: a board's, and a card's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from boards import access, card_stacks
from boards.caller import FAULTS, user_of
from boards.layer_present import stack_json
from boards.layer_schemas import CardStackOut, StackIn, StackOut

router = Router(tags=["layers"])


@router.get("/boards/{board_id}/stack", response={200: StackOut, **FAULTS})
def read_stack(request: HttpRequest, board_id: str) -> Any:
    """What the board's sessions are made of, unless their cards have stacks of their own."""
    return stack_json(access.board_of(user_of(request), board_id).stack)


@router.put("/boards/{board_id}/stack", response={200: StackOut, **FAULTS})
def put_stack(request: HttpRequest, board_id: str, given: StackIn) -> Any:
    """Change what is given. `pinned` is the number of a version; without it the latest that is ready.

    Running sessions stay as they are until they are updated, or by the policy.
    """
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    return stack_json(card_stacks.put(board, given.policy, card_stacks.named(board, given.layers)))


@router.get("/cards/{card_id}/stack", response={200: CardStackOut, **FAULTS})
def read_card_stack(request: HttpRequest, card_id: str) -> Any:
    return card_stacks.card_stack_json(access.card_of(user_of(request), card_id))


@router.put("/cards/{card_id}/stack", response={200: CardStackOut, **FAULTS})
def put_card_stack(request: HttpRequest, card_id: str, given: StackIn) -> Any:
    """Give the card a stack of its own, which begins as the board's, or change it."""
    card = access.card_of(user_of(request), card_id, access.Role.EDITOR)
    layers = card_stacks.named(card.board, given.layers)
    return card_stacks.card_stack_json(card_stacks.put_own(card, given.policy, layers))


@router.delete("/cards/{card_id}/stack", response={200: CardStackOut, **FAULTS})
def drop_card_stack(request: HttpRequest, card_id: str) -> Any:
    """Use the board's stack again."""
    card = access.card_of(user_of(request), card_id, access.Role.EDITOR)
    return card_stacks.card_stack_json(card_stacks.drop_own(card))
