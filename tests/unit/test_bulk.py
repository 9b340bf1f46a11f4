"""Several cards at once: all of them, or none."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import access, actions, archive, bulk, columns, labels, tokens
from boards.models import Card, Member
from engines.errors import InvalidInput, PolicyRejected
from sessions.models import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


@pytest.fixture
def cards(board, alice):
    return [actions.create_card(board, alice, title=title) for title in "abcde"]


@pytest.fixture
def api(alice):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def column(board, role):
    return board.columns.get(role=role)


def titles(board, role):
    return "".join(card.title for card in column(board, role).cards.filter(archived_at=None))


def test_cards_are_moved_together_in_the_order_given(board, cards, api):
    a, b, c, d, e = (card.pk for card in cards)
    path = f"/boards/{board.pk}/cards/move"
    moved = api("post", path, {"cards": [d, b], "column": column(board, "backlog").pk, "before": a})
    assert (moved.status_code, [card["title"] for card in moved.json()]) == (202, ["d", "b"])
    assert titles(board, "backlog") == "dbace"
    api("post", path, {"cards": [c, e], "column": column(board, "done").pk})
    assert (titles(board, "backlog"), titles(board, "done")) == ("dba", "ce")
    api("post", path, {"cards": [a, e], "column": column(board, "done").pk, "before": c})
    assert titles(board, "done") == "aec"


def test_moved_into_active_all_of_them_start(board, cards, alice):
    bulk.move(board, [card.pk for card in cards[:2]], column(board, "active"), None, user=alice)
    assert Session.objects.filter(desired="running").count() == 2


def test_a_column_that_has_no_room_for_all_takes_none_and_says_how_many_fit(board, cards, alice):
    done = columns.limit(column(board, "done"), 3)
    bulk.move(board, [cards[0].pk], done, None, user=alice)
    with pytest.raises(PolicyRejected, match="limited to 3 cards and has 1: 2 of these 3 fit"):
        bulk.move(board, [card.pk for card in cards[1:4]], done, None, user=alice)
    assert titles(board, "backlog") == "bcde"
    bulk.move(board, [card.pk for card in cards[:3]], done, None, user=alice)  # one of them was there already
    assert titles(board, "done") == "abc"


def test_one_that_is_gone_keeps_all_where_they_are(board, cards, alice):
    actions.delete_card(cards[1], user=alice)
    ids = [card.pk for card in cards[:3]]
    with pytest.raises(access.NotFound, match="One of the cards is not on this board"):
        bulk.move(board, ids, column(board, "done"), None, user=alice)
    with pytest.raises(access.NotFound):
        bulk.archive_all(board, ids, user=alice)
    assert (titles(board, "backlog"), titles(board, "done")) == ("acde", "")


def test_an_archived_one_keeps_all_where_they_are(board, cards, alice):
    archive.archive(cards[1], user=alice)
    with pytest.raises(PolicyRejected, match="archived"):
        bulk.move(board, [card.pk for card in cards[:3]], column(board, "done"), None, user=alice)
    assert titles(board, "done") == ""


def test_cards_of_another_board_are_not_found(board, cards, alice):
    other = actions.create_board("Other", alice)
    with pytest.raises(access.NotFound, match="5 of the cards"):
        bulk.archive_all(other, [card.pk for card in cards], user=alice)


@pytest.mark.parametrize("ids", [[], ["x", "x"], [str(n) for n in range(501)]])
def test_it_rejects_lists_without_sense(board, ids, alice):
    with pytest.raises(InvalidInput, match="cards"):
        bulk.archive_all(board, ids, user=alice)


def test_archived_together_they_come_back_as_they_were(board, cards, api):
    ids = [card.pk for card in cards[1:4]]
    assert api("post", f"/boards/{board.pk}/cards/archive", {"cards": ids}).status_code == 202
    assert titles(board, "backlog") == "ae"
    assert api("post", f"/boards/{board.pk}/cards/restore", {"cards": ids}).status_code == 202
    assert titles(board, "backlog") == "abcde"


def test_deleted_together_they_are_gone(board, cards, api):
    assert api("post", f"/boards/{board.pk}/cards/delete", {"cards": [c.pk for c in cards[:4]]}).status_code == 202
    assert titles(board, "backlog") == "e"
    assert Session.objects.filter(desired="deleted").count() == 4


def test_labels_and_people_are_added_and_removed_on_all(board, cards, alice, api):
    bug, idea = (labels.create(board, name=name).pk for name in ("Bug", "Idea"))
    ids = [card.pk for card in cards[:2]]
    path = f"/boards/{board.pk}/cards/edit"
    api("post", path, {"cards": ids[:1], "labels": {"add": [idea]}})
    changed = {"labels": {"add": [bug], "remove": [idea]}, "assignees": {"add": [str(alice.pk)]}}
    assert api("post", path, {"cards": ids, **changed}).status_code == 200
    for card in Card.objects.filter(pk__in=ids):
        assert (card.label_ids, card.assignee_ids) == ([bug], [str(alice.pk)])
    assert api("post", path, {"cards": ids, "labels": {"add": ["strange"]}}).status_code == 422
    assert Card.objects.get(pk=cards[4].pk).label_ids == []


def test_a_viewer_changes_none(board, cards):
    vera = User.objects.create_user("vera")
    Member.objects.create(board=board, user=vera, role="viewer")
    client = Client(headers={"authorization": f"Bearer {tokens.issue(vera, 'test')}"})
    for verb in ("edit", "move", "archive", "restore", "delete"):
        body = {"cards": [cards[0].pk], "column": "x"}
        path = f"/api/v1/boards/{board.pk}/cards/{verb}"
        assert client.post(path, body, content_type="application/json").status_code == 403
