"""How many calls of the API one caller may make."""

from __future__ import annotations

import pytest
from django.test import Client

from boards import pace, setup, tokens
from boards.pace import Pace

pytestmark = pytest.mark.django_db


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_ten_seconds_worth_may_come_at_once_and_then_so_many_a_second():
    clock = Clock()
    counted = Pace(clock)
    assert [counted.wait_s("a", 2) for _ in range(20)] == [0.0] * 20
    assert counted.wait_s("a", 2) == pytest.approx(0.5)
    assert counted.wait_s("b", 2) == 0.0
    clock.now += 0.5
    assert (counted.wait_s("a", 2), counted.wait_s("a", 2)) == (0.0, pytest.approx(0.5))
    clock.now += 60
    assert [counted.wait_s("a", 2) for _ in range(20)] == [0.0] * 20


def test_callers_that_are_long_gone_take_no_memory(monkeypatch):
    monkeypatch.setattr(pace, "MOST_CALLERS", 10)
    clock = Clock()
    counted = Pace(clock)
    for number in range(100):
        counted.wait_s(f"caller {number}", 1)
        clock.now += 2
    assert len(counted._paid_at) <= 11


def test_who_calls_too_often_is_told_when_to_come_back(tmp_path, settings, monkeypatch):
    setup.prepare(tmp_path)
    settings.API_CALLS_PER_S = 0.5
    monkeypatch.setattr(pace, "_pace", Pace())
    client, other = (Client(headers={"authorization": f"Bearer {tokens.issue(setup.owner(), 'x')}"}) for _ in "12")
    assert [client.get("/api/v1/me").status_code for _ in range(6)] == [200] * 5 + [429]
    refused = client.get("/api/v1/me")
    assert 1 <= int(refused["Retry-After"]) <= 2
    assert refused["Content-Type"] == "application/problem+json"
    assert [other.get("/api/v1/me").status_code for _ in range(5)] == [200] * 5  # another token
    assert other.get("/api/v1/me").status_code == 429  # all of a person's together
    settings.API_CALLS_PER_S = 0
    assert client.get("/api/v1/me").status_code == 200
