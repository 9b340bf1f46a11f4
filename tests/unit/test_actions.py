"""The rules of boards, on the database the tests run on."""

import pytest
from django.contrib.auth.models import User

from boards import access, actions, editing, login, setup, tokens
from boards.models import Card
from engines.errors import InvalidInput, PolicyRejected
from sessions.models import Session, SessionEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def charlie():
    return User.objects.create_user("charlie")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


def column(board, role):
    return board.columns.get(role=role)


def titles(board, role):
    return [c.title for c in column(board, role).cards.all()]


def test_a_board_starts_with_a_column_of_each_role(board):
    assert [c.role for c in board.columns.all()] == ["backlog", "active", "done"]


def test_a_card_goes_where_it_is_put(board, alice):
    a, b, c = (actions.create_card(board, alice, title=t) for t in "abc")
    backlog = column(board, "backlog")
    assert titles(board, "backlog") == ["a", "b", "c"]
    actions.move_card(c, backlog, a, user=alice)
    assert titles(board, "backlog") == ["c", "a", "b"]
    actions.move_card(c, backlog, None, user=alice)
    assert titles(board, "backlog") == ["a", "b", "c"]
    actions.move_card(b, column(board, "done"), None, user=alice)
    assert (titles(board, "backlog"), titles(board, "done")) == (["a", "c"], ["b"])


def test_a_move_writes_one_card_and_counts_one_change(board, alice):
    cards = [actions.create_card(board, alice, title=str(n)) for n in range(5)]
    ranks = dict(Card.objects.values_list("pk", "rank"))
    board.refresh_from_db()
    before = board.version
    actions.move_card(cards[4], column(board, "backlog"), cards[1], user=alice)
    board.refresh_from_db()
    changed = [pk for pk, rank in Card.objects.values_list("pk", "rank") if ranks[pk] != rank]
    assert changed == [cards[4].pk]
    assert board.version == before + 1


def test_into_active_wants_the_session_and_out_of_it_does_not(board, alice):
    card = actions.create_card(board, alice, title="Fix login")
    assert Session.objects.get().desired == "stopped"
    actions.move_card(card, column(board, "active"), None, user=alice)
    session = Session.objects.get()
    assert (session.desired, session.state, session.status, session.name) == (
        "running",
        "preparing",
        "starting",
        "fix-login",
    )
    assert SessionEvent.objects.get().actor == "alice"
    actions.move_card(card, column(board, "done"), None, user=alice)
    session.refresh_from_db()
    assert (session.desired, session.status) == ("archived", "stopping")


def test_reordering_within_active_does_not_start_what_ended(board, alice):
    active = column(board, "active")
    one, two = (actions.create_card(board, alice, title=t, column=active) for t in ("one", "two"))
    Session.objects.filter(card=two).update(state="asleep", desired="stopped")
    actions.move_card(two, active, one, user=alice)
    assert Session.objects.get(card=two).desired == "stopped"


def test_sessions_of_equal_titles_get_different_names(board, alice):
    for _ in range(3):
        actions.create_card(board, alice, title="Same")
    assert sorted(Session.objects.values_list("name", flat=True)) == ["same", "same-2", "same-3"]


def test_a_title_changes_the_name_only_before_the_first_start(board, alice):
    card = actions.create_card(board, alice, title="Old")
    card = editing.edit_card(card, {"title": "New"})
    assert Session.objects.get().name == "new"
    actions.move_card(card, column(board, "active"), None, user=alice)
    editing.edit_card(card, {"title": "Newer"})
    assert Session.objects.get().name == "new"


def test_deleting_keeps_the_session_until_its_container_is_gone(board, alice):
    card = actions.create_card(board, alice, title="x")
    actions.delete_card(card, user=alice)
    assert not Card.objects.exists()
    assert Session.objects.get().desired == "deleted"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x00b"])
def test_it_rejects_bad_titles(board, alice, title):
    with pytest.raises(InvalidInput, match="title"):
        actions.create_card(board, alice, title=title)


def test_it_rejects_a_place_in_another_column_or_board(board, alice):
    other = actions.create_board("Other", alice)
    card, there = actions.create_card(board, alice, title="a"), actions.create_card(other, alice, title="b")
    with pytest.raises(InvalidInput, match="another board"):
        actions.move_card(card, column(other, "done"), None, user=alice)
    with pytest.raises(InvalidInput, match="before"):
        actions.move_card(card, column(board, "done"), there, user=alice)


def test_a_place_that_vanished_meanwhile_means_the_end(board, alice):
    a, b, _ = (actions.create_card(board, alice, title=t) for t in "abc")
    stale = Card.objects.get(pk=a.pk)
    actions.delete_card(a, user=alice)
    actions.move_card(b, column(board, "backlog"), stale, user=alice)
    assert titles(board, "backlog") == ["c", "b"]


def test_only_an_active_card_can_be_started(board, alice):
    card = actions.create_card(board, alice, title="a")
    with pytest.raises(PolicyRejected, match="active"):
        actions.start_card(card, user=alice)


def test_an_outsider_is_told_that_nothing_is_there(board, alice, charlie):
    card = actions.create_card(board, alice, title="a")
    for ask in (lambda: access.board_of(charlie, board.pk), lambda: access.card_of(charlie, card.pk)):
        with pytest.raises(access.NotFound):
            ask()
    assert list(access.boards_of(charlie)) == []


def test_setup_can_be_repeated(tmp_path):
    setup.prepare(tmp_path)
    token = (tmp_path / "owner-token").read_text()
    setup.prepare(tmp_path)
    assert (tmp_path / "owner-token").read_text() == token
    assert (tmp_path / "owner-token").stat().st_mode & 0o777 == 0o600
    assert tokens.user_of(token.strip()) == setup.owner()
    assert access.boards_of(setup.owner()).count() == 1


def test_a_lost_token_file_revokes_the_old_token(tmp_path):
    setup.prepare(tmp_path)
    old = (tmp_path / "owner-token").read_text().strip()
    (tmp_path / "owner-token").unlink()
    setup.prepare(tmp_path)
    assert tokens.user_of(old) is None


def test_a_login_link_works_once():
    secret = login.new_login_url().rsplit("/", 1)[1]
    assert login.redeem(secret) == setup.owner()
    assert login.redeem(secret) is None
    assert login.redeem("guess") is None
