"""Rules of when sessions sleep, as members of a board change them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from boards import actions, copies, setup
from boards.models import Card
from sessions.models import Session
from sessions.states import Desired, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(owner):
    return owner.boards.get()


@pytest.fixture
def card(board, owner):
    return actions.create_card(board, owner, title="Here")


@pytest.fixture
def call(client, owner):
    """`call("PATCH", path, …)` as the owner: status and answer."""
    client.force_login(owner)

    def do(method, path, **given):
        answer = client.generic(method, f"/api/v1{path}", json.dumps(given), content_type="application/json")
        return answer.status_code, answer.json()

    return do


def rules_of(card):
    return Session.objects.get(card=card).rules


def test_a_board_says_what_holds_and_what_of_that_is_its_own(call, board):
    status, found = call("GET", f"/boards/{board.pk}/rules")
    assert (status, found["board"], found["installation"]["idle_timeout_s"]) == (200, {}, 1800)


def test_a_board_changes_the_rules_of_all_its_sessions_but_not_a_cards_own(call, board, card, owner):
    other = actions.create_card(board, owner, title="Other")
    call("PATCH", f"/cards/{other.pk}/rules", idle_timeout_s=0)
    status, found = call("PATCH", f"/boards/{board.pk}/rules", idle_timeout_s=600, ttl_s=7200)
    assert (status, found["board"]) == (200, {"idle_timeout_s": 600, "ttl_s": 7200})
    assert rules_of(card) == {"idle_timeout_s": 600, "ttl_s": 7200}
    assert rules_of(other) == {"idle_timeout_s": 0, "ttl_s": 7200}
    call("PATCH", f"/cards/{other.pk}/rules", idle_timeout_s=None)
    call("PATCH", f"/boards/{board.pk}/rules", ttl_s=None)
    assert rules_of(other) == rules_of(card) == {"idle_timeout_s": 600}


def test_a_new_card_and_a_copy_begin_with_the_rules_they_belong_to(call, board, card, owner):
    call("PATCH", f"/boards/{board.pk}/rules", stop_after_s=60)
    call("PATCH", f"/cards/{card.pk}/rules", idle_timeout_s=20)
    assert rules_of(actions.create_card(board, owner, title="New")) == {"stop_after_s": 60}
    copy = copies.copy_card(Card.objects.get(pk=card.pk), user=owner)
    assert (copy.rules, rules_of(copy)) == ({"idle_timeout_s": 20}, {"stop_after_s": 60, "idle_timeout_s": 20})


def test_the_card_tells_its_own_rules(call, card):
    status, told = call("PATCH", f"/cards/{card.pk}/rules", idle_timeout_s=0)
    assert (status, told["rules"]) == (200, {"idle_timeout_s": 0})
    assert call("GET", f"/cards/{card.pk}")[1]["rules"] == {"idle_timeout_s": 0}


def test_pages_hear_of_it(call, board, card):
    before = board.version
    call("PATCH", f"/boards/{board.pk}/rules", idle_timeout_s=600)
    call("PATCH", f"/cards/{card.pk}/rules", idle_timeout_s=60)
    board.refresh_from_db()
    assert board.version > before + 1


@pytest.mark.parametrize("where", ["boards", "cards"])
def test_what_cannot_be_is_refused_with_what_can(call, board, card, where):
    path = f"/boards/{board.pk}/rules" if where == "boards" else f"/cards/{card.pk}/rules"
    status, told = call("PATCH", path, idle_timeout_s=2)
    assert status == 422
    assert "0 for never, or 10 to" in told["detail"]
    assert call("PATCH", path, idle_timeout_s="soon")[0] == 422


def test_a_life_is_limited_told_and_extended(call, card):
    now = timezone.now()
    Session.objects.filter(card=card).update(state=State.RUNNING, desired=Desired.RUNNING, wanted_at=now)
    told = call("PATCH", f"/cards/{card.pk}/rules", ttl_s=3600)[1]["session"]
    assert told["next"] == {"what": "expire", "at": told["expires_at"]}
    status, told = call("POST", f"/cards/{card.pk}/extend", seconds=1800)
    assert status == 200
    assert Session.objects.get(card=card).expires_at == now + timedelta(seconds=5400)
    assert told["session"]["next"]["at"] == told["session"]["expires_at"]
    call("PATCH", f"/cards/{card.pk}/rules", ttl_s=None)
    status, told = call("POST", f"/cards/{card.pk}/extend", seconds=1800)
    assert (status, "no time to live" in told["detail"]) == (409, True)
