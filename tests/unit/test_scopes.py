"""What a token reaches: each path of the API, tried with tokens of other boards and cards, and without the verbs it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import actions, comments, members, mentions, scopes, tokens, verbs
from boards.access import Role
from boards.models import ApiToken
from tests.unit.test_roles import EVERYTHING, OF_MEMBERS, Place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_this_thread")]


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def caller(user, **scope):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'bot', **scope)}"})


def verb_of(name):
    found = verbs.of_operation(*name.split(" "))
    assert found is not None, name
    return found


CALLED = [name for name in EVERYTHING if name not in verbs.WITHOUT_A_CALLER]


# one card, one board ------------------------------------------------------------------------------------
def test_a_cards_token_finds_no_other_card_and_no_board_not_even_its_own(place):
    mine = actions.create_card(place.board, place.owner, title="Mine")
    client = caller(place.owner, card=mine)
    for name in OF_MEMBERS:
        answer = place.answer(client, name)
        expected = 403 if verb_of(name).makes_cards else 404
        assert answer.status_code == expected, (name, answer.content)
    assert client.get("/api/v1/boards").json() == []


def test_a_boards_token_finds_no_other_board(place):
    other = actions.create_board("Other", place.owner)
    client = caller(place.owner, board=other)
    for name in OF_MEMBERS:
        assert place.answer(client, name).status_code == 404, name
    assert [board["id"] for board in client.get("/api/v1/boards").json()] == [other.pk]


def test_a_cards_token_reads_all_that_there_is_of_its_card(place):
    client = caller(place.owner, card=place.card)
    for name in OF_MEMBERS:
        if name.startswith("GET /cards/") and "file_id" not in name and "events" not in name:
            assert place.answer(client, name).status_code in {200, 409, 422}, name


def test_a_cards_token_moves_its_card_by_the_role_of_a_column(place):
    client = caller(place.owner, card=place.card)
    moved = client.post(f"/api/v1/cards/{place.card.pk}/move", {"column": "done"}, content_type="application/json")
    assert moved.status_code == 202
    assert moved.json()["column"] == place.board.columns.get(role="done").pk


def test_lists_hold_the_card_of_a_cards_token_alone(place):
    mine = actions.create_card(place.board, place.owner, title="Mine")
    active = place.board.columns.get(role="active")
    for card in (mine, place.card):
        actions.move_card(card, active, None, user=place.owner)
    friend = User.objects.create_user("friend")
    members.add(place.board, friend, Role.EDITOR)
    for card in (mine, place.card):
        comments.add(card, friend, "@owner look")
    client = caller(place.owner, card=mine)
    assert [row["card"] for row in client.get("/api/v1/sessions").json()["sessions"]] == [mine.pk]
    assert [each["card"] for each in client.get("/api/v1/me/mentions").json()] == [mine.pk]
    assert len(mentions.unseen(place.owner)) == 2


def test_a_token_of_one_board_does_nothing_to_the_account(place):
    for scope in ({"board": place.board}, {"card": place.card}):
        client = caller(place.owner, **scope)
        for name in CALLED:
            if verb_of(name).personal:
                answer = place.answer(client, name)
                assert answer.status_code == 403, name
                assert "your whole account" in answer.json()["detail"]


# verbs --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("group", verbs.GROUPS)
def test_a_token_without_a_group_of_verbs_is_refused_them_and_told_which_it_has(place, group):
    others = [each for each in verbs.GROUPS if each != group]
    client = caller(place.owner, verbs=others)
    for name in CALLED:
        if verb_of(name).group == group:
            answer = place.answer(client, name)
            assert answer.status_code == 403, name
            assert f"“{group}”" in answer.json()["detail"]
            assert f"“{others[0]}”" in answer.json()["detail"]


def test_an_operation_that_nobody_entered_takes_all_verbs(place):
    place.owner.scope = scopes.Scope(verbs=frozenset({"look", "type"}))
    with pytest.raises(scopes.Forbidden):
        scopes.must_verb(place.owner, None)
    place.owner.scope = scopes.Scope()
    scopes.must_verb(place.owner, None)


def test_a_token_gives_no_more_than_its_user_has(place):
    viewer = User.objects.create_user("viewer")
    members.add(place.board, viewer, Role.VIEWER)
    client = caller(viewer, board=place.board, verbs=["look", "cards"])
    assert client.get(f"/api/v1/boards/{place.board.pk}").status_code == 200
    assert place.answer(client, "PATCH /cards/{card_id}").status_code == 403


# end ----------------------------------------------------------------------------------------------------
def test_an_expired_token_and_a_revoked_one_get_nothing(place):
    expired, revoked = caller(place.owner, expires_in_s=60), caller(place.owner)
    assert expired.get("/api/v1/me").status_code == revoked.get("/api/v1/me").status_code == 200
    ApiToken.objects.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    tokens.revoke(ApiToken.objects.filter(name="bot", expires_at=None))
    for name in CALLED:
        assert place.answer(expired, name).status_code == 401, name
        assert place.answer(revoked, name).status_code == 401, name


# making tokens ------------------------------------------------------------------------------------------
def make(client, **wanted):
    return client.post("/api/v1/tokens", {"name": "new", **wanted}, content_type="application/json")


def test_a_token_is_told_once_and_then_known_by_its_end(place):
    client = caller(place.owner)
    made = make(client, card=place.card.pk, verbs=["type", "look"], expires_in_s=3600).json()
    listed = client.get("/api/v1/tokens").json()[0]
    assert "token" not in listed
    assert (listed["hint"], listed["verbs"]) == (made["token"][-4:], ["look", "type"])
    assert listed["card"] == {"id": place.card.pk, "title": "Here"}
    assert listed["last_used_at"] is None
    with_it = Client(headers={"authorization": f"Bearer {made['token']}"})
    assert with_it.get(f"/api/v1/cards/{place.card.pk}").status_code == 200
    assert client.get("/api/v1/tokens").json()[0]["last_used_at"] is not None
    assert client.delete(f"/api/v1/tokens/{listed['id']}").status_code == 204
    assert with_it.get(f"/api/v1/cards/{place.card.pk}").status_code == 401


def test_a_token_makes_none_that_may_more_than_itself(place):
    elsewhere = actions.create_board("Elsewhere", place.owner)
    client = caller(place.owner, board=place.board, verbs=["admin", "look"], expires_in_s=600)
    assert make(client, verbs=["type"]).status_code == 403
    assert make(client, board=elsewhere.pk).status_code == 404
    made = make(client).json()
    assert (made["board"]["id"], made["verbs"]) == (place.board.pk, ["look", "admin"])
    token = ApiToken.objects.get(pk=made["id"])
    assert token.expires_at is not None
    assert token.expires_at <= timezone.now() + timedelta(seconds=600)
    assert make(client, card=place.card.pk, verbs=["look"]).status_code == 201


def test_a_token_sees_and_revokes_those_of_its_board_alone(place):
    caller(place.owner)
    client = caller(place.owner, board=place.board, verbs=["admin"])
    caller(place.owner, card=place.card)
    names = [(each["board"]["id"], each["card"] is None) for each in client.get("/api/v1/tokens").json()]
    assert names == [(place.board.pk, False), (place.board.pk, True)]
    whole = ApiToken.objects.filter(board=None, card=None).latest("id")
    assert client.delete(f"/api/v1/tokens/{whole.pk}").status_code == 404


def test_nobody_sees_or_revokes_anothers_tokens(place):
    caller(place.owner)
    theirs = ApiToken.objects.latest("id")
    other = caller(User.objects.create_user("other"))
    assert [each["name"] for each in other.get("/api/v1/tokens").json()] == ["bot"]
    assert other.delete(f"/api/v1/tokens/{theirs.pk}").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"name": " "}, "name"),
        ({"verbs": ["fly"]}, "fly"),
        ({"expires_in_s": 0}, "expires_in_s"),
        ({"kind": "cli"}, "kind"),
        ({"board": "x", "card": "y"}, "card"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_with_the_reason(place, wanted, words):
    answer = make(caller(place.owner), **wanted)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
