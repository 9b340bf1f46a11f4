"""Cards taken off the board and brought back."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, archive, columns, tokens
from boards.card_lists import archived
from boards.models import Card
from boards.present import board_json
from engines.errors import PolicyRejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


def column(board, role):
    return board.columns.get(role=role)


def shown(board):
    return [[card["title"] for card in column["cards"]] for column in board_json(board)["columns"]]


def test_an_archived_card_stops_and_keeps_its_session(board, alice):
    card = actions.create_card(board, alice, title="a", column=column(board, "active"))
    archive.archive(card, user=alice)
    card.refresh_from_db()
    assert shown(board) == [[], [], []]
    assert [card.title for card in archived(board, after=None, limit=None).rows] == ["a"]
    assert card.session.desired == "stopped"


def test_restoring_undoes_it_whole(board, alice):
    cards = [actions.create_card(board, alice, title=t, column=column(board, "active")) for t in "abc"]
    archive.archive(cards[1], user=alice)
    archive.restore(cards[1], user=alice)
    assert shown(board) == [[], ["a", "b", "c"], []]
    assert Card.objects.get(pk=cards[1].pk).session.desired == "running"
    assert archived(board, after=None, limit=None).rows == []


def test_both_can_be_repeated(board, alice):
    card = actions.create_card(board, alice, title="a")
    archive.archive(card, user=alice)
    at, version = Card.objects.values_list("archived_at", "version").get()
    archive.archive(card, user=alice)
    assert Card.objects.values_list("archived_at", "version").get() == (at, version)
    archive.restore(card, user=alice)
    assert archive.restore(card, user=alice).archived_at is None


def test_a_place_taken_meanwhile_is_shared_by_none(board, alice):
    a, b, c = (actions.create_card(board, alice, title=t) for t in "abc")
    archive.archive(b, user=alice)
    Card.objects.filter(pk=c.pk).update(rank=b.rank)
    archive.restore(b, user=alice)
    assert shown(board)[0] == ["a", "c", "b"]
    actions.move_card(a, column(board, "backlog"), Card.objects.get(pk=b.pk), user=alice)
    assert shown(board)[0] == ["c", "a", "b"]


def test_an_archived_card_takes_no_room(board, alice):
    done = columns.limit(column(board, "done"), 1)
    one = actions.create_card(board, alice, title="one", column=done)
    archive.archive(one, user=alice)
    actions.create_card(board, alice, title="two", column=done)
    with pytest.raises(PolicyRejected, match="limited to 1 card"):
        archive.restore(one, user=alice)


def test_an_archived_card_is_neither_moved_nor_started(board, alice):
    card = actions.create_card(board, alice, title="a")
    archive.archive(card, user=alice)
    with pytest.raises(PolicyRejected, match="Restore it first"):
        actions.move_card(card, column(board, "active"), None, user=alice)
    with pytest.raises(PolicyRejected, match="Restore it first"):
        actions.start_card(card, user=alice)


def test_a_deleted_column_leaves_its_archived_cards(board, alice):
    card = actions.create_card(board, alice, title="a", column=column(board, "done"))
    archive.archive(card, user=alice)
    columns.delete(column(board, "done"))
    archive.restore(card, user=alice)
    assert shown(board) == [["a"], []]


def test_a_board_with_archived_cards_is_not_deleted(board, alice):
    actions.create_board("Other", alice)
    archive.archive(actions.create_card(board, alice, title="a"), user=alice)
    with pytest.raises(PolicyRejected, match="archived ones included"):
        actions.delete_board(board, alice)


def test_the_api_of_the_archive(board, alice):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    card = actions.create_card(board, alice, title="a")
    gone = client.post(f"/api/v1/cards/{card.pk}/archive")
    assert (gone.status_code, gone.json()["archived_at"] is None) == (202, False)
    assert [c["id"] for c in client.get(f"/api/v1/boards/{board.pk}/archive").json()] == [card.pk]
    client.force_login(alice)
    assert "archived" in client.get(f"/c/{card.pk}").content.decode()
    back = client.post(f"/api/v1/cards/{card.pk}/restore")
    assert (back.status_code, back.json()["archived_at"]) == (202, None)


def test_an_outsider_finds_no_archive(board, alice):
    card = actions.create_card(board, alice, title="a")
    client = Client(headers={"authorization": f"Bearer {tokens.issue(User.objects.create_user('charlie'), 'test')}"})
    assert client.get(f"/api/v1/boards/{board.pk}/archive").status_code == 404
    for verb in ("archive", "restore"):
        assert client.post(f"/api/v1/cards/{card.pk}/{verb}").status_code == 404
