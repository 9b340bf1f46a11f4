"""The HTTP API of when sessions sleep: a board's rules, a card's own, and more time to live."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from boards import access, rules
from boards.caller import FAULTS, user_of
from boards.present import card_json, rules_json
from boards.rules_schemas import ExtendIn, RulesOut, RulesPatch
from boards.schemas import CardOut

router = Router(tags=["sessions"])


@router.get("/boards/{board_id}/rules", response={200: RulesOut, **FAULTS})
def read_rules(request: HttpRequest, board_id: str) -> Any:
    """When the board's sessions sleep. A card's own rules are in the card."""
    return rules_json(access.board_of(user_of(request), board_id))


@router.patch("/boards/{board_id}/rules", response={200: RulesOut, **FAULTS})
def change_board_rules(request: HttpRequest, board_id: str, given: RulesPatch) -> Any:
    """In force at once, for all cards that do not say otherwise."""
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    return rules_json(rules.change_board(board, given.dict(exclude_unset=True)))


@router.patch("/cards/{card_id}/rules", response={200: CardOut, **FAULTS})
def change_card_rules(request: HttpRequest, card_id: str, given: RulesPatch) -> Any:
    """In force at once. A new time to live counts from the latest start, but nobody is caught without a warning."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return card_json(rules.change_card(card, given.dict(exclude_unset=True), user=user))


@router.post("/cards/{card_id}/extend", response={200: CardOut, **FAULTS})
def extend(request: HttpRequest, card_id: str, given: ExtendIn) -> Any:
    """Have a session with a time to live end so many seconds later."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return card_json(rules.extend(card, given.seconds, user=user))
