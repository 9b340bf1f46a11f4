"""The HTTP API of comments and mentions: a thin adapter over `comments`, `mentions` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from boards import access, comments, mentions
from boards.caller import FAULTS, user_of
from boards.paging import tell_next
from boards.schemas import CommentIn, CommentOut, MentionOut

router = Router(tags=["comments"])


@router.get("/cards/{card_id}/comments", response={200: list[CommentOut], **FAULTS})
def list_comments(
    request: HttpRequest, response: HttpResponse, card_id: str, before: str | None = None, limit: int = 50
) -> Any:
    """The latest comments, the newest last; `before` (a comment's id) gives those ahead of it. At most 200 at once."""
    card = access.card_of(user_of(request), card_id)
    found = comments.page(card, before=before, limit=limit)
    tell_next(request, response, found[0].pk if len(found) == limit else None, "before")
    return comments.present(found, card.board_id)


@router.post("/cards/{card_id}/comments", response={201: CommentOut, **FAULTS})
def add_comment(request: HttpRequest, card_id: str, new: CommentIn) -> Any:
    """Say something, in Markdown, up to 10,000 characters. `@username` tells that member of the board."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    return Status(201, comments.present([comments.add(card, user, new.text)], card.board_id)[0])


@router.post("/cards/{card_id}/comments/seen", response={204: None, **FAULTS})
def see_comments(request: HttpRequest, card_id: str) -> Any:
    """You have read the card's comments: what mentions you there is no news any more."""
    user = user_of(request)
    mentions.see(access.card_of(user, card_id), user)
    return Status(204, None)


@router.patch("/cards/{card_id}/comments/{comment_id}", response={200: CommentOut, **FAULTS})
def edit_comment(request: HttpRequest, card_id: str, comment_id: str, patch: CommentIn) -> Any:
    """Change your own comment."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    changed = comments.edit(comments.find(card, comment_id), user, patch.text)
    return comments.present([changed], card.board_id)[0]


@router.delete("/cards/{card_id}/comments/{comment_id}", response={204: None, **FAULTS})
def delete_comment(request: HttpRequest, card_id: str, comment_id: str) -> Any:
    """Remove your own comment, or anybody's as an owner of the board."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    comments.delete(comments.find(card, comment_id), user)
    return Status(204, None)


@router.get("/me/mentions", response={200: list[MentionOut], **FAULTS})
def list_mentions(request: HttpRequest) -> Any:
    """Where you were mentioned and have not looked yet, the latest last."""
    return mentions.unseen(user_of(request))
