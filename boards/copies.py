"""New cards like others: from a template, or from any card."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from boards import actions, editing, events, secrets
from boards.models import Card, Column
from sessions import files


@transaction.atomic
def copy_card(card: Card, *, user: User, title: str | None = None, column: Column | None = None) -> Card:
    """A card with the same description, labels, people and attached files, right after the original; elsewhere at the end.

    It has a session of its own, that starts only in an active column. A copy of a template is none.
    """
    card = actions.locked(card)
    column = column or card.column
    at_hand = column.pk == card.column_id and card.archived_at is None
    made = actions.create_card(
        card.board,
        user,
        title=card.title if title is None else title,
        description=card.description,
        column=column,
        before=actions.next_of(card) if at_hand else None,
        label_ids=card.label_ids,
        rules=card.rules,
        agent=card.agent,
        assignee_ids=editing.still_members(card.board, card.assignee_ids),
    )
    secrets.copy(card, made)
    count = files.copy_all(card.session, made.session)
    if count:
        made.file_count = count
        made.save(update_fields=["file_count"])
        events.card_changed(made)
    return made
