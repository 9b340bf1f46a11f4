"""Lists in parts, by the API: nothing twice, nothing left out, whatever comes and goes meanwhile."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from boards import actions, archive, comments, labels, questions, setup, tokens
from boards.models import Card
from sessions import history
from sessions.models import Snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(owner):
    return actions.create_board("Many", owner)


@pytest.fixture
def client(owner):
    return Client(headers={"authorization": f"Bearer {tokens.issue(owner, 'test')}"})


def fill(board, owner, count=7):
    return [actions.create_card(board, owner, title=f"card {n}") for n in range(count)]


def next_of(answer):
    found = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("Link", ""))
    return found[1] if found else None


def walk(client, path, between=lambda: None):
    """All parts of a list, by their links."""
    parts, address = [], f"/api/v1{path}"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        parts.append(answer.json())
        address = next_of(answer)
        between()
    return parts


def test_parts_together_are_the_whole_list(client, board, owner):
    fill(board, owner)
    parts = walk(client, f"/boards/{board.pk}/cards?limit=3")
    assert [[card["title"] for card in part] for part in parts] == [
        ["card 0", "card 1", "card 2"],
        ["card 3", "card 4", "card 5"],
        ["card 6"],
    ]


def test_a_list_that_ends_with_its_part_leads_no_further(client, board, owner):
    fill(board, owner, 3)
    assert len(walk(client, f"/boards/{board.pk}/cards?limit=3")) == 1


def test_what_comes_and_goes_meanwhile_shifts_nothing(client, board, owner):
    cards = fill(board, owner)
    first = board.columns.first()

    def change():
        actions.create_card(board, owner, title="new", column=first, before=Card.objects.get(pk=cards[0].pk))
        if Card.objects.filter(pk=cards[1].pk).exists():
            actions.delete_card(Card.objects.select_related("session").get(pk=cards[1].pk), user=owner)

    parts = walk(client, f"/boards/{board.pk}/cards?limit=2", change)
    titles = [card["title"] for part in parts for card in part]
    assert titles == [f"card {n}" for n in range(7)]


def test_cards_are_found_by_column_label_state_and_text(client, board, owner):
    cards = fill(board, owner)
    label = labels.create(board, name="Bug")
    Card.objects.filter(pk=cards[5].pk).update(label_ids=[label.pk], description="the Needle")
    active = board.columns.get(role="active")
    actions.move_card(cards[2], active, None, user=owner)

    def found(query):
        return [card["title"] for part in walk(client, f"/boards/{board.pk}/cards?{query}") for card in part]

    assert found("column=active") == found(f"column={active.pk}") == found("column=ACTIVE") == ["card 2"]
    assert found("status=starting") == ["card 2"]
    assert found("status=new&limit=2") == ["card 0", "card 1", "card 3", "card 4", "card 5", "card 6"]
    assert found("label=bug") == found(f"label={label.pk}") == ["card 5"]
    assert found("q=needle") == ["card 5"]
    assert found("q=card 1&column=active") == []
    assert client.get(f"/api/v1/boards/{board.pk}/cards?column=none").status_code == 404
    assert client.get(f"/api/v1/boards/{board.pk}/cards?label=none").status_code == 404


def test_other_lists_come_in_parts_too_and_whole_without_a_limit(client, board, owner):
    cards = fill(board, owner, 5)
    active = board.columns.get(role="active")
    for card in cards[:3]:
        actions.move_card(card, active, None, user=owner)
        archive.archive(card, user=owner)
        Snapshot.objects.create(session=cards[0].session, kind="asked", author="owner", state="ready")
        tokens.issue(owner, "another")
        comments.add(cards[0], owner, "words")
        questions.ask(cards[0], f"{cards.index(card)}?", asked_by="an agent")
        history.record(cards[0].session_id, "warning", actor="vibenv")
    pages = {
        f"/boards/{board.pk}/archive": 3,
        f"/cards/{cards[0].pk}/snapshots": 3,
        "/tokens": 5,
        "/boards": 2,
    }
    for path, count in pages.items():
        whole = client.get(f"/api/v1{path}").json()
        parts = walk(client, f"{path}?limit=1")
        assert [each for part in parts for each in part] == whole, path
        assert len(parts) == len(whole) == count, path
    sessions = walk(client, "/sessions?limit=2")
    assert [len(part["sessions"]) for part in sessions] == [2, 1]
    said = walk(client, f"/cards/{cards[0].pk}/comments?limit=2")
    assert [len(part) for part in said] == [2, 1]
    asked = walk(client, f"/cards/{cards[0].pk}/questions?limit=2")
    assert [question["text"] for part in asked for question in part] == ["1?", "2?", "0?"]
    happened = walk(client, f"/cards/{cards[0].pk}/history?limit=1")
    assert len({part[0]["id"] for part in happened if part}) >= 3


@pytest.mark.parametrize("query", ["after=nonsense", "after=WzFd", "after=!!", "limit=0", "limit=201"])
def test_a_place_that_is_none_is_refused(client, board, query):
    answer = client.get(f"/api/v1/boards/{board.pk}/cards?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["detail"]
