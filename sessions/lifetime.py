"""Rules and time to live, as they are written into sessions. Callers tell pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from engines.errors import InvalidInput, PolicyRejected
from sessions import history, rules, sleep
from sessions.models import Session
from sessions.rules import LONGEST_S, words
from sessions.transitions import announce

SHORTEST_S: Final = 60


def put_rules(given: Iterable[tuple[Session, Mapping[str, int]]]) -> None:
    """Each session with what its rules differ in from the installation's."""
    now = timezone.now()
    changed = []
    for session, overrides in given:
        if session.rules == overrides:
            continue
        was_ttl_s = rules.in_force(session.rules).ttl_s
        session.rules = dict(overrides)
        session.expires_at = sleep.expiry_under(session, was_ttl_s, now)
        changed.append(session)
    Session.objects.bulk_update(changed, ["rules", "expires_at"], batch_size=500)


@transaction.atomic
def extend(session: Session, seconds: int, *, actor: str) -> Session:
    """Have it live longer, from what it has left. Raises `InvalidInput`, or `PolicyRejected` where its life has no end."""
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise InvalidInput(f"seconds: takes {SHORTEST_S} to {LONGEST_S} ({words(LONGEST_S)}).")
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.expires_at is None:
        raise PolicyRejected("It has no time to live that could be extended.")
    now = timezone.now()
    session.expires_at = min(
        max(session.expires_at, now) + timedelta(seconds=seconds), now + timedelta(seconds=LONGEST_S)
    )
    session.save(update_fields=["expires_at"])
    history.record(session.pk, "extended", actor=actor, reason=f"It lives {words(seconds)} longer.", seconds=seconds)
    announce(session.pk)
    return session
