"""The HTTP API of access tokens: a thin adapter over `access_tokens`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from boards import access_tokens, limits
from boards.caller import FAULTS, user_of
from boards.paging import page, tell_next

router = Router(tags=["tokens"])


class TokenIn(Schema):
    name: str
    board: str | None = None
    card: str | None = None
    verbs: list[str] = []
    expires_in_s: int | None = None
    kind: str = "person"


class TokenBoard(Schema):
    id: str
    name: str


class TokenCard(Schema):
    id: str
    title: str


class TokenOut(Schema):
    id: int
    name: str
    kind: str
    hint: str
    verbs: list[str]
    board: TokenBoard | None
    card: TokenCard | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewTokenOut(TokenOut):
    token: str


@router.get("/tokens", response={200: list[TokenOut], **FAULTS})
def list_tokens(
    request: HttpRequest, response: HttpResponse, after: str | None = None, limit: int | None = None
) -> Any:
    """Your tokens that work, the newest first; to a token of a board or card, those of that. With `limit` in parts."""
    found = page(access_tokens.of(user_of(request)), ("-created_at", "-id"), after=after, limit=limit)
    tell_next(request, response, found.after)
    return [access_tokens.token_json(each) for each in found.rows]


@router.post("/tokens", response={201: NewTokenOut, **FAULTS})
def create_token(request: HttpRequest, new: TokenIn) -> Any:
    """A token that may what you may; with `board` or `card` of that alone, with `verbs` those groups of verbs alone.

    `token` is told here only: what is stored is a hash. A token makes none that may more, or lasts longer, than itself.
    `kind`: `agent` for a program that takes part under the token's name.
    """
    user = user_of(request)
    limits.hit(limits.NEW_TOKEN, str(user.pk))
    made, secret = access_tokens.create(
        user,
        name=new.name,
        board_id=new.board,
        card_id=new.card,
        verbs=new.verbs,
        expires_in_s=new.expires_in_s,
        kind=new.kind,
    )
    return Status(201, {**access_tokens.token_json(made), "token": secret})


@router.delete("/tokens/{token_id}", response={204: None, **FAULTS})
def revoke_token(request: HttpRequest, token_id: int) -> Any:
    """It works no more, and what it has open closes."""
    access_tokens.revoke(user_of(request), token_id)
    return Status(204, None)
