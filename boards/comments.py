"""What people say about cards; the only writer of these rows. Whoever is named with an @ is told by `mentions`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from boards import markdown, mentions
from boards.access import Forbidden, NotFound, Role, role_of
from boards.actions import locked, saved
from boards.models import Card, Comment
from boards.people import person_json
from boards.text import checked
from engines.errors import InvalidInput
from sessions.present import iso

LONGEST = 10_000
MOST_AT_ONCE = 200


@transaction.atomic
def add(card: Card, author: User, text: str) -> Comment:
    card = locked(card)
    comment = Comment.objects.create(card=card, author=author, text=_checked(text))
    mentions.update(comment, by=author)
    _count(card)
    return comment


@transaction.atomic
def edit(comment: Comment, user: User, text: str) -> Comment:
    """Say it otherwise: the author alone may. Whoever is newly named is told."""
    if comment.author_id != user.pk:
        raise Forbidden("Only who wrote a comment can change it.")
    text = _checked(text)
    card = locked(comment.card)
    if text == comment.text:
        return comment
    comment.text, comment.edited_at = text, timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    mentions.update(comment, by=user)
    saved(card)
    return comment


@transaction.atomic
def delete(comment: Comment, user: User) -> None:
    """Take a comment back, or away as an owner of the board."""
    card = locked(comment.card)
    if comment.author_id != user.pk and role_of(user, card.board_id) != Role.OWNER:
        raise Forbidden("Only who wrote a comment, or an owner of the board, can delete it.")
    mentions.forget(comment)
    comment.delete()
    _count(card)


def find(card: Card, comment_id: str) -> Comment:
    """Raises `NotFound`."""
    comment = card.comments.select_related("author__profile").filter(pk=comment_id).first()
    if comment is None:
        raise NotFound("There is no such comment on this card; it may have been deleted.")
    return comment


def page(card: Card, *, before: str | None = None, limit: int = 50) -> list[Comment]:
    """The latest `limit` comments, or the latest of those older than `before`; the newest is last."""
    if not 1 <= limit <= MOST_AT_ONCE:
        raise InvalidInput(f"limit: must be from 1 to {MOST_AT_ONCE}.")
    found = card.comments.select_related("author__profile")
    if before is not None:
        edge = find(card, before)
        found = found.filter(Q(created_at__lt=edge.created_at) | Q(created_at=edge.created_at, pk__lt=edge.pk))
    return list(found.order_by("-created_at", "-id")[:limit])[::-1]


def present(comments: list[Comment], board_id: str) -> list[dict[str, Any]]:
    """As the API shows them, with the names of the board's members where they are mentioned."""
    names = mentions.names_on(board_id) if any("@" in comment.text for comment in comments) else {}
    return [
        {
            "id": comment.pk,
            "author": person_json(comment.author) if comment.author else None,
            "text": comment.text,
            "html": markdown.to_html(comment.text, names),
            "created_at": iso(comment.created_at),
            "edited_at": iso(comment.edited_at),
        }
        for comment in comments
    ]


def _checked(text: str) -> str:
    return checked("text", text, LONGEST)


def _count(card: Card) -> None:
    card.comment_count = card.comments.count()
    saved(card, "comment_count")
