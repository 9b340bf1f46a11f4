"""The overview of all sessions: whose one sees, what they use and cost, and that looking measures once for all."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import actions, members, overview
from boards.access import Role
from engines import current
from engines.protocol import Capacity, Usage
from sessions import figures
from sessions.figures import Figure, Known, Meter
from sessions.models import Session
from sessions.states import State

pytestmark = pytest.mark.django_db
GIB = 1024**3


@pytest.fixture
def known(monkeypatch):
    """What was measured, without anybody measuring."""

    class Told:
        known = Known()

        def look(self):
            return self.known

    told = Told()
    monkeypatch.setattr(overview, "meter", told)
    return told


@pytest.fixture
def alice():
    return User.objects.create_user("alice", first_name="Alice", last_name="Ash")


def started(board, user, title, state=State.RUNNING):
    card = actions.create_card(board, user, title=title, column=board.columns.get(role="active"))
    Session.objects.filter(pk=card.session_id).update(state=state)
    return card


def rows(user):
    client = Client()
    client.force_login(user)
    answer = client.get("/api/v1/sessions")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_one_sees_the_sessions_of_ones_own_boards_that_were_started(alice, known):
    board = actions.create_board("Work", alice)
    started(board, alice, "Mine")
    actions.create_card(board, alice, title="Never started")
    stranger = User.objects.create_user("stranger")
    started(actions.create_board("Other", stranger), stranger, "Not mine")
    (row,) = rows(alice)["sessions"]
    assert (row["title"], row["board_name"], row["status"], row["wanted_by"]) == (
        "Mine",
        "Work",
        "running",
        "Alice Ash",
    )
    assert row["may_edit"]
    assert (row["cpu"], row["memory_bytes"], row["disk_bytes"], row["cost_hour"]) == (None, None, None, None)
    members.add(board, stranger, Role.VIEWER)
    assert {row["title"]: row["may_edit"] for row in rows(stranger)["sessions"]} == {"Mine": False, "Not mine": True}


def test_what_a_session_uses_costs_what_was_set(alice, known, settings):
    card = started(actions.create_board("Work", alice), alice, "Mine")
    name = card.session.container
    known.known = Known(
        at=timezone.now(), figures={name: Figure(0.5, 2 * GIB)}, sizes={name: 77}, capacity=Capacity(8, 4, 2)
    )
    assert rows(alice)["cost"] is None
    settings.COST_CORE_HOUR, settings.COST_GIB_HOUR, settings.COST_CURRENCY = 0.04, 0.01, "EUR"
    told = rows(alice)
    assert told["cost"] == {"currency": "EUR", "core_hour": 0.04, "gib_hour": 0.01}
    (row,) = told["sessions"]
    assert (row["cpu"], row["memory_bytes"], row["disk_bytes"]) == (0.5, 2 * GIB, 77)
    assert row["cost_hour"] == pytest.approx(0.04)
    assert told["room"] == {"memory_bytes": 8, "memory_free_bytes": 4, "cpus": 2}
    Session.objects.update(state=State.ASLEEP, desired="stopped")
    (row,) = rows(alice)["sessions"]
    assert (row["cpu"], row["cost_hour"], row["disk_bytes"]) == (None, None, 77)


def test_it_takes_as_many_queries_for_many_sessions_as_for_few(alice, known, django_assert_num_queries):
    board = actions.create_board("Work", alice)
    for number in range(12):
        started(board, alice, f"s {number}")
    with django_assert_num_queries(2):
        assert len(overview.overview_json(overview.sessions_of(alice))["sessions"]) == 12


class MeasuredEngine:
    """Counts how often it was asked; each session used another second of CPU since."""

    def __init__(self):
        self.asked, self.twice = 0, threading.Event()

    def usages(self, names):
        self.asked += 1
        if self.asked == 2:
            self.twice.set()
        return {"vibenv-a": Usage(float(self.asked), 5, 3)}

    def capacity(self):
        return Capacity(8, 4, 2)

    def sizes(self):
        return {"vibenv-a": 9}

    def close(self):
        pass


@pytest.mark.django_db(transaction=True)
def test_it_is_measured_once_for_all_who_look_and_ends_when_nobody_does(monkeypatch):
    engine = MeasuredEngine()
    monkeypatch.setattr(current, "_engine", engine)
    monkeypatch.setattr(figures, "FIRST_S", 0.1)
    monkeypatch.setattr(figures, "PACE_S", 0.1)
    monkeypatch.setattr(figures, "LOST_S", 0.1)
    monkeypatch.setattr(figures, "LOOKED_S", 0.6)
    monkeypatch.setattr(Session.objects, "filter", lambda **_: [])  # its own thread has no part in this transaction
    meter = Meter()
    for _ in range(20):
        assert meter.look().at is None or engine.asked
    assert engine.twice.wait(10)
    before = threading.active_count()
    found = meter.look()
    assert engine.asked < 10
    assert found.figures["vibenv-a"].memory_bytes == 5
    for thread in [t for t in threading.enumerate() if t.name in {"figures", "sizes"}]:
        thread.join(10)
    assert threading.active_count() < before
    assert meter.look().at is None, "old figures would be told as new ones"
    assert engine.twice.is_set()
