"""The labels of a board."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, archive, editing, labels, tokens
from boards.models import Card, Member
from engines.errors import InvalidInput, PolicyRejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


def as_user(user):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def test_the_api_of_labels(board, alice):
    api = as_user(alice)
    made = api("post", f"/boards/{board.pk}/labels", {"name": " Bug ", "colour": "red"})
    label = made.json()
    assert made.status_code == 201
    assert label == {"id": label["id"], "name": "Bug", "colour": "red"}
    path = f"/labels/{label['id']}"
    assert api("patch", path, {"name": "Defect"}).json() == {**label, "name": "Defect"}
    assert api("patch", path, {"colour": "blue"}).json()["colour"] == "blue"
    assert api("patch", path, {"colour": "mauve"}).status_code == 422
    assert api("get", f"/boards/{board.pk}").json()["labels"] == [{**label, "name": "Defect", "colour": "blue"}]
    assert api("delete", path).status_code == 204
    assert api("delete", path).status_code == 404


def test_a_label_without_a_colour_gets_one_that_is_not_used_yet(board):
    colours = [labels.create(board, name=str(n)).colour for n in range(10)]
    assert len(set(colours)) == 10


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00"])
def test_it_rejects_bad_names(board, name):
    with pytest.raises(InvalidInput, match="name"):
        labels.create(board, name=name)


def test_names_differ_whatever_their_case(board):
    labels.create(board, name="Bug")
    other = labels.create(board, name="Idea")
    for wrong in (lambda: labels.create(board, name="bug"), lambda: labels.edit(other, name="BUG")):
        with pytest.raises(InvalidInput, match="already"):
            wrong()
    assert labels.edit(other, name="IDEA").name == "IDEA"


def test_a_board_has_at_most_fifty(board):
    for n in range(labels.MOST_LABELS):
        labels.create(board, name=str(n))
    with pytest.raises(PolicyRejected, match="at most 50 labels"):
        labels.create(board, name="one more")


def test_a_deleted_label_leaves_all_cards_archived_ones_too(board, alice):
    gone, kept = (labels.create(board, name=name) for name in ("gone", "kept"))
    one, two = (actions.create_card(board, alice, title=title) for title in ("one", "two"))
    for card in (one, two):
        editing.edit_card(card, {"labels": [gone.pk, kept.pk]})
    archive.archive(two, user=alice)
    labels.delete(gone)
    assert [card.label_ids for card in Card.objects.all()] == [[kept.pk], [kept.pk]]


def test_viewers_look_and_strangers_find_nothing(board):
    label = labels.create(board, name="Bug")
    viewer, stranger = (User.objects.create_user(name) for name in ("vera", "charlie"))
    Member.objects.create(board=board, user=viewer, role="viewer")
    tries = [
        ("post", f"/boards/{board.pk}/labels", {"name": "x"}),
        ("patch", f"/labels/{label.pk}", {"name": "x"}),
        ("delete", f"/labels/{label.pk}", None),
    ]
    for user, status in ((viewer, 403), (stranger, 404)):
        for method, path, body in tries:
            assert as_user(user)(method, path, body).status_code == status, (method, path)
