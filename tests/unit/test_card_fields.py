"""What a card says of itself: changed in part, by several people at once, and refused when it makes no sense."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, editing, labels, tokens
from boards.models import Board, Card, Member
from engines.errors import InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def bob(board):
    user = User.objects.create_user("bob")
    Member.objects.create(board=board, user=user, role="editor")
    return user


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


@pytest.fixture
def card(board, alice):
    return actions.create_card(board, alice, title="Fix login", description="As it was")


@pytest.fixture
def api(alice):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def test_what_is_left_out_stays_and_null_takes_the_date_away(card, api):
    path = f"/cards/{card.pk}"
    changed = api("patch", path, {"due_on": "2030-02-28"}).json()
    assert (changed["title"], changed["description"], changed["due_on"]) == ("Fix login", "As it was", "2030-02-28")
    assert api("patch", path, {"title": "New"}).json()["due_on"] == "2030-02-28"
    assert api("patch", path, {"due_on": None}).json()["due_on"] is None
    assert api("patch", path, {"due_on": "soon"}).status_code == 422


def test_a_change_that_changes_nothing_is_no_news(card):
    before = Board.objects.get().version
    editing.edit_card(card, {"title": "Fix login", "labels": []})
    assert Board.objects.get().version == before


def test_an_edit_of_what_somebody_changed_meanwhile_is_refused_and_shows_theirs(card, api):
    path = f"/cards/{card.pk}"
    api("patch", path, {"description": "Theirs"})
    refused = api("patch", path, {"title": "Mine", "description": "Mine", "was": {"description": "As it was"}})
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    said = refused.json()
    assert (said["fields"], said["card"]["description"]) == (["description"], "Theirs")
    assert "changed the description meanwhile" in said["detail"]
    assert Card.objects.values_list("title", "description").get() == ("Fix login", "Theirs")
    saved = api("patch", path, {"description": "Both", "was": {"description": "Theirs"}})
    assert saved.json()["description"] == "Both"


def test_two_people_may_change_different_fields_or_to_the_same(card):
    was = {"title": "Fix login", "description": "As it was"}
    editing.edit_card(card, {"title": "Theirs"}, was)
    editing.edit_card(card, {"description": "Mine"}, was)
    editing.edit_card(card, {"title": "Theirs"}, was)
    assert Card.objects.values_list("title", "description").get() == ("Theirs", "Mine")


def test_a_date_is_not_overwritten_either(card):
    first, second = datetime.date(2030, 1, 1), datetime.date(2030, 1, 2)
    editing.edit_card(card, {"due_on": first}, {"due_on": None})
    with pytest.raises(editing.Overtaken, match="due date"):
        editing.edit_card(card, {"due_on": second}, {"due_on": None})


def test_without_what_was_there_it_is_just_written(card):
    editing.edit_card(card, {"description": "Theirs"})
    assert editing.edit_card(card, {"description": "Mine"}).description == "Mine"


def test_labels_that_two_people_set_at_once_are_all_there(board, card):
    a, b, c = (labels.create(board, name=name).pk for name in "abc")
    editing.edit_card(card, {"labels": [a]})
    editing.edit_card(card, {"labels": [a, b]}, {"labels": [a]})  # one adds b,
    editing.edit_card(card, {"labels": [c]}, {"labels": [a]})  # the other takes a away and adds c
    assert Card.objects.get().label_ids == [b, c]


def test_a_label_that_was_deleted_meanwhile_does_not_stop_another(board, card):
    a, b = (labels.create(board, name=name) for name in "ab")
    editing.edit_card(card, {"labels": [a.pk]})
    was = [a.pk]
    labels.delete(a)
    assert editing.edit_card(card, {"labels": [*was, b.pk]}, {"labels": was}).label_ids == [b.pk]


def test_only_labels_of_the_board_are_taken(card, alice):
    other = labels.create(actions.create_board("Other", alice), name="Elsewhere")
    with pytest.raises(InvalidInput, match=r"labels: .* is not a label of this board"):
        editing.edit_card(card, {"labels": [other.pk]})


def test_only_members_are_assigned(card, bob):
    stranger = User.objects.create_user("charlie")
    assert editing.edit_card(card, {"assignees": [str(bob.pk), str(bob.pk)]}).assignee_ids == [str(bob.pk)]
    with pytest.raises(InvalidInput, match=r"assignees: .* is not a member of this board"):
        editing.edit_card(card, {"assignees": [str(stranger.pk)]}, {"assignees": []})


def test_a_viewer_changes_nothing(card, bob):
    Member.objects.filter(user=bob).update(role="viewer")
    client = Client(headers={"authorization": f"Bearer {tokens.issue(bob, 'test')}"})
    answer = client.patch(f"/api/v1/cards/{card.pk}", {"title": "x"}, content_type="application/json")
    assert answer.status_code == 403


def test_a_text_is_previewed_as_safe_html(api, board):
    assert (
        api("post", f"/boards/{board.pk}/markdown", {"text": "**a** <b>"}).json()["html"]
        == "<p><strong>a</strong> &lt;b&gt;</p>\n"
    )
    path = f"/boards/{board.pk}/markdown"
    assert api("post", path, {"text": "**a** <b>"}).json()["html"] == "<p><strong>a</strong> &lt;b&gt;</p>\n"
    assert api("post", path, {"text": "x" * 20_001}).status_code == 422
