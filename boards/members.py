"""Who is in a board, as what: the rules of changing that. The only writer of members, with `invites` and `actions`."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from boards import access_news, events, links
from boards.access import RANK, NotFound, Role
from boards.models import Board, Card, Invite, Member, ShareLink
from engines.errors import InvalidInput, PolicyRejected

LAST_OWNER = "This is the last owner of the board. Make somebody else an owner first."


def role_named(role: str) -> Role:
    """Raises `InvalidInput`."""
    if role not in Role.values:
        raise InvalidInput("role: is none of `owner`, `editor` and `viewer`.")
    return Role(role)


def _member(board: Board, user_id: str) -> Member:
    """With the board's row held, so that two owners cannot demote each other at once."""
    Board.objects.select_for_update().get(pk=board.pk)
    found = board.member_set.filter(user_id=int(user_id)).first() if user_id.isdecimal() else None
    if found is None:
        raise NotFound("There is no such member of this board.")
    return found


def _keep_an_owner(member: Member) -> None:
    others = Member.objects.filter(board_id=member.board_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.role == Role.OWNER and not others.exists():
        raise PolicyRejected(LAST_OWNER)


@transaction.atomic
def change_role(board: Board, user_id: str, role: str) -> None:
    """Raises `NotFound`, `InvalidInput`, and `PolicyRejected` for the last owner."""
    wanted = role_named(role)
    member = _member(board, user_id)
    if wanted == member.role:
        return
    if RANK[wanted] < RANK[Role(member.role)]:
        _keep_an_owner(member)
        _close_doors(board, member.user_id, wanted)
    member.role = wanted
    member.save(update_fields=["role"])
    _told(board, member.user_id)


@transaction.atomic
def remove(board: Board, user_id: str) -> None:
    """Raises `NotFound`, and `PolicyRejected` for the last owner."""
    member = _member(board, user_id)
    _keep_an_owner(member)
    _close_doors(board, member.user_id, None)
    _unassign(board, user_id)
    member.delete()
    _told(board, member.user_id)


@transaction.atomic
def add(board: Board, user: User, role: Role) -> bool:
    """Make `user` a member with at least this role; False where they have it already."""
    Board.objects.select_for_update().get(pk=board.pk)
    member, made = Member.objects.get_or_create(board=board, user=user, defaults={"role": role})
    if not made:
        if RANK[Role(member.role)] >= RANK[role]:
            return False
        member.role = role
        member.save(update_fields=["role"])
    _told(board, user.pk)
    return True


def _told(board: Board, user_id: int) -> None:
    events.board_changed(board.pk)
    access_news.tell(user_id)


def _close_doors(board: Board, user_id: int, role: Role | None) -> None:
    """Links that somebody made do not outlast their leave to make them."""
    if role is None or RANK[role] < RANK[Role.EDITOR]:
        for link in ShareLink.objects.filter(card__board=board, created_by_id=user_id).select_related("card"):
            links.revoke(link.card, link.pk)
    Invite.objects.filter(board=board, created_by_id=user_id).delete()


def _unassign(board: Board, user_id: str) -> None:
    held = [c for c in Card.objects.filter(board=board).exclude(assignee_ids=[]) if user_id in c.assignee_ids]
    for card in held:
        card.assignee_ids = [each for each in card.assignee_ids if each != user_id]
    Card.objects.bulk_update(held, ["assignee_ids"])
