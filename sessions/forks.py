"""A session that begins with all that another one wrote, and shares nothing with it from then on."""

from __future__ import annotations

from engines.errors import InvalidInput, PolicyRejected
from sessions import freezing, history, lifecycle, snapshots
from sessions.models import Session, Snapshot


def fork(parent: Session, title: str, *, actor: str, snapshot: Snapshot | None = None) -> Session:
    """Of the parent as it is now, which a worker freezes; or of a `snapshot` of it. Within a transaction.

    One that was never started is forked by giving it the same stack. Raises `PolicyRejected` while that is not possible.
    """
    if snapshot is not None and snapshot.session_id != parent.pk:
        raise InvalidInput("snapshot: is another card's. Fork that card instead.")
    if snapshot is not None and snapshot.state not in snapshots.USABLE:
        raise PolicyRejected(snapshot.problem or snapshots.NOT_READY)
    if snapshot is None and freezing.has_files(parent):
        snapshot = snapshots.ask(parent, kind=Snapshot.Kind.FORK, author=actor, note=f"For “{title}”"[:300])
    made = lifecycle.create(title, stack=parent.stack)
    made.starts_from, made.rules = snapshot, parent.rules
    made.save(update_fields=["starts_from", "rules"])
    history.record(parent.pk, "fork", actor=actor, to=made.pk, title=title)
    history.record(made.pk, "forked", actor=actor, of=parent.pk, snapshot=snapshot.pk if snapshot else None)
    return made
