"""The rules of columns and of whole boards, through the API and beneath it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import access, actions, columns, tokens
from boards.models import Board, Column
from engines.errors import InvalidInput, PolicyRejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def board(alice):
    return actions.create_board("Work", alice)


@pytest.fixture
def api(alice):
    """`api(method, path, body)` as Alice."""
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    return lambda method, path, body=None: getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json"
    )


def column(board, role):
    return board.columns.get(role=role)


def names(board):
    return [c.name for c in board.columns.all()]


def version(board):
    return Board.objects.values_list("version", flat=True).get(pk=board.pk)


def test_a_column_is_added_at_the_end_and_counts_one_change(board):
    before = version(board)
    made = columns.add(board, name=" Review ", role="done", wip_limit=3)
    assert names(board) == ["Backlog", "Active", "Done", "Review"]
    assert (made.role, made.wip_limit, version(board)) == ("done", 3, before + 1)


def test_a_column_goes_where_it_is_put_and_no_other_is_renumbered(board):
    ranks = dict(Column.objects.values_list("pk", "rank"))
    done = column(board, "done")
    columns.move(done, column(board, "backlog"))
    assert names(board) == ["Done", "Backlog", "Active"]
    columns.move(done, column(board, "active"))
    assert names(board) == ["Backlog", "Done", "Active"]
    changed = [pk for pk, rank in Column.objects.values_list("pk", "rank") if ranks[pk] != rank]
    assert changed == [done.pk]
    columns.move(done, None)
    assert names(board) == ["Backlog", "Active", "Done"]


def test_it_rejects_a_place_before_itself(board):
    with pytest.raises(InvalidInput, match="itself"):
        columns.move(column(board, "done"), column(board, "done"))


def test_only_an_empty_column_is_deleted(board, alice):
    card = actions.create_card(board, alice, title="a", column=column(board, "done"))
    with pytest.raises(PolicyRejected, match=r"still has 1 card\. Move or delete"):
        columns.delete(column(board, "done"))
    actions.delete_card(card, user=alice)
    columns.delete(column(board, "done"))
    assert names(board) == ["Backlog", "Active"]


def test_a_board_keeps_a_column_to_run_in_and_one_to_rest_in(board):
    with pytest.raises(PolicyRejected, match="only active column"):
        columns.delete(column(board, "active"))
    with pytest.raises(PolicyRejected, match="only active column"):
        columns.change_role(column(board, "active"), "done")
    columns.delete(column(board, "done"))
    with pytest.raises(PolicyRejected, match="only column that is not active"):
        columns.delete(column(board, "backlog"))
    with pytest.raises(PolicyRejected, match="only column that is not active"):
        columns.change_role(column(board, "backlog"), "active")


def test_a_role_never_changes_what_runs(board, alice):
    actions.create_card(board, alice, title="a")
    with pytest.raises(PolicyRejected, match="would start 1 card at once"):
        columns.change_role(column(board, "backlog"), "active")
    assert columns.change_role(column(board, "backlog"), "done").role == "done"


def test_a_move_over_the_limit_is_refused_and_changes_nothing(board, alice):
    active = columns.limit(column(board, "active"), 1)
    one = actions.create_card(board, alice, title="one", column=active)
    two = actions.create_card(board, alice, title="two")
    before = version(board)
    with pytest.raises(PolicyRejected, match="“Active” is limited to 1 card and has 1"):
        actions.move_card(two, active, None, user=alice)
    with pytest.raises(PolicyRejected, match="limited"):
        actions.create_card(board, alice, title="three", column=active)
    two.refresh_from_db()
    assert (two.column_id, two.session.desired, version(board)) == (column(board, "backlog").pk, "stopped", before)
    actions.move_card(one, active, None, user=alice)  # within a full column there is nothing to refuse
    actions.move_card(one, column(board, "done"), None, user=alice)
    assert actions.move_card(two, active, None, user=alice).column_id == active.pk


def test_a_limit_below_what_is_there_leaves_it_there(board, alice):
    for title in "ab":
        actions.create_card(board, alice, title=title)
    backlog = columns.limit(column(board, "backlog"), 1)
    assert backlog.cards.count() == 2


@pytest.mark.parametrize("wrong", [0, -1, 1000])
def test_it_rejects_limits_without_sense(board, wrong):
    with pytest.raises(InvalidInput, match="wip_limit"):
        columns.limit(column(board, "done"), wrong)


def test_a_card_for_a_column_that_vanished_is_told_so(board, alice):
    stale = Column.objects.get(pk=column(board, "done").pk)
    card = actions.create_card(board, alice, title="a")
    columns.delete(column(board, "done"))
    with pytest.raises(access.NotFound, match="deleted meanwhile"):
        actions.move_card(card, stale, None, user=alice)


def test_the_api_of_columns(board, api):
    made = api("post", f"/boards/{board.pk}/columns", {"name": "Review", "role": "done", "wip_limit": 2})
    review = made.json()
    assert made.status_code == 201
    assert review == {"id": review["id"], "name": "Review", "role": "done", "wip_limit": 2, "cards": []}
    path = f"/columns/{review['id']}"
    assert api("patch", path, {"name": "Look at"}).json()["wip_limit"] == 2
    assert api("patch", path, {"wip_limit": None}).json() == {**review, "name": "Look at", "wip_limit": None}
    first = api("get", f"/boards/{board.pk}").json()["columns"][0]["id"]
    assert api("post", f"{path}/move", {"before": first}).status_code == 200
    assert names(board) == ["Look at", "Backlog", "Active", "Done"]
    assert api("patch", path, {"role": "nonsense"}).status_code == 422
    assert api("delete", path).status_code == 204
    assert api("delete", path).status_code == 404


def test_a_change_refused_in_part_is_refused_whole(board, api):
    answer = api("patch", f"/columns/{column(board, 'active').pk}", {"role": "done", "name": "Changed"})
    assert answer.status_code == 409
    answer = api("patch", f"/columns/{column(board, 'done').pk}", {"name": "Changed", "wip_limit": 0})
    assert answer.status_code == 422
    assert names(board) == ["Backlog", "Active", "Done"]


def test_an_outsider_finds_no_column(board, client):
    charlie = User.objects.create_user("charlie")
    headers = {"authorization": f"Bearer {tokens.issue(charlie, 'test')}"}
    done = column(board, "done").pk
    tries = [
        ("post", f"/boards/{board.pk}/columns", {"name": "x", "role": "done"}),
        ("patch", f"/columns/{done}", {"name": "x"}),
        ("post", f"/columns/{done}/move", {}),
        ("delete", f"/columns/{done}", None),
        ("patch", f"/boards/{board.pk}", {"name": "x"}),
        ("delete", f"/boards/{board.pk}", None),
    ]
    for method, path, body in tries:
        answer = getattr(client, method)(f"/api/v1{path}", body, content_type="application/json", headers=headers)
        assert answer.status_code == 404, (method, path)
    assert names(board) == ["Backlog", "Active", "Done"]


def test_a_board_is_renamed(board, api):
    assert api("patch", f"/boards/{board.pk}", {"name": "Play"}).json()["name"] == "Play"
    assert api("patch", f"/boards/{board.pk}", {"name": " "}).status_code == 422


def test_only_an_empty_board_that_is_not_the_last_is_deleted(board, alice, api):
    card = actions.create_card(board, alice, title="a")
    refused = api("delete", f"/boards/{board.pk}")
    assert (refused.status_code, "still has 1 card" in refused.json()["detail"]) == (409, True)
    actions.delete_card(card, user=alice)
    assert "only board" in api("delete", f"/boards/{board.pk}").json()["detail"]
    actions.create_board("Other", alice)
    assert api("delete", f"/boards/{board.pk}").status_code == 204
    assert api("get", f"/boards/{board.pk}").status_code == 404
