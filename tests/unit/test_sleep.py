"""What happens to sessions by themselves: when they are idle, what comes next, and that a worker does it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from engines import current
from engines.errors import EngineUnreachable, InvalidInput, PolicyRejected
from engines.protocol import LayerMount, Observed, SessionSpec, Usage
from sessions import activity, attention, lifecycle, lifetime, rounds, sleep
from sessions.models import Session, SessionEvent, Snapshot
from sessions.present import session_json
from sessions.reconcile import reconcile
from sessions.signals import session_changed
from sessions.states import Desired, State
from tests.fault_engine import FaultEngine

MIN = 60
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RULES = {"idle_timeout_s": 30 * MIN, "stop_after_s": 240 * MIN, "archive_after_s": 600 * MIN, "ttl_s": 0}


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


# what comes next ----------------------------------------------------------------------------------------
def of(state: str, desired: str, **fields: object) -> Session:
    return Session(state=state, desired=desired, rules=RULES, state_since=ago(10), **fields)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("session", "what", "in_min"),
    [
        (of(State.RUNNING, Desired.RUNNING, idle_since=ago(10)), "pause", 20),
        (of(State.PAUSED, Desired.PAUSED), "stop", 230),
        (of(State.ASLEEP, Desired.STOPPED), "archive", 590),
        (of(State.RUNNING, Desired.RUNNING, idle_since=ago(10), expires_at=ago(-5)), "expire", 5),
        (of(State.RUNNING, Desired.RUNNING, expires_at=ago(-50)), "expire", 50),
        (of(State.PAUSED, Desired.PAUSED, expires_at=ago(-50)), "expire", 50),
    ],
)
def test_the_next_step_is_the_first_that_is_due(session, what, in_min):
    step = sleep.next_step(session)
    assert (step.what, step.at) == (what, NOW + timedelta(minutes=in_min))


@pytest.mark.parametrize(
    "session",
    [
        of(State.RUNNING, Desired.RUNNING),
        of(State.RUNNING, Desired.STOPPED, idle_since=ago(10)),
        of(State.RUNNING, Desired.RUNNING, idle_since=ago(10), restart_asked=True),
        of(State.STARTING, Desired.RUNNING, expires_at=ago(-5)),
        of(State.ARCHIVED, Desired.ARCHIVED, expires_at=ago(-5)),
        of(State.FAILED, Desired.RUNNING, expires_at=ago(-5)),
        of(State.ASLEEP, Desired.STOPPED, discards="c0ffee"),
    ],
)
def test_nothing_happens_to_one_that_works_or_is_on_its_way(session):
    assert sleep.next_step(session) is None


def test_a_rule_that_is_off_never_comes_due():
    session = of(State.RUNNING, Desired.RUNNING, idle_since=ago(10))
    session.rules = {"idle_timeout_s": 0}
    assert sleep.next_step(session) is None


def test_a_time_to_live_goes_on_through_a_sleep_and_begins_anew_after_the_archive():
    session = of(State.PAUSED, Desired.PAUSED, expires_at=ago(-5))
    session.rules = {"ttl_s": 60 * MIN}
    assert sleep.expiry(session, NOW) == ago(-5)
    session.expires_at = ago(1)
    assert sleep.expiry(session, NOW) == ago(-60)
    session.state, session.expires_at = State.ARCHIVED, ago(-5)
    assert sleep.expiry(session, NOW) == ago(-60)


def test_a_new_time_to_live_counts_from_the_start_but_catches_nobody_without_a_warning():
    session = of(State.RUNNING, Desired.RUNNING, wanted_at=ago(30))
    session.rules = {"ttl_s": 90 * MIN}
    assert sleep.expiry_under(session, 0, NOW) == ago(-60)
    session.rules = {"ttl_s": 20 * MIN}
    assert sleep.expiry_under(session, 0, NOW) == ago(-5)
    session.rules = {}
    assert sleep.expiry_under(session, 90 * MIN, NOW) is None


@pytest.mark.parametrize(
    ("last", "idle_since", "due"),
    [(None, None, True), (ago(70), None, True), (ago(30), None, False), (ago(70), ago(65), True), (ago(70), ago(80), False)],
)  # fmt: skip
def test_a_scheduled_snapshot_is_due_when_something_happened_since_the_last(last, idle_since, due):
    session = of(State.RUNNING, Desired.RUNNING, started_at=ago(300), idle_since=idle_since)
    session.rules = {"snapshot_every_s": 60 * MIN}
    assert sleep.snapshot_due(session, last, NOW) is due


# who is idle --------------------------------------------------------------------------------------------
class Place:
    """A session that runs, as a worker sees it; `seconds` pass by hand."""

    def __init__(self, engine: FaultEngine) -> None:
        self.engine = engine
        self.now, self.told = NOW, []
        self.watch = activity.Watch(self.clock)
        made = lifecycle.create("fix", rules={**RULES, "idle_timeout_s": 40})
        engine.images["base"] = frozenset()
        engine.create(SessionSpec(made.container, made.key, "base", made.name, [], layers=[LayerMount("v", "/v")]))
        engine.start(made.container)
        Session.objects.filter(pk=made.pk).update(
            state=State.RUNNING, desired=Desired.RUNNING, wanted_at=NOW, started_at=NOW, state_since=NOW,
            container_id=engine.inspect(made.container).container_id,
        )  # fmt: skip
        self.pk, self.name = made.pk, made.container

    def clock(self) -> float:
        return self.now.timestamp()

    @property
    def session(self) -> Session:
        return Session.objects.get(pk=self.pk)

    def after(self, seconds: float) -> datetime | None:
        """Pass time, look, and tell since when it is idle."""
        self.now += timedelta(seconds=seconds)
        self.watch.look([self.session], self.now)
        return self.session.idle_since

    def touched(self) -> None:
        activity.touch(self.pk)
        os.utime(activity.pulse_path(self.pk), (self.now.timestamp(),) * 2)

    def uses(self, cpu_seconds: float, *commands: str) -> None:
        self.engine.runs[self.name] = ("docker-init", "dtach -N", "sh -c", "bash -l", *commands)
        self.engine.uses[self.name] = Usage(cpu_seconds, 0, 4 + len(commands))


@pytest.fixture
def place(db, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "terminals").mkdir()
    engine = FaultEngine()
    monkeypatch.setattr(current, "_engine", engine)
    made = Place(engine)

    def hear(session_id, **_):
        made.told.append(session_id)

    session_changed.connect(hear)
    yield made
    session_changed.disconnect(hear)


def test_a_prompt_is_idle_since_it_was_last_touched(place):
    place.uses(1)
    place.touched()
    assert place.after(5) is None
    assert place.after(10) is None  # one look says nothing of processor time
    assert place.after(10) == NOW
    assert place.after(10) == NOW


@pytest.mark.django_db(transaction=True)
def test_idleness_is_told_when_it_begins_and_ends_and_not_in_between(place):
    place.uses(1)
    for _ in range(5):
        place.after(20)
    assert place.told == [place.pk]
    place.after(5)
    place.touched()
    place.after(5)
    assert (place.told, place.session.idle_since) == ([place.pk] * 2, None)


def test_a_worker_that_was_just_started_thinks_nobody_idle_for_what_it_has_not_seen(place):
    place.uses(1)
    assert place.after(500) is None
    assert place.after(20) == NOW + timedelta(seconds=500)


def test_a_command_that_prints_nothing_is_work_and_what_draws_a_miniature_is_none(place):
    place.uses(1, "sleep 1000")
    for _ in range(5):
        assert place.after(20) is None
    last = place.now
    place.uses(1, "dtach -a /tmp/vibenv.sock -E -z -r winch")
    assert place.after(20) == last
    place.uses(1, "dtach -a /tmp/vibenv.sock -E -z -r winch", "make")
    assert place.after(20) is None


def test_a_shell_that_computes_by_itself_is_work(place):
    for seconds in range(5):
        place.uses(10.0 * seconds)
        assert place.after(20) is None
    place.uses(40.0)
    assert place.after(20) == NOW + timedelta(seconds=100)


def test_a_processor_time_that_began_anew_is_not_taken_for_work_undone(place):
    place.uses(1000)
    place.after(20)
    place.uses(1)
    assert place.after(20) is not None


def test_one_that_is_looked_at_costs_the_engine_no_question(place, monkeypatch):
    place.touched()
    monkeypatch.setattr(place.engine, "usages", None)
    assert place.after(5) is None


def test_whoever_comes_ends_idleness_at_once(place):
    place.uses(1)
    place.after(20)
    assert place.after(20)
    activity.woke(place.pk)
    assert place.session.idle_since is None


# rounds -------------------------------------------------------------------------------------------------
def put(place, **fields):
    Session.objects.filter(pk=place.pk).update(**fields)


def worker(place):
    rounds.go()
    for _ in range(5):
        put(place, lease="", lease_until=None, retry_at=None)
        if reconcile(place.pk) is None:
            break
    return place.session


def long_ago(minutes):
    return datetime.now(UTC) - timedelta(minutes=minutes)


@pytest.fixture
def idle(place, monkeypatch):
    """Rounds look at rows alone: who is idle was seen already."""
    monkeypatch.setattr(activity.watch, "look", lambda sessions, now: None)
    put(place, rules=RULES, idle_since=long_ago(31))
    return place


def test_an_idle_session_is_paused_and_later_stopped_with_the_reason_told(idle):
    session = worker(idle)
    assert (session.state, idle.engine.inspect(idle.name).state) == (State.PAUSED, Observed.PAUSED)
    assert session.reason == "Nobody was there and nothing ran for 30 min."
    assert session_json(session)["next"]["what"] == "stop"
    put(idle, state_since=long_ago(241))
    session = worker(idle)
    assert (session.state, session.reason) == (State.ASLEEP, "It was paused for 4 h.")
    assert idle.engine.inspect(idle.name).state == Observed.EXITED
    told = [(event.new, event.actor) for event in session.history.filter(kind="state")]
    assert told == [("paused", "vibenv"), ("asleep", "vibenv")]


def test_nobody_is_sent_to_sleep_while_the_engine_cannot_say_who_is_idle(idle, monkeypatch):
    def away(sessions, now):
        raise EngineUnreachable("gone")

    monkeypatch.setattr(activity.watch, "look", away)
    assert worker(idle).desired == Desired.RUNNING


def test_what_was_stopped_for_long_is_to_be_archived(idle):
    put(idle, state=State.ASLEEP, desired=Desired.STOPPED, state_since=long_ago(601))
    rounds.go()
    assert (idle.session.desired, idle.session.reason) == (Desired.ARCHIVED, "It was stopped for 10 h.")


def test_somebody_who_came_just_before_the_pause_keeps_it_awake(idle):
    activity.touch(idle.pk)
    session = worker(idle)
    assert (session.state, session.desired, session.idle_since) == (State.RUNNING, Desired.RUNNING, None)


def test_a_start_by_somebody_begins_idleness_and_life_anew(idle):
    put(idle, rules={**RULES, "ttl_s": 3600})
    worker(idle)
    session = lifecycle.want(idle.session, Desired.RUNNING, actor="alice")
    assert session.idle_since is None
    assert timedelta(minutes=59) < session.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    assert worker(idle).state == State.RUNNING


def test_the_end_of_a_life_is_told_once_ahead_and_again_after_it_was_put_off(idle):
    put(idle, idle_since=None, expires_at=long_ago(-5))
    worker(idle)
    session = worker(idle)
    assert attention.words_of(session) == "Its time to live ends in 5 min."
    assert [event.reason for event in session.history.filter(kind="warning")] == ["Its time to live ends in 5 min."]
    attention.clear(session.pk)
    lifetime.extend(session, 3600, actor="alice")
    worker(idle)
    assert attention.words_of(idle.session) == ""
    put(idle, expires_at=long_ago(-2))
    worker(idle)
    assert session.history.filter(kind="warning").count() == 2
    assert SessionEvent.objects.get(kind="extended").actor == "alice"


def test_a_life_that_is_over_ends_in_the_archive(idle):
    put(idle, idle_since=None, expires_at=long_ago(1))
    rounds.go()
    assert (idle.session.desired, idle.session.reason) == (Desired.ARCHIVED, "Its time to live was over.")


def test_a_life_without_an_end_cannot_be_extended_and_none_by_nothing(idle):
    with pytest.raises(PolicyRejected, match="no time to live"):
        lifetime.extend(idle.session, 3600, actor="alice")
    with pytest.raises(InvalidInput, match="60 to"):
        lifetime.extend(idle.session, 1, actor="alice")


def test_scheduled_snapshots_are_taken_and_the_oldest_go_once_there_are_enough_newer_ones(idle):
    put(idle, rules={**RULES, "snapshot_every_s": 60, "snapshots_kept": 2}, idle_since=None, started_at=long_ago(9))
    made = [("asked", "ready"), ("scheduled", "ready"), ("scheduled", "failed"), *[("scheduled", "ready")] * 2]
    for at, (kind, state) in enumerate(made):
        snapshot = Snapshot.objects.create(session=idle.session, kind=kind, state=state, author="x")
        Snapshot.objects.filter(pk=snapshot.pk).update(created_at=long_ago(9 - at), frozen_at=long_ago(9 - at))

    def there():
        return list(idle.session.snapshots.order_by("created_at").values_list("kind", "state"))

    kept = [("asked", "ready"), ("scheduled", "ready"), ("scheduled", "ready")]
    rounds.go()
    rounds.go()
    assert there() == [*kept, ("scheduled", "making")]
    idle.session.snapshots.filter(state="making").update(state="ready", frozen_at=long_ago(0))
    rounds.go()
    assert there() == kept
