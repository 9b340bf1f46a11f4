"""The HTTP API of secrets: a thin adapter. Values go in and never come out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from boards import access, secrets
from boards.caller import FAULTS, user_of

router = Router(tags=["secrets"])


class SecretIn(Schema):
    value: str


class SecretOut(Schema):
    """`origin`: board or card. `masked`, of one that was just set: whether it is long enough to be taken out of recordings."""

    name: str
    origin: str
    set_by: str
    set_at: str
    masked: bool = True


@router.get("/boards/{board_id}/secrets", response={200: list[SecretOut], **FAULTS})
def list_board_secrets(request: HttpRequest, board_id: str) -> Any:
    """What all sessions of the board get. Names, never values."""
    return secrets.listed(access.board_of(user_of(request), board_id, access.Role.EDITOR))


@router.put("/boards/{board_id}/secrets/{name}", response={200: SecretOut, **FAULTS})
def set_board_secret(request: HttpRequest, board_id: str, name: str, given: SecretIn) -> Any:
    """Set it, or set it anew: `/run/vibenv/secrets/<name>` in every session of the board, and a variable of its shells."""
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.OWNER)
    return _set(secrets.put(board, name, given.value, user=user), "board", given.value)


@router.delete("/boards/{board_id}/secrets/{name}", response={204: None, **FAULTS})
def delete_board_secret(request: HttpRequest, board_id: str, name: str) -> Any:
    """Gone from every session; programs that read it already still have it."""
    user = user_of(request)
    secrets.delete(access.board_of(user, board_id, access.Role.OWNER), name, user=user)
    return Status(204, None)


@router.get("/cards/{card_id}/secrets", response={200: list[SecretOut], **FAULTS})
def list_card_secrets(request: HttpRequest, card_id: str) -> Any:
    """What the card's session gets: its own, and those of its board. Names, never values."""
    return secrets.listed(access.card_of(user_of(request), card_id, access.Role.EDITOR))


@router.put("/cards/{card_id}/secrets/{name}", response={200: SecretOut, **FAULTS})
def set_card_secret(request: HttpRequest, card_id: str, name: str, given: SecretIn) -> Any:
    """For this card alone; it goes before one of its board."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return _set(secrets.put(card, name, given.value, user=user), "card", given.value)


@router.delete("/cards/{card_id}/secrets/{name}", response={204: None, **FAULTS})
def delete_card_secret(request: HttpRequest, card_id: str, name: str) -> Any:
    """The card's own; its board's of that name counts again."""
    user = user_of(request)
    secrets.delete(access.card_of(user, card_id, access.Role.EDITOR), name, user=user)
    return Status(204, None)


def _set(made: Any, origin: str, value: str) -> dict[str, Any]:
    return secrets.secret_json(made, origin) | {"masked": secrets.is_masked(value)}
