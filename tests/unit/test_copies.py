"""New cards like others, and the example of a new board."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, archive, columns, editing, labels, tokens, welcome
from boards.models import Board, Card, Member
from engines.errors import PolicyRejected
from sessions import files
from sessions.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


@pytest.fixture
def api(alice):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def column(board, role):
    return board.columns.get(role=role)


def titles(board, role):
    return [card.title for card in column(board, role).cards.all()]


def test_a_card_like_another_has_its_texts_and_stands_right_after_it(board, alice, api):
    bob = User.objects.create_user("bob")
    left = Member.objects.create(board=board, user=bob, role="editor")
    label = labels.create(board, name="Bug").pk
    card, _ = (actions.create_card(board, alice, title=title, description="How") for title in ("One", "Two"))
    people = [str(alice.pk), str(bob.pk)]
    editing.edit_card(card, {"labels": [label], "assignees": people, "is_template": True})
    left.delete()
    answer = api("post", f"/cards/{card.pk}/copy", {})
    made = answer.json()
    assert (answer.status_code, made["title"], made["description"]) == (201, "One", "How")
    assert (made["labels"], made["assignees"], made["is_template"]) == ([label], [str(alice.pk)], False)
    assert made["session"] is None
    api("post", f"/cards/{card.pk}/copy", {"title": "Named"})
    assert titles(board, "backlog") == ["One", "Named", "One", "Two"]


def test_in_another_column_it_comes_last_and_in_an_active_one_it_starts(board, alice, api):
    card = actions.create_card(board, alice, title="One")
    active = column(board, "active")
    actions.create_card(board, alice, title="Busy", column=active)
    made = api("post", f"/cards/{card.pk}/copy", {"column": active.pk}).json()
    assert titles(board, "active") == ["Busy", "One"]
    assert made["session"]["status"] == "starting"
    assert Session.objects.get(card=card).desired == "stopped"


def test_attached_files_come_along(board, alice, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    card = actions.create_card(board, alice, title="One")
    files.add(card.session, files.receive(card.session, [b"hello"]), "notes.txt", added_by="alice")
    response = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"}).post(
        f"/api/v1/cards/{card.pk}/copy", {}, content_type="application/json"
    )
    made = Card.objects.get(pk=response.json()["id"])
    assert response.json()["files"] == made.file_count == 1
    assert files.stored(made.session.files.get()).read_bytes() == b"hello"


def test_a_full_column_takes_no_copy(board, alice, api):
    card = actions.create_card(board, alice, title="One")
    columns.limit(column(board, "backlog"), 1)
    refused = api("post", f"/cards/{card.pk}/copy", {})
    assert (refused.status_code, "limited to 1 card" in refused.json()["detail"]) == (409, True)


def test_an_archived_card_can_be_a_pattern_too(board, alice, api):
    card = actions.create_card(board, alice, title="One")
    archive.archive(card, user=alice)
    made = api("post", f"/cards/{card.pk}/copy", {"title": "Again"}).json()
    assert (made["archived_at"], made["title"]) == (None, "Again")


def test_a_new_board_has_an_example_that_does_not_keep_it(alice, api):
    api("post", "/boards", {"name": "Kept"})
    board = Board.objects.get(pk=api("post", "/boards", {"name": "New"}).json()["id"])
    assert titles(board, "backlog") == [welcome.TITLE]
    assert api("delete", f"/boards/{board.pk}").status_code == 204


def test_an_example_that_was_used_keeps_its_board(board, alice):
    made = welcome.create_board("New", alice)
    editing.edit_card(made.cards.get(), {"description": "Notes of mine"})
    with pytest.raises(PolicyRejected, match="still has 1 card"):
        welcome.delete_board(made, alice)


def test_who_is_on_no_board_makes_one_with_the_example(client, alice):
    client.force_login(alice)
    assert client.post("/", {"name": "Mine"}).status_code == 302
    assert titles(Board.objects.get(), "backlog") == [welcome.TITLE]
