"""How many sessions may run at once: what is beyond is refused with a sentence, and stays where it was."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, archive, bulk, members, tokens
from boards.access import Role
from sessions import lifecycle
from sessions.models import Session
from sessions.states import Desired, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


@pytest.fixture
def cards(board, alice):
    return [actions.create_card(board, alice, title=title) for title in "abcd"]


@pytest.fixture
def api(alice):
    return client_of(alice)


def client_of(user):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def active(board):
    return board.columns.get(role="active")


def move(api, card, column):
    return api("post", f"/cards/{card.pk}/move", {"column": column.pk})


def test_a_board_at_its_limit_refuses_one_more_and_the_card_stays(board, cards, api, settings):
    settings.BOARD_SESSIONS = 2
    assert [move(api, card, active(board)).status_code for card in cards[:2]] == [202, 202]
    refused = move(api, cards[2], active(board))
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith(
        "This board runs 2 sessions, as many as may run at once. Stop or pause one first"
    )
    cards[2].refresh_from_db()
    assert (cards[2].column.role, cards[2].session.desired) == ("backlog", "stopped")
    made = api("post", f"/boards/{board.pk}/cards", {"title": "e", "column": active(board).pk})
    assert made.status_code == 409
    assert not board.cards.filter(title="e").exists()


def test_what_rests_or_failed_does_not_count_and_what_runs_may_go_on(board, cards, alice, settings):
    settings.BOARD_SESSIONS = 1
    first, second, third = (actions.move_card(cards[0], active(board), None, user=alice), *cards[1:3])
    Session.objects.filter(pk=first.session_id).update(state=State.RUNNING)
    actions.start_card(first, user=alice)
    lifecycle.want(first.session, Desired.PAUSED, actor="alice")
    second = actions.move_card(second, active(board), None, user=alice)
    with pytest.raises(actions.quotas.Full):
        actions.start_card(first, user=alice)  # a resume is one more
    Session.objects.filter(pk=second.session_id).update(state=State.FAILED)
    actions.move_card(third, active(board), None, user=alice)
    with pytest.raises(actions.quotas.Full):
        actions.start_card(second, user=alice)


def test_a_restored_card_does_not_start_beyond_the_limit(board, cards, alice, settings):
    gone = archive.archive(actions.move_card(cards[0], active(board), None, user=alice), user=alice)
    actions.move_card(cards[1], active(board), None, user=alice)
    settings.BOARD_SESSIONS = 1
    with pytest.raises(actions.quotas.Full):
        archive.restore(gone, user=alice)
    gone.refresh_from_db()
    assert gone.archived_at is not None


def test_a_person_has_a_limit_on_all_boards_and_others_have_their_own(board, cards, alice, settings):
    settings.USER_SESSIONS = 1
    bob = User.objects.create_user("bob")
    members.add(board, bob, Role.EDITOR)
    other = actions.create_board("Other", alice)
    actions.create_card(other, alice, title="there", column=active(other))
    refused = move(client_of(alice), cards[0], active(board))
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("You run 1 session, as many as may run at once.")
    assert move(client_of(bob), cards[0], active(board)).status_code == 202


def test_of_several_those_that_fit_move_and_the_others_say_why_they_stayed(board, cards, api, settings):
    settings.BOARD_SESSIONS = 2
    path = f"/boards/{board.pk}/cards/move"
    wanted = {"cards": [cards[2].pk, cards[0].pk, cards[1].pk], "column": active(board).pk}
    answer = api("post", path, wanted)
    assert answer.status_code == 202
    assert [(card["title"], bool(card["refused"])) for card in answer.json()] == [
        ("c", False),
        ("a", False),
        ("b", True),
    ]
    assert [card.title for card in active(board).cards.all()] == ["c", "a"]
    assert api("post", path, {"cards": [cards[1].pk, cards[3].pk], "column": active(board).pk}).status_code == 409


def test_without_limits_everybody_starts(board, cards, alice):
    bulk.move(board, [card.pk for card in cards], active(board), None, user=alice)
    assert Session.objects.filter(desired="running").count() == 4
