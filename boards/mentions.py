"""People named in comments: whom a comment concerns, and who has yet to see that. The only writer of these rows."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from boards import access, events, markdown
from boards.models import Card, Comment, Member, Mention
from boards.people import name_of, person_json
from sessions.present import iso

EXCERPT = 160  # characters of a comment in a list of mentions
MOST_UNSEEN = 200


def names_on(board_id: str) -> dict[str, str]:
    """The names of a board's members, by username in small letters."""
    members = Member.objects.filter(board_id=board_id).select_related("user")
    return {member.user.username.lower(): name_of(member.user) for member in members}


def update(comment: Comment, *, by: User) -> None:
    """Have the mentions be those of the comment's text: of members, and never of who wrote it."""
    named: set[int] = set()
    if "@" in comment.text:
        members = Member.objects.filter(board_id=comment.card.board_id).exclude(user=by)
        ids = {name.lower(): pk for name, pk in members.values_list("user__username", "user_id")}
        named = {ids[name] for name in markdown.mentioned(comment.text, set(ids))}
    before = set(comment.mentions.values_list("user_id", flat=True))
    comment.mentions.filter(user_id__in=before - named).delete()
    Mention.objects.bulk_create(Mention(comment=comment, user_id=pk) for pk in named - before)
    _tell(named ^ before)


def forget(comment: Comment) -> None:
    """The comment is about to be deleted."""
    _tell(set(comment.mentions.filter(seen_at=None).values_list("user_id", flat=True)))


def unseen(user: User) -> list[dict[str, Any]]:
    """Where `user` was named and has not looked yet, the latest last; on boards that it is a member of."""
    found = Mention.objects.filter(
        user=user,
        seen_at=None,
        comment__card__archived_at=None,
        comment__card__in=access.cards_of(user),
    ).select_related("comment__card__board", "comment__author__profile")
    latest = found.order_by("-comment__created_at", "-id")[:MOST_UNSEEN]
    return [_json(mention) for mention in latest][::-1]


def _json(mention: Mention) -> dict[str, Any]:
    comment = mention.comment
    return {
        "comment": comment.pk,
        "card": comment.card_id,
        "title": comment.card.title,
        "board": comment.card.board_id,
        "author": person_json(comment.author) if comment.author else None,
        "excerpt": " ".join(comment.text.split())[:EXCERPT],
        "created_at": iso(comment.created_at),
    }


@transaction.atomic
def see(card: Card, user: User) -> None:
    """`user` has read the card's comments. Asking again is harmless."""
    if Mention.objects.filter(comment__card=card, user=user, seen_at=None).update(seen_at=timezone.now()):
        _tell({user.pk})


def _tell(users: set[int]) -> None:
    for pk in users:
        events.mentions_changed(pk)
