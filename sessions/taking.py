"""A session taken to a snapshot: back to one of its own, or a fork to the one that it starts from."""

from __future__ import annotations

from engines.current import engine
from engines.errors import EngineError, VibenvError
from engines.protocol import ContainerStatus, Observed
from sessions import freezing, history, steps
from sessions.environment import Waiting
from sessions.models import Session, Snapshot
from sessions.states import Desired, State
from sessions.transitions import announce, transition

KEPT = "It could not be taken back, so it is as it was: {problem}"
GONE = "The snapshot that it was to start from could not be made. {problem}"


def take(session: Session, seen: ContainerStatus) -> None:
    """Make it what `starts_from` has. What it has now is kept as a snapshot first. Twice is harmless.

    Raises `Waiting` while the snapshot is being made, `EngineError` or `BuildError`.
    """
    snapshot = session.starts_from
    if snapshot is None:
        return
    if snapshot.state == Snapshot.State.FAILED:
        raise EngineError(GONE.format(problem=snapshot.problem), permanent=True)
    if snapshot.state == Snapshot.State.MAKING:
        steps.begin(session, "environment", f"Freezing {snapshot.session.name}")
        raise Waiting
    if seen.state in {Observed.RUNNING, Observed.PAUSED}:
        _stop(session)
        return
    if seen.state is not Observed.ABSENT:
        freezing.assured(_before(session, seen))
    freezing.become(session, snapshot, seen)


def _stop(session: Session) -> None:
    engine().stop(session.container)
    session.steps.all().delete()
    if session.state in {State.RUNNING, State.PAUSED}:
        transition(session, State.ASLEEP, actor=session.wanted_by or "vibenv", reason="It is taken to a snapshot.")


def _before(session: Session, seen: ContainerStatus) -> Snapshot:
    """What it has now. It was asked for together with the restore; a fork that never started has none."""
    asked = session.snapshots.filter(kind=Snapshot.Kind.RESTORE)
    found = asked.filter(frozen_at=None).last() or asked.filter(frozen_at__gte=session.state_since).last()
    if found is None:
        found = Snapshot.objects.create(
            session=session, kind=Snapshot.Kind.RESTORE, author=session.wanted_by or "vibenv"
        )
    if found.state == Snapshot.State.MAKING:
        freezing.freeze(session, seen, found)
    return found


def give_up(session: Session, error: VibenvError) -> bool:
    """It cannot be had for good. Whether the session goes on with what it has; one that has nothing yet cannot."""
    session.snapshots.filter(kind=Snapshot.Kind.RESTORE, state=Snapshot.State.MAKING).delete()
    session.reason = KEPT.format(problem=error)
    Session.objects.filter(pk=session.pk).update(starts_from=None, attempts=0, reason=session.reason)
    session.refresh_from_db()
    if not freezing.has_files(session):
        return False
    history.record(session.pk, "restore", actor="vibenv", reason=session.reason)
    announce(session.pk)
    return True


def hand_over(session: Session, seen: ContainerStatus) -> None:
    """A session is about to go: forks that wait to start from its snapshots get theirs first. Raises as `take` does."""
    for snapshot in session.snapshots.exclude(awaited_by=None).distinct():
        if snapshot.state == Snapshot.State.MAKING:
            freezing.freeze(session, seen, snapshot)
        for fork in snapshot.awaited_by.exclude(pk=session.pk):
            _give(fork, snapshot)
    Session.objects.filter(pk=session.pk).update(starts_from=None)


def _give(fork: Session, snapshot: Snapshot) -> None:
    """A failure that may pass keeps the parent from going; for good, the fork has nothing to start from, and says so."""
    nothing = ContainerStatus(fork.container, fork.key, Observed.ABSENT)
    try:
        if snapshot.state not in {Snapshot.State.KEPT, Snapshot.State.READY}:
            raise EngineError(snapshot.problem or "Its session was deleted.", permanent=snapshot.state == "failed")
        freezing.become(fork, snapshot, nothing)
    except VibenvError as error:
        if not error.permanent:
            raise
        reason = GONE.format(problem=error)
        Session.objects.filter(pk=fork.pk).update(starts_from=None, desired=Desired.STOPPED, reason=reason)
        announce(fork.pk)
