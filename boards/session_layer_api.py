"""The layers of cards' sessions in the HTTP API: a thin adapter over `sessions.updates` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, session_layers
from boards.caller import FAULTS, user_of
from boards.models import Card
from boards.present import card_json
from boards.schemas import CardOut, LayerAddIn, LayerUpdateIn, SessionsOut

router = Router(tags=["layers of cards"])


def _card(request: HttpRequest, card_id: str) -> Card:
    return access.card_of(user_of(request), card_id, access.Role.EDITOR)


def _answer(card: Card) -> Any:
    card.session.refresh_from_db()
    return Status(202, card_json(card))


@router.post("/cards/{card_id}/layers/update", response={202: CardOut, **FAULTS})
def update_layers(request: HttpRequest, card_id: str, given: LayerUpdateIn) -> Any:
    """To what the stack gives now; with `recipe`, that one to its newest version, or to `version`, which may be an older one.

    Profile and toolchains change while the session runs. Base and project do when it starts again.
    """
    card = _card(request, card_id)
    session_layers.update(card, given.recipe, given.version, actor=user_of(request).username)
    return _answer(card)


@router.post("/cards/{card_id}/layers", response={202: CardOut, **FAULTS})
def add_layer(request: HttpRequest, card_id: str, given: LayerAddIn) -> Any:
    """Add a toolchain of the board, or a profile where the session has none."""
    card = _card(request, card_id)
    session_layers.add(card, given.recipe, actor=user_of(request).username)
    return _answer(card)


@router.delete("/cards/{card_id}/layers/{recipe_id}", response={202: CardOut, **FAULTS})
def remove_layer(request: HttpRequest, card_id: str, recipe_id: int) -> Any:
    """Take a toolchain or the profile away from this card's session."""
    card = _card(request, card_id)
    session_layers.remove(card, recipe_id, actor=user_of(request).username)
    return _answer(card)


@router.post("/cards/{card_id}/restart", response={202: CardOut, **FAULTS})
def restart_card(request: HttpRequest, card_id: str) -> Any:
    """Stop the session and start it again with what it wants of its layers. Running programs end, files stay."""
    card = _card(request, card_id)
    session_layers.restart(card, actor=user_of(request).username)
    return _answer(card)


@router.post("/boards/{board_id}/layers/update", response={202: SessionsOut, **FAULTS})
def update_board(request: HttpRequest, board_id: str) -> Any:
    """Update the layers of all sessions of the board that were ever started; says how many."""
    board = access.board_of(user_of(request), board_id, access.Role.EDITOR)
    return Status(202, {"sessions": session_layers.update_all(board, actor=user_of(request).username)})
