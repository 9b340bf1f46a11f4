"""Secrets of boards and cards: set and deleted here only, read again by nobody. A card's goes before its board's.

Sessions get them at once, in a tmpfs (`sessions.secrets`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from boards import events
from boards.access import NotFound
from boards.models import Board, Card, Secret
from engines.errors import PolicyRejected
from sessions import history, secrets
from sessions.masking import SHORTEST
from sessions.present import iso
from sessions.sealing import seal

ORIGINS: Final = ("board", "card")


@transaction.atomic
def put(place: Board | Card, name: str, value: str, *, user: User) -> Secret:
    """Set it, or set it anew. Raises `InvalidInput`, `PolicyRejected`."""
    events.lock(_board_id(place))
    held = _of(place)
    name, value = secrets.checked_name(name), secrets.checked_value(value)
    secret: Secret | None = held.filter(name=name).first()
    if secret is None:
        if held.count() >= secrets.MOST:
            raise PolicyRejected(
                f"There are {secrets.MOST} secrets here already. Delete one that is not needed any more."
            )
        secret = Secret(name=name, **_where(place))
    secret.sealed, secret.created_by = seal(value), user.username
    secret.save()
    _given(place, name, user)
    return secret


@transaction.atomic
def delete(place: Board | Card, name: str, *, user: User) -> None:
    """Raises `NotFound`."""
    events.lock(_board_id(place))
    if not _of(place).filter(name=name).delete()[0]:
        raise NotFound("There is no such secret here.")
    _given(place, name, user)


def _given(place: Board | Card, name: str, user: User) -> None:
    if isinstance(place, Card):
        history.record(place.session_id, "secret", actor=user.username, name=name)
        apply(place.board_id, [place])
    else:
        apply(place.pk, place.cards.all())


def apply(board_id: str, cards: Iterable[Card]) -> None:
    """Have the sessions of these cards get what is set now."""
    of_board = {row.name: (row.sealed, "board") for row in Secret.objects.filter(board=board_id)}
    found = {card.pk: card.session_id for card in cards}
    wanted = {session: dict(of_board) for session in found.values()}
    for row in Secret.objects.filter(card__in=list(found)):
        wanted[found[str(row.card_id)]][row.name] = (row.sealed, "card")
    secrets.put(wanted, ORIGINS)


@transaction.atomic
def copy(card: Card, to: Card) -> None:
    """What the one has, the other has, too."""
    Secret.objects.bulk_create(
        Secret(card=to, name=row.name, sealed=row.sealed, created_by=row.created_by) for row in card.secrets.all()
    )
    apply(to.board_id, [to])


def listed(place: Board | Card) -> list[dict[str, Any]]:
    """Without their values: shape `SecretOut`. Of a card also those of its board, unless it has its own of that name."""
    found = [secret_json(row, "card" if isinstance(place, Card) else "board") for row in _of(place)]
    if isinstance(place, Card):
        own = {each["name"] for each in found}
        found += [
            secret_json(row, "board") for row in Secret.objects.filter(board=place.board_id).exclude(name__in=own)
        ]
    return found


def secret_json(row: Secret, origin: str) -> dict[str, Any]:
    """Shape: `SecretOut`."""
    return {"name": row.name, "origin": origin, "set_by": row.created_by, "set_at": iso(row.updated_at)}


def _of(place: Board | Card) -> Any:
    return place.secrets.all()


def _where(place: Board | Card) -> dict[str, Any]:
    return {"card": place} if isinstance(place, Card) else {"board": place}


def _board_id(place: Board | Card) -> str:
    return place.board_id if isinstance(place, Card) else place.pk


def is_masked(value: str) -> bool:
    """Whether it is long enough to be taken out of what is told."""
    return len(value.strip()) >= SHORTEST
