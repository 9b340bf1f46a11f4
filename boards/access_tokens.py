"""The tokens that people make for programs: what one may make, see and revoke. A token makes none that may more than itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from boards import access, scopes, tokens
from boards.models import ApiToken, Board, Card
from boards.text import checked
from boards.verbs import GROUPS
from engines.errors import InvalidInput
from sessions.present import iso

LONGEST_S = 10 * 365 * 24 * 3600


def create(
    user: User,
    *,
    name: str,
    board_id: str | None = None,
    card_id: str | None = None,
    verbs: list[str] | None = None,
    expires_in_s: int | None = None,
    kind: str = "person",
) -> tuple[ApiToken, str]:
    """A token and its secret. Raises `InvalidInput`, `access.NotFound` and `access.Forbidden`."""
    if board_id and card_id:
        raise InvalidInput("board: leave it out where a card is named; a card's token reaches that card alone.")
    if kind not in {"person", "agent"}:
        raise InvalidInput("kind: is `person` or `agent`.")
    if expires_in_s is not None and not 1 <= expires_in_s <= LONGEST_S:
        raise InvalidInput("expires_in_s: must be from 1 second to ten years; leave it out for no end.")
    board, card = _reach(user, board_id, card_id)
    return tokens.make(
        user,
        checked("name", name, 120),
        board=board,
        card=card,
        verbs=_verbs(user, verbs or []),
        kind="agent" if kind == "agent" else "person",
        expires_in_s=_end(user, expires_in_s),
    )


def _reach(user: User, board_id: str | None, card_id: str | None) -> tuple[Board | None, Card | None]:
    scope = scopes.of(user)
    if scope is not None and not (board_id or card_id):  # as far as the token that asks
        board_id, card_id = scope.board_id, scope.card_id
    return access.board_of(user, board_id) if board_id else None, access.card_of(user, card_id) if card_id else None


def _verbs(user: User, wanted: list[str]) -> list[str]:
    unknown = sorted(set(wanted) - set(GROUPS))
    if unknown:
        raise InvalidInput(f"verbs: {', '.join(unknown)} is none; there are {', '.join(GROUPS)}.")
    scope = scopes.of(user)
    if scope is not None and scope.verbs:
        wanted = wanted or sorted(scope.verbs)
        if not set(wanted) <= scope.verbs:
            raise access.Forbidden(
                f"A token cannot make one that may more than itself. It has {scopes.in_words(scope)}."
            )
    return [group for group in GROUPS if group in wanted] if len(set(wanted)) < len(GROUPS) else []


def _end(user: User, expires_in_s: int | None) -> int | None:
    """No later than that of the token that asks."""
    scope = scopes.of(user)
    if scope is None or scope.expires_at is None:
        return expires_in_s
    left = max(1, int((scope.expires_at - timezone.now()).total_seconds()))
    return min(left, expires_in_s or left)


def of(user: User) -> QuerySet[ApiToken]:
    """The user's valid tokens, the newest first; to a token, those that reach no further than itself."""
    found = tokens.alive().filter(user=user).select_related("board", "card__board").order_by("-created_at", "-id")
    scope = scopes.of(user)
    if scope is None or not scope.narrow:
        return found
    if scope.card_id:
        return found.filter(card_id=scope.card_id)
    return found.filter(board_id=scope.board_id) | found.filter(card__board_id=scope.board_id)


def revoke(user: User, token_id: int) -> None:
    """Raises `access.NotFound`."""
    if not tokens.revoke(ApiToken.objects.filter(pk__in=of(user).filter(pk=token_id).values("pk"))):
        raise access.NotFound("There is no such token of yours; it may have ended already.")


def token_json(token: ApiToken) -> dict[str, Any]:
    """Without its secret, which is told once. Shape: `TokenOut`."""
    board = token.board or (token.card.board if token.card else None)
    return {
        "id": token.pk,
        "name": token.name,
        "kind": token.kind,
        "hint": token.hint,
        "verbs": token.verbs or list(GROUPS),
        "board": {"id": board.pk, "name": board.name} if board else None,
        "card": {"id": token.card.pk, "title": token.card.title} if token.card else None,
        "created_at": iso(token.created_at),
        "last_used_at": iso(token.last_used_at),
        "expires_at": iso(token.expires_at),
    }
