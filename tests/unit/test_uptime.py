"""A session that ends right after each start fails; one that an engine's own end took down does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from engines import current
from layers import base, builder
from sessions import lifecycle, uptime
from sessions.models import Session
from sessions.reconcile import reconcile
from sessions.states import Desired, State
from tests.fault_engine import FaultEngine

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultEngine]:
    made = FaultEngine(builder.target().image)
    monkeypatch.setattr(current, "_engine", made)
    base.forget()
    yield made
    base.forget()
    uptime.forget()


def ended_four_times(engine: FaultEngine, *, with_the_engine: bool) -> Session:
    session = lifecycle.want(Session.objects.create(name="ends"), Desired.RUNNING, actor="alice")
    uptime.there()
    for _ in range(4):
        reconcile(session.pk)
        engine.stop(session.container)
        if with_the_engine:
            uptime.gone()
            uptime.there()
        reconcile(session.pk)
    session.refresh_from_db()
    return session


def test_one_that_ends_by_itself_again_and_again_fails(engine: FaultEngine) -> None:
    assert ended_four_times(engine, with_the_engine=False).state == State.FAILED


def test_one_that_an_engine_took_down_again_and_again_runs(engine: FaultEngine) -> None:
    session = ended_four_times(engine, with_the_engine=True)
    assert (session.state, session.attempts) == (State.RUNNING, 0)


def test_where_nobody_watches_nothing_is_known_of_a_break() -> None:
    uptime.forget()
    assert not uptime.interrupted(timezone.now())
    uptime.there()
    before = timezone.now()
    assert not uptime.interrupted(before)
    uptime.gone()
    assert uptime.interrupted(before)
    uptime.forget()
