"""What a token's WebSockets get: its card or board alone, to type in where it may type, as an agent or a person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from boards import actions, setup, tokens
from boards.access import NotFound
from boards.sockets import BoardAccess, ScreensAccess, TerminalAccess

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
    return actions.create_card(board, owner, title="Mine")


def by_token(owner, **scope) -> User:
    user = tokens.user_of(tokens.issue(owner, "robot", **scope))
    assert user is not None
    return user


def terminal(user, card, query=""):
    scope = {"url_route": {"kwargs": {"card_id": card.pk}}, "headers": [], "query_string": query.encode()}
    return TerminalAccess(None).resolve(user, scope).what.participant


def test_a_cards_token_gets_its_terminal_and_no_other(owner, board, card):
    user = by_token(owner, card=card)
    assert terminal(user, card)["role"] == "type"
    with pytest.raises(NotFound):
        terminal(user, actions.create_card(board, owner, title="Another"))
    for access in (BoardAccess, ScreensAccess):
        with pytest.raises(NotFound):
            access(None).resolve(user, {"url_route": {"kwargs": {"board_id": board.pk}}})


def test_a_token_that_may_not_type_watches(owner, card):
    assert terminal(by_token(owner, verbs=["look"]), card)["role"] == "watch"
    assert terminal(by_token(owner, verbs=["look", "type"]), card)["role"] == "type"


def test_who_came_by_a_token_is_an_agent_but_for_a_person_at_a_command_line(owner, card):
    seen = {
        "a person's": terminal(by_token(owner), card),
        "a person's, at a terminal": terminal(by_token(owner), card, "as=human"),
        "a command line's": terminal(by_token(owner, kind="cli"), card),
        "an agent's": terminal(by_token(owner, kind="agent"), card),
        "an agent's that says otherwise": terminal(by_token(owner, kind="agent"), card, "as=human"),
    }
    assert {whose: (who["kind"], who["name"]) for whose, who in seen.items()} == {
        "a person's": ("agent", "owner\u2019s program"),
        "a person's, at a terminal": ("human", "owner"),
        "a command line's": ("human", "owner"),
        "an agent's": ("agent", "robot"),
        "an agent's that says otherwise": ("agent", "robot"),
    }
