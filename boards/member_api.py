"""The HTTP API of members: a thin adapter over `members` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, members
from boards.caller import FAULTS, user_of
from boards.people import members_json
from boards.schemas import MemberOut, MemberPatch

router = Router(tags=["members"])


@router.get("/boards/{board_id}/members", response={200: list[MemberOut], **FAULTS})
def list_members(request: HttpRequest, board_id: str) -> Any:
    """In the order they came."""
    return members_json(access.board_of(user_of(request), board_id))


@router.patch("/boards/{board_id}/members/{user_id}", response={200: list[MemberOut], **FAULTS})
def change_role(request: HttpRequest, board_id: str, user_id: str, patch: MemberPatch) -> Any:
    """Give a member another role: `owner`, `editor` or `viewer`. Open pages and terminals follow at once."""
    board = access.board_of(user_of(request), board_id, access.Role.OWNER)
    members.change_role(board, user_id, patch.role)
    return members_json(board)


@router.delete("/boards/{board_id}/members/{user_id}", response={204: None, **FAULTS})
def remove_member(request: HttpRequest, board_id: str, user_id: str) -> Any:
    """An owner removes anybody, and anybody may leave. What they have open of the board closes."""
    user = user_of(request)
    need = access.Role.VIEWER if user_id == str(user.pk) else access.Role.OWNER
    members.remove(access.board_of(user, board_id, need), user_id)
    return Status(204, None)
