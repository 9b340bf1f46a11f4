"""Secrets of boards and cards: who gets which, and what is refused."""

from __future__ import annotations

import pytest

from boards import actions, copies, secrets, setup
from boards.models import Secret
from engines.errors import InvalidInput, PolicyRejected
from sessions.sealing import unseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(alice):
    return alice.boards.get()


def of(card):
    return {row.name: (unseal(row.sealed), row.origin) for row in card.session.secrets.all()}


def test_a_cards_session_gets_its_boards_and_its_own_which_goes_first(board, alice):
    early = actions.create_card(board, alice, title="Early")
    secrets.put(board, "TOKEN", "of the board", user=alice)
    secrets.put(board, "OTHER", "too", user=alice)
    late = actions.create_card(board, alice, title="Late")
    secrets.put(late, "TOKEN", "its own", user=alice)
    assert of(early) == {"TOKEN": ("of the board", "board"), "OTHER": ("too", "board")}
    assert of(late) == {"TOKEN": ("its own", "card"), "OTHER": ("too", "board")}
    secrets.delete(late, "TOKEN", user=alice)
    assert of(late) == of(early)
    secrets.delete(board, "OTHER", user=alice)
    assert set(of(early)) == {"TOKEN"}


def test_a_copy_has_them_and_a_list_has_no_values(board, alice):
    card = actions.create_card(board, alice, title="First")
    secrets.put(card, "TOKEN", "its own", user=alice)
    secrets.put(board, "SHARED", "of the board", user=alice)
    made = copies.copy_card(card, user=alice)
    assert of(made) == of(card)
    listed = secrets.listed(made)
    assert [(each["name"], each["origin"]) for each in listed] == [("TOKEN", "card"), ("SHARED", "board")]
    assert "its own" not in str(listed)
    assert not Secret.objects.filter(sealed__contains="its own").exists()


@pytest.mark.parametrize("name", ["1ST", "A-B", "", "X" * 65, "VIBENV_TOKEN", "a=b", "ü"])
def test_a_name_that_no_variable_can_have_is_refused(board, alice, name):
    with pytest.raises(InvalidInput, match="name"):
        secrets.put(board, name, "value", user=alice)


@pytest.mark.parametrize("value", ["", "a\0b", "x" * (32 * 1024 + 1)])
def test_a_value_that_cannot_be_given_is_refused(board, alice, value):
    with pytest.raises(InvalidInput, match="value"):
        secrets.put(board, "NAME", value, user=alice)


def test_there_are_not_too_many(board, alice):
    for number in range(12):
        secrets.put(board, f"N{number}", "value", user=alice)
    with pytest.raises(PolicyRejected, match="Delete one"):
        secrets.put(board, "ONE_MORE", "value", user=alice)
    secrets.put(board, "N3", "anew", user=alice)
