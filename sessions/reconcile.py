"""Compare what a session should be with what the engine says, and step until they agree.

Safe to run twice, late, or by two workers: the claim keeps them apart, every engine verb is idempotent, every move is a
compare-and-set. A task carries only the session's id.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from engines.current import engine
from engines.errors import VibenvError
from engines.protocol import ContainerStatus, Observed
from sessions import (
    admission,
    agent_work,
    agents,
    containers,
    delivery,
    environment,
    failures,
    files,
    freezing,
    launch,
    leases,
    live,
    pool,
    remake,
    secrets,
    steps,
    taking,
    uptime,
    wishes,
)
from sessions.decide import Action, decide, resting
from sessions.leases import claim, renew
from sessions.models import Session
from sessions.recording import store
from sessions.signals import session_deleted
from sessions.states import Desired, State
from sessions.transitions import ACTOR, announce, gathered, transition

log = logging.getLogger(__name__)

MOST_STEPS = 16  # far above what any path needs: ends a loop that a fault of ours would make endless
EARLY_END_S = 20  # a container that ends sooner after its start counts as a failed attempt


def reconcile(session_id: str) -> float | None:
    """Step one session; returns the seconds after which to look again, or None when there is nothing to wait for."""
    with claim(session_id) as session:
        if session is None:
            held = Session.objects.filter(pk=session_id).exists()
            return 0.3 if held else None
        if session.retry_at and session.retry_at > timezone.now():
            return None  # a wake-up for that moment is under way; this one was another's
        admission.forget(session)
        try:
            return _converge(session)
        except environment.Waiting:
            return None
        except VibenvError as error:
            return failures.failed_attempt(session, error)
        finally:
            admission.leave(session)


def _converge(session: Session) -> float | None:
    for _ in range(MOST_STEPS):
        session.refresh_from_db()
        seen = engine().inspect(session.container)
        if seen.state != Observed.ABSENT and seen.session_id != session.key:
            # somebody else's container bears our name; ours was not made yet, or went
            seen = ContainerStatus(seen.name, session.key, Observed.ABSENT)
        if session.desired != Desired.DELETED and not session.discards:
            freezing.freeze_due(session, seen)
        action = decide(session.desired, session.state, seen.state, **wishes_of(session))
        if action is Action.NOTHING and seen.state == Observed.RUNNING:
            delivery.deliver_new(session)
            secrets.deliver(session)
            live.apply(session)
            agent_work.follow(session)
        if action is Action.NOTHING or not renew(session):
            return None
        _ACTIONS[action](session, seen)
        if action is Action.DESTROY:
            return None
    log.error("session %s does not converge: %s, %s", session, session.desired, session.state)
    return 5


def wishes_of(session: Session) -> dict[str, bool]:
    """What else than its desired state decides what is done with it, as `decide` wants it."""
    return {
        "restart": session.restart_asked,
        "kept": remake.has_own_image(session) and not session.container_id,
        "discard": bool(session.discards),
        "take": session.starts_from_id is not None,
    }


def _destroy(session: Session, seen: ContainerStatus) -> None:
    taking.hand_over(session, seen)
    if seen.state != Observed.ABSENT or session.container_id or session.discards:
        engine().destroy(session.container, session.key)
    pk = session.pk
    remake.clean(session)
    for snapshot in session.snapshots.all():
        freezing.drop(snapshot)
        snapshot.delete()  # else two that are the same would each keep the other in the registry
    files.remove_all(pk)
    store.remove_all(pk)
    Session.objects.filter(pk=pk, desired=Desired.DELETED).delete()
    session_deleted.send_robust(sender=Session, session_id=pk)


def _discard(session: Session, seen: ContainerStatus) -> None:
    """The container whose work the row names as an image; any other one of that name is left alone."""
    if seen.state == Observed.ABSENT or seen.container_id == session.discards:
        engine().destroy(session.container, session.key)
    remake.clean(session, keep=session.image)
    Session.objects.filter(pk=session.pk).update(discards="")


def _pause(session: Session, _: ContainerStatus) -> None:
    engine().pause(session.container)


def _record_paused(session: Session, _: ContainerStatus) -> None:
    session.steps.all().delete()
    transition(session, State.PAUSED, actor=_actor(session), reason=session.reason)


def _give_up_pause(session: Session, _: ContainerStatus) -> None:
    """Nothing is left to pause: the engine was restarted, or its shell had ended."""
    reason = "Its processes ended while it was paused." if session.state == State.PAUSED else session.reason
    Session.objects.filter(pk=session.pk, desired=Desired.PAUSED).update(desired=Desired.STOPPED, reason=reason)


def _resume(session: Session, _: ContainerStatus) -> None:
    engine().start(session.container)
    steps.begin(session, "start")


def _stop(session: Session, _: ContainerStatus) -> None:
    engine().stop(session.container)


def _rest(session: Session, seen: ContainerStatus) -> None:
    session.steps.all().delete()
    to = resting(seen.state, wishes_of(session)["kept"])
    transition(session, to, actor=_actor(session), reason=session.reason if to is not State.NEW else "")
    agents.rests(session)


def _actor(session: Session) -> str:
    """Whoever wanted it so; vibenv itself where nobody did."""
    return session.wanted_by or ACTOR


def _archive(session: Session, seen: ContainerStatus) -> None:
    """Its snapshot first, read back from the registry; then the container may go."""
    with leases.kept(session):
        freezing.become(session, freezing.vanishing(session, seen), seen)
    failures.waits_no_more(session)


def _take(session: Session, seen: ContainerStatus) -> None:
    with leases.kept(session):
        taking.take(session, seen)
    failures.waits_no_more(session)


def _record_running(session: Session, seen: ContainerStatus) -> None:
    containers.name(session, seen)
    secrets.deliver(session)
    with gathered():
        if transition(session, State.RUNNING, actor=ACTOR, reason=session.reason):
            steps.finish(session, "start")
    admission.leave(session)
    pool.after_a_start()


def _start(session: Session, seen: ContainerStatus) -> None:
    if session.state not in {State.PREPARING, State.STARTING}:
        transition(session, State.PREPARING, actor=ACTOR, reason=session.reason)
        return
    with gathered():
        wanted = environment.choose(session)
        if session.admitted_at is None:
            admission.enter(session)
        steps.finish(session, "queued")
        if adopts := containers.claim(session, seen, wanted):
            adopts = _begin(session)
            steps.begin(session, "start")
    if adopts:
        _adopt(session, seen, wanted)
        return
    environment.provide(session, wanted)
    if not _begin(session):
        return
    wishes.try_again(session)
    with steps.step(session, "container"):
        made = containers.ensure(session, seen, wanted)
    renew(session)
    delivery.deliver_all(session)
    steps.begin(session, "start")
    if made.state is not Observed.RUNNING:
        engine().start(session.container)
        Session.objects.filter(pk=session.pk).update(started_at=timezone.now())


def _begin(session: Session) -> bool:
    """Its environment is there."""
    if session.state == State.STARTING:
        return True
    return transition(session, State.STARTING, actor=ACTOR, reason=session.reason)


def _adopt(session: Session, seen: ContainerStatus, wanted: environment.Environment) -> None:
    """The short way: nothing is to be made, and its terminal is being opened already."""
    engine().ensure_guard(wanted.base_image)
    made = containers.ensure(session, seen, wanted)
    delivery.deliver_all(session)
    if made.state is Observed.RUNNING:
        _record_running(session, made)


def _restart(session: Session, _: ContainerStatus) -> None:
    """Somebody asked for it: whatever comes at a start comes now."""
    engine().stop(session.container)
    session.steps.all().delete()
    transition(session, State.PREPARING, actor=ACTOR)
    Session.objects.filter(pk=session.pk).update(restart_asked=False, started_at=None, attempts=0)
    announce(session.pk)


def _see_why_it_ended(session: Session, seen: ContainerStatus) -> None:
    """The shell ended by itself: then it vanishes, kept as a snapshot. Anything else that ended it: start it again."""
    if engine().read_file(session.container, launch.ENDED) is not None:
        mine = Session.objects.filter(pk=session.pk, desired=Desired.RUNNING)
        mine.update(desired=Desired.ARCHIVED, wanted_by=ACTOR)
        transition(session, State.ASLEEP, actor=ACTOR, reason="The shell ended.")
        return
    why = "it ran out of memory" if seen.oom_killed else f"exit code {seen.exit_code}"
    attempts = _early_ends(session)
    Session.objects.filter(pk=session.pk).update(attempts=attempts, started_at=None)
    if attempts >= failures.MOST_ATTEMPTS:
        said = engine().logs(session.container)
        failures.fail(session, f"The container ended right after each of its starts ({why}). Its log says more.", said)
        return
    session.steps.all().delete()
    transition(session, State.PREPARING, actor=ACTOR, reason=f"Its container had ended ({why}) and was started again.")


def _early_ends(session: Session) -> int:
    """How often in a row it ended by itself right after a start; what the engine took down with it does not count."""
    started = session.started_at
    if started is None or uptime.interrupted(started):
        return 0
    return session.attempts + 1 if timezone.now() - started < timedelta(seconds=EARLY_END_S) else 1


_ACTIONS = {
    Action.DESTROY: _destroy,
    Action.DISCARD: _discard,
    Action.TAKE: _take,
    Action.PAUSE: _pause,
    Action.RECORD_PAUSED: _record_paused,
    Action.RESUME: _resume,
    Action.GIVE_UP_PAUSE: _give_up_pause,
    Action.ARCHIVE: _archive,
    Action.STOP: _stop,
    Action.REST: _rest,
    Action.START: _start,
    Action.RESTART: _restart,
    Action.RECORD_RUNNING: _record_running,
    Action.SEE_WHY_IT_ENDED: _see_why_it_ended,
}
