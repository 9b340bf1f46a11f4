"""Invites: links that make whoever uses them a member of a board, until they expire or are revoked.

Made, revoked and used here only."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from boards import members
from boards.access import NotFound
from boards.models import Board, Invite
from boards.tokens import digest, new_secret
from engines.errors import InvalidInput, PolicyRejected

DAY_S = 24 * 60 * 60
SHORTEST_S = 1
LONGEST_S = 30 * DAY_S
MOST_PER_BOARD = 50

UNKNOWN = "It was revoked, has expired, or is not complete. Ask whoever sent it for a new one."


@transaction.atomic
def create(board: Board, user: User, *, role: str, expires_in_s: int) -> tuple[Invite, str]:
    """An invite and its secret, which can be read here only."""
    wanted = members.role_named(role)
    if not SHORTEST_S <= expires_in_s <= LONGEST_S:
        raise InvalidInput(f"expires_in_s: must be from {SHORTEST_S} to {LONGEST_S} seconds (30 days).")
    Board.objects.select_for_update().get(pk=board.pk)
    now = timezone.now()
    board.invites.filter(expires_at__lte=now).delete()
    if board.invites.count() >= MOST_PER_BOARD:
        raise PolicyRejected(f"The board has {MOST_PER_BOARD} invites. Revoke one that is no longer needed first.")
    secret = new_secret()
    expires_at = now + timedelta(seconds=expires_in_s)
    invite = Invite.objects.create(
        board=board, role=wanted, created_by=user, secret_hash=digest(secret), expires_at=expires_at
    )
    return invite, secret


def living(board: Board) -> list[Invite]:
    """Invites that still work, the latest first."""
    return list(board.invites.filter(expires_at__gt=timezone.now()).order_by("-created_at", "id"))


def revoke(board: Board, invite_id: str) -> None:
    """Whoever has joined by it stays. Raises `NotFound`."""
    deleted, _ = board.invites.filter(pk=invite_id).delete()
    if not deleted:
        raise NotFound("There is no such invite of this board; it may have been revoked already.")


def of_secret(secret: str) -> Invite:
    """The invite, with its board and who made it, while it works. Raises `NotFound`."""
    found = Invite.objects.filter(secret_hash=digest(secret), expires_at__gt=timezone.now())
    invite = found.select_related("board", "created_by").first()
    if invite is None:
        raise NotFound(UNKNOWN)
    return invite


@transaction.atomic
def accept(invite: Invite, user: User) -> None:
    """Make `user` a member; a role they have already is never made less. Raises `NotFound` where it was just revoked."""
    added = members.add(invite.board, user, members.role_named(invite.role))
    if not Invite.objects.filter(pk=invite.pk).update(used=F("used") + (1 if added else 0)):
        raise NotFound(UNKNOWN)
