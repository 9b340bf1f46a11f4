"""What people do with a card's session besides moving the card: put it to sleep, snapshot it, take it back, fork it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from boards import actions, editing, events, secrets
from boards.models import Card, Column
from engines.errors import InvalidInput, PolicyRejected
from sessions import files, forks, lifecycle, snapshots
from sessions.models import Session, Snapshot
from sessions.states import Desired, State

WAYS = {"pause": Desired.PAUSED, "stop": Desired.STOPPED, "archive": Desired.ARCHIVED}
NEVER_RAN = "It was never started, so it rests already."


@transaction.atomic
def sleep(card: Card, how: str, *, user: User) -> Card:
    """Pause, stop or archive its session, wherever the card is. Raises `InvalidInput`, `PolicyRejected`."""
    if how not in WAYS:
        raise InvalidInput(f"how: is {how!r}; it takes {', '.join(WAYS)}.")
    card = actions.locked(card)
    if card.session.state == State.NEW and card.session.desired != Desired.RUNNING:
        raise PolicyRejected(NEVER_RAN)
    card.session = lifecycle.want(card.session, WAYS[how], actor=user.username)
    return card


def snapshot(card: Card, note: str, *, user: User) -> Snapshot:
    """Raises as `snapshots.ask` does."""
    return snapshots.ask(card.session, kind=Snapshot.Kind.ASKED, author=user.username, note=note)


def restore(card: Card, to: Snapshot, *, user: User) -> Card:
    """Raises as `snapshots.restore` does."""
    card.session = snapshots.restore(card.session, to, actor=user.username)
    return card


@transaction.atomic
def fork(
    card: Card, *, user: User, title: str | None = None, of: Snapshot | None = None, column: Column | None = None
) -> Card:
    """A card right after the original, with all that its session wrote, by a worker; from a snapshot, with what that has.

    Its session starts at once where the column is active. Raises `PolicyRejected`.
    """
    card = actions.locked(card)
    column = column or card.column
    at_hand = column.pk == card.column_id and card.archived_at is None
    title = f"{card.title} (fork)" if title is None else title
    made = actions.create_card(
        card.board,
        user,
        title=title,
        description=card.description,
        column=column,
        before=actions.next_of(card) if at_hand else None,
        session=forks.fork(card.session, title, actor=user.username, snapshot=of),
        label_ids=card.label_ids,
        assignee_ids=editing.still_members(card.board, card.assignee_ids),
        rules=card.rules,
        forked_from=card,
    )
    secrets.copy(card, made)
    count = files.copy_all(card.session, made.session)
    if count:
        made.file_count = count
        made.save(update_fields=["file_count"])
        events.card_changed(made)
    return made


def lineage(card: Card) -> dict[str, Any]:
    """All cards that came of the same first one, and their snapshots: shapes as `LineageOut` has them."""
    family = _family(card)
    sessions = {each.session_id: each.pk for each in family}
    kept = Snapshot.objects.filter(session__in=sessions).exclude(state=Snapshot.State.FAILED).select_related("session")
    stands = dict(Session.objects.filter(pk__in=sessions).values_list("pk", "stands_on_id"))
    return {
        "cards": [
            {
                "id": each.pk,
                "title": each.title,
                "forked_from": each.forked_from_id,
                "stands_on": stands[each.session_id],
                "archived": each.archived_at is not None,
            }
            for each in family
        ],
        "snapshots": [snapshot_json(each) | {"card": sessions[each.session_id]} for each in kept],
    }


def _family(card: Card) -> list[Card]:
    """From the first one on; of a board, in a few queries per generation."""
    first = card
    while first.forked_from is not None:
        first = first.forked_from
    found, generation = [first], [first]
    while generation:
        generation = list(Card.objects.filter(forked_from__in=generation).order_by("created_at", "id"))
        found += generation
    return found


def snapshot_json(made: Snapshot) -> dict[str, Any]:
    """Shape: `SnapshotOut`."""
    return {
        "id": made.pk,
        "kind": made.kind,
        "state": made.state,
        "problem": made.problem,
        "note": made.note,
        "author": made.author,
        "created_at": made.created_at,
        "size_bytes": made.size_bytes,
        "parent": made.parent_id,
    }
