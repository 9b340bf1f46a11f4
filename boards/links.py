"""Share links: one card's terminal, for whoever has the link, until it expires or is revoked."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from boards.access import NotFound
from boards.models import Board, Card, ShareLink
from boards.tokens import digest, new_secret
from engines.errors import InvalidInput, PolicyRejected
from sessions.news import publish

DAY_S = 24 * 60 * 60
SHORTEST_S = 1
LONGEST_S = 30 * DAY_S
MOST_PER_CARD = 50

GONE = "This link was revoked, or its card was deleted."
EXPIRED = "This link has expired."
UNKNOWN = "It was revoked, has expired, or is not complete. Ask whoever sent it for a new one."


def group(link_id: str) -> str:
    """The channel-layer group of the sockets that a link let in."""
    return f"link.{link_id}"


@transaction.atomic
def create(card: Card, user: User, *, role: str, expires_in_s: int) -> tuple[ShareLink, str]:
    """A link and its secret, which can be read here only."""
    if role not in ShareLink.Role.values:
        raise InvalidInput("role: is neither `watch` nor `type`.")
    if not SHORTEST_S <= expires_in_s <= LONGEST_S:
        raise InvalidInput(f"expires_in_s: must be from {SHORTEST_S} to {LONGEST_S} seconds (30 days).")
    Board.objects.select_for_update().get(pk=card.board_id)
    now = timezone.now()
    card.links.filter(expires_at__lte=now).delete()
    if card.links.count() >= MOST_PER_CARD:
        raise PolicyRejected(f"The card has {MOST_PER_CARD} links. Revoke one that is no longer needed first.")
    secret = new_secret()
    expires_at = now + timedelta(seconds=expires_in_s)
    link = ShareLink.objects.create(
        card=card, role=role, created_by=user, secret_hash=digest(secret), expires_at=expires_at
    )
    return link, secret


def living(card: Card) -> list[ShareLink]:
    """Links that still work, the latest first."""
    return list(card.links.filter(expires_at__gt=timezone.now()).order_by("-created_at", "id"))


@transaction.atomic
def revoke(card: Card, link_id: str) -> None:
    """End a link of `card`, and the sockets that it let in. Raises `NotFound`."""
    deleted, _ = card.links.filter(pk=link_id).delete()
    if not deleted:
        raise NotFound("There is no such link of this card; it may have been revoked already.")
    transaction.on_commit(lambda: publish(group(link_id), {"type": "link.revoked"}))


def of_secret(secret: str) -> ShareLink:
    """The link, with its card, while it works. Raises `NotFound`."""
    found = ShareLink.objects.filter(secret_hash=digest(secret), expires_at__gt=timezone.now())
    link = found.select_related("card__session").first()
    if link is None:
        raise NotFound(UNKNOWN)
    return link


def works(link_id: str) -> bool:
    """It was not revoked."""
    return ShareLink.objects.filter(pk=link_id).exists()
