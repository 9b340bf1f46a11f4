"""The HTTP API of invites: a thin adapter over `invites` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, invites, limits
from boards.caller import FAULTS, user_of
from boards.present import invite_json, invite_url
from boards.schemas import InviteIn, InviteOut, NewInviteOut

router = Router(tags=["members"])


@router.post("/boards/{board_id}/invites", response={201: NewInviteOut, **FAULTS})
def create_invite(request: HttpRequest, board_id: str, new: InviteIn) -> Any:
    """A link that makes whoever uses it a member. Its `url` is told here only: what is stored is a hash."""
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.OWNER)
    limits.hit(limits.NEW_INVITE, str(user.pk))
    invite, secret = invites.create(board, user, role=new.role, expires_in_s=new.expires_in_s)
    return Status(201, {**invite_json(invite), "url": invite_url(secret)})


@router.get("/boards/{board_id}/invites", response={200: list[InviteOut], **FAULTS})
def list_invites(request: HttpRequest, board_id: str) -> Any:
    """The invites that work, the latest first."""
    board = access.board_of(user_of(request), board_id, access.Role.OWNER)
    return [invite_json(invite) for invite in invites.living(board)]


@router.delete("/boards/{board_id}/invites/{invite_id}", response={204: None, **FAULTS})
def revoke_invite(request: HttpRequest, board_id: str, invite_id: str) -> Any:
    """End an invite; whoever has joined by it stays a member."""
    invites.revoke(access.board_of(user_of(request), board_id, access.Role.OWNER), invite_id)
    return Status(204, None)
