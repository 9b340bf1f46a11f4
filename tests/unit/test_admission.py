"""The line of starts: in order, a few at once, none while memory is short; nobody is stuck in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from engines import current
from layers import base, builder, provision
from sessions import admission, lifecycle, tasks
from sessions.models import Session
from sessions.present import session_json
from sessions.reconcile import reconcile
from sessions.signals import session_changed
from sessions.states import Desired, State
from sessions.sweep import needing_attention
from tests.fault_engine import FaultEngine, Killed

pytestmark = pytest.mark.django_db
MB = 1024**2
TELL_SOON = admission._tell_soon


class Line:
    """Sessions that were all wanted, in order; `woken` and `told` are who was, since the last look."""

    def __init__(self, engine, count):
        self.engine = engine
        self.sessions = [Session.objects.create(name=f"s{number}") for number in range(count)]
        for session in self.sessions:
            lifecycle.want(session, Desired.RUNNING, actor="alice")

    def at(self, number):
        return Session.objects.get(pk=self.sessions[number].pk)

    def step(self, number):
        return session_json(self.at(number))["steps"][0]

    def occupy(self, *numbers, for_s=10):
        """As a worker does that starts them."""
        until = timezone.now() + timedelta(seconds=for_s)
        pks = [self.sessions[number].pk for number in numbers]
        Session.objects.filter(pk__in=pks).update(admitted_at=timezone.now(), lease="w", lease_until=until)
        for number in numbers:
            self.at(number).steps.update(finished_at=timezone.now())

    def numbers(self, ids):
        return [number for number, session in enumerate(self.sessions) if session.pk in ids]


@pytest.fixture
def woken(monkeypatch):
    found = []
    monkeypatch.setattr(admission, "wake", found.append)
    return found


@pytest.fixture
def engine(monkeypatch, settings):
    made = FaultEngine(builder.target().image)
    monkeypatch.setattr(current, "_engine", made)
    monkeypatch.setattr(admission, "_tell_soon", lambda count: None)
    settings.STARTS_AT_ONCE = 2
    base.forget()
    provision.forget()
    yield made
    base.forget()
    provision.forget()


def test_who_wanted_first_starts_first_and_the_others_are_told_their_places(engine, woken):
    line = Line(engine, 5)
    for number in (4, 3, 2):
        assert reconcile(line.sessions[number].pk) is None
    assert [line.at(n).state for n in (2, 3, 4)] == [State.PREPARING] * 3
    assert [session_json(line.at(n))["place"] for n in (2, 3, 4)] == [3, 4, 5]
    assert [line.step(n)["detail"] for n in (2, 3, 4)] == ["3rd in line", "4th in line", "5th in line"]
    assert not engine.containers
    reconcile(line.sessions[1].pk)
    reconcile(line.sessions[0].pk)
    assert [line.at(n).state for n in (0, 1)] == [State.RUNNING] * 2
    assert line.numbers(woken) == [0, 2, 3]  # after the first, the eldest two; after the second, the two after it
    assert line.at(0).place is None
    assert line.at(0).admitted_at is None


def test_no_more_start_than_may(engine, woken):
    line = Line(engine, 4)
    line.occupy(0, 1)
    reconcile(line.sessions[2].pk)
    assert line.at(2).state == State.PREPARING
    assert line.step(2)["detail"] == "next in line"
    line.occupy(1, for_s=-1)  # its worker died: what it held counts no more once its claim has run out
    reconcile(line.sessions[2].pk)
    assert line.at(2).state == State.RUNNING
    assert line.numbers(woken) == [3]


def test_places_move_up_when_somebody_leaves_the_line(engine, woken):
    line = Line(engine, 4)
    line.occupy(0, 1)
    reconcile(line.sessions[2].pk)
    reconcile(line.sessions[3].pk)
    Session.objects.filter(pk=line.sessions[2].pk).update(desired=Desired.STOPPED)
    tasks.tell_line()
    assert line.at(3).place == 1
    assert line.step(3)["detail"] == "next in line"


@pytest.mark.django_db(transaction=True)
def test_a_line_that_moves_is_told_once_for_all(engine, woken, monkeypatch):
    told, calls = [], []
    monkeypatch.setattr(admission, "_tell_soon", TELL_SOON)
    monkeypatch.setattr(lifecycle, "wake", lambda pk: None)
    monkeypatch.setattr(tasks.tell_line, "apply_async", lambda **how: calls.append(how))
    monkeypatch.setattr(admission, "_told_until", 0.0)
    line = Line(engine, 30)
    for _ in range(5):
        admission.call_next()
    assert len(calls) == 1
    assert calls[0]["countdown"] >= 1  # thirty cards' news are more than pages follow in less
    session_changed.connect(lambda session_id, **_: told.append(session_id), weak=False, dispatch_uid="test")
    try:
        tasks.tell_line()
        tasks.tell_line()
    finally:
        session_changed.disconnect(dispatch_uid="test")
    assert told == [session.pk for session in line.sessions[1:]]  # the first is about to start


def test_nobody_starts_while_memory_is_short_and_nothing_fails(engine, woken, settings):
    settings.MEMORY_RESERVE_BYTES = 512 * MB
    line = Line(engine, 2)
    engine.free_bytes = 540 * MB
    reconcile(line.sessions[0].pk)
    reconcile(line.sessions[1].pk)
    assert line.at(0).state == State.PREPARING
    assert line.step(0)["detail"].startswith("Waits for memory: 500 MB are free, and 512 MB of them are kept free.")
    assert line.at(0).place is None
    assert line.step(1)["detail"] == "2nd in line"
    tasks.tell_line()
    assert line.step(0)["detail"].startswith("Waits for memory")
    Session.objects.create(name="idle", state=State.PAUSED)
    reconcile(line.sessions[0].pk)
    assert "A paused session holds some" in line.step(0)["detail"]
    assert line.numbers(needing_attention_of(engine)) == [0, 1]
    engine.free_bytes = 5000 * MB
    reconcile(line.sessions[0].pk)
    assert line.at(0).state == State.RUNNING


def test_an_engine_that_tells_nothing_of_its_memory_lets_everybody_in(engine, woken):
    line = Line(engine, 1)
    engine.free_bytes = None
    reconcile(line.sessions[0].pk)
    assert line.at(0).state == State.RUNNING


def test_the_sweep_looks_only_at_those_whose_turn_it_is(engine, woken):
    line = Line(engine, 6)
    assert line.numbers(needing_attention_of(engine)) == [0, 1]
    line.occupy(0)
    assert line.numbers(needing_attention_of(engine)) == [1]
    line.occupy(1)
    assert line.numbers(needing_attention_of(engine)) == [2]


def test_those_that_wait_for_a_build_are_in_nobodys_way_and_wake_nobody(engine, woken, monkeypatch, settings):
    settings.STARTS_AT_ONCE = 1
    line = Line(engine, 3)
    building = base.BaseState("building", "vibenv/base:none", "half of it", Path("log"))
    with monkeypatch.context() as patch:
        patch.setattr(base, "resolve", lambda: building)
        patch.setattr(base, "request", lambda: None)
        for session in [*line.sessions, *line.sessions]:
            assert reconcile(session.pk) is None
    assert woken == [], "they would wake each other for as long as the build takes"
    assert [line.at(n).place for n in range(3)] == [None] * 3
    for number in range(3):
        steps = session_json(line.at(number))["steps"]
        assert [(s["name"], s["detail"]) for s in steps if not s["finished_at"]] == [("environment", "half of it")]
    for session in reversed(line.sessions):
        reconcile(session.pk)
    assert [line.at(n).state for n in range(3)] == [State.RUNNING] * 3


def test_one_that_is_tried_again_later_holds_up_nobody(engine, woken):
    line = Line(engine, 3)
    Session.objects.filter(pk__in=[s.pk for s in line.sessions[:2]]).update(
        retry_at=timezone.now() + timedelta(seconds=9)
    )
    reconcile(line.sessions[2].pk)
    assert line.at(2).state == State.RUNNING


def test_a_worker_that_dies_in_a_start_leaves_the_session_to_the_next(engine, woken):
    line = Line(engine, 3)

    def die(moment):
        if moment == "before start":
            raise Killed

    engine.breaks = die
    with pytest.raises(Killed):
        reconcile(line.sessions[0].pk)
    engine.breaks = lambda moment: None
    # as a killed process leaves it: nothing was cleaned up
    Session.objects.filter(pk=line.sessions[0].pk).update(
        admitted_at=timezone.now(), lease="dead", lease_until=timezone.now() - timedelta(seconds=1)
    )
    line.occupy(1, 2)
    reconcile(line.sessions[0].pk)
    assert (line.at(0).state, line.at(0).place) == (State.PREPARING, 1)
    line.occupy(1, 2, for_s=-1)
    reconcile(line.sessions[0].pk)
    assert line.at(0).state == State.RUNNING


def needing_attention_of(engine):
    engine.list = lambda: [engine.inspect(name) for name in engine.containers]
    return needing_attention()
