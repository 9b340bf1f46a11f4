"""Pages and API through Django's test client: who gets in, and what bad input is told."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, login, members, setup, tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(owner):
    return owner.boards.get()


def bearer(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


def test_a_stranger_is_shown_how_to_log_in(client, board):
    for address in ("/", f"/b/{board.pk}", f"/b/{board.pk}/wall", "/c/x"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")
    assert client.get("/login/").status_code == 200


def test_who_has_no_board_makes_one(client):
    client.force_login(User.objects.create_user("charlie"))
    assert "No board yet" in client.get("/").content.decode()
    assert "Its name is empty" in client.post("/", {"name": " "}).content.decode()
    made = client.post("/", {"name": "Mine"})
    assert "Mine" in client.get(made["Location"]).content.decode()
    assert client.get("/")["Location"] == made["Location"]


def test_the_first_paint_of_a_viewer_offers_no_more_than_the_page_will(client, board, owner):
    viewer = User.objects.create_user("vera")
    members.add(board, viewer, members.Role.VIEWER)
    for user, looks in ((owner, False), (viewer, True)):
        client.force_login(user)
        page = client.get(f"/b/{board.pk}").content.decode()
        assert ("You can look at this board" in page) is looks
        assert ("Add a card" in page) is not looks


def test_a_login_link_opens_the_board(client, board):
    answer = client.get("/login/" + login.new_login_url().rsplit("/", 1)[1], follow=True)
    assert answer.redirect_chain[-1][0] == f"/b/{board.pk}"
    assert answer.status_code == 200
    assert "vibenv-state" in answer.content.decode()


def test_a_used_link_says_so(client, owner):
    path = "/login/" + login.new_login_url().rsplit("/", 1)[1]
    client.get(path)
    answer = Client().get(path)
    assert answer.status_code == 403
    assert "used already" in answer.content.decode()


def test_pages_forbid_foreign_scripts_and_frames(client):
    answer = client.get("/login/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_wall_is_a_page_of_the_board_for_its_members_only(client, board, owner):
    client.force_login(owner)
    assert b"/static/wall" in client.get(f"/b/{board.pk}/wall").content
    client.force_login(User.objects.create_user("charlie"))
    assert client.get(f"/b/{board.pk}/wall").status_code == 404


def test_hostile_titles_cannot_leave_the_state(client, board, owner):
    actions.create_card(board, owner, title="</script><script>alert(1)</script>")
    client.force_login(owner)
    page = client.get(f"/b/{board.pk}").content.decode()
    assert "<script>alert(1)" not in page


def test_the_api_wants_a_token(client, board):
    answer = client.get("/api/v1/boards")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert Client(headers={"authorization": "Bearer guess"}).get("/api/v1/boards").status_code == 401


def test_a_cookie_alone_cannot_write(board, owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    answer = client.post(f"/api/v1/boards/{board.pk}/cards", {"title": "x"}, content_type="application/json")
    assert answer.status_code == 403
    client.get(f"/b/{board.pk}")
    token = client.cookies["csrftoken"].value
    answer = client.post(
        f"/api/v1/boards/{board.pk}/cards",
        {"title": "x"},
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert answer.status_code == 201


def test_an_outsider_finds_nothing(board, owner):
    card = actions.create_card(board, owner, title="secret")
    charlie = bearer(User.objects.create_user("charlie"))
    assert charlie.get("/api/v1/boards").json() == []
    tries = [
        ("get", f"/boards/{board.pk}", None),
        ("post", f"/boards/{board.pk}/cards", {"title": "x"}),
        ("get", f"/cards/{card.pk}", None),
        ("patch", f"/cards/{card.pk}", {"title": "x"}),
        ("delete", f"/cards/{card.pk}", None),
        ("post", f"/cards/{card.pk}/move", {"column": card.column_id}),
        ("post", f"/cards/{card.pk}/start", None),
        ("get", f"/cards/{card.pk}/log", None),
    ]
    for method, path, body in tries:
        answer = getattr(charlie, method)(f"/api/v1{path}", body, content_type="application/json")
        assert answer.status_code == 404, (method, path)


def test_a_card_is_what_the_api_promises(board, owner):
    client = bearer(owner)
    made = client.post(
        f"/api/v1/boards/{board.pk}/cards", {"title": "Fix login", "description": "d"}, content_type="application/json"
    )
    card = made.json()
    assert (made.status_code, card["session"], card["url"]) == (201, None, f"/c/{card['id']}")
    active = next(c["id"] for c in client.get(f"/api/v1/boards/{board.pk}").json()["columns"] if c["role"] == "active")
    moved = client.post(f"/api/v1/cards/{card['id']}/move", {"column": active}, content_type="application/json")
    session = moved.json()["session"]
    assert moved.status_code == 202
    assert (session["status"], session["container"]) == ("starting", "vibenv-fix-login")
    assert [s["name"] for s in session["steps"]] == ["queued"]
    assert session["terminal_url"].startswith("ws://")
    assert session["terminal_url"].endswith(f"/ws/cards/{card['id']}/terminal")


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        ("/cards", {"title": ""}, "title"),
        ("/cards", {}, "title"),
        ("/cards", {"title": "x" * 300}, "title"),
        ("/cards", {"title": 5}, "title"),
    ],
)
def test_bad_input_names_the_field(board, owner, path, body, names):
    answer = bearer(owner).post(f"/api/v1/boards/{board.pk}{path}", body, content_type="application/json")
    assert answer.status_code == 422
    assert names in answer.json()["detail"]


def test_the_openapi_document_names_every_path(board, owner):
    document = bearer(owner).get("/api/v1/openapi.json").json()
    for path in (
        "/boards",
        "/boards/{board_id}",
        "/boards/{board_id}/cards",
        "/cards/{card_id}",
        "/cards/{card_id}/move",
    ):
        assert f"/api/v1{path}" in document["paths"]
    assert json.dumps(document)


def test_opening_a_board_takes_the_same_queries_whatever_its_size(board, owner, django_assert_num_queries):
    client = bearer(owner)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/api/v1/boards/{board.pk}").status_code == 200
        return len(seen)

    queries()  # the first call also notes when the token was used last
    few = queries()
    for n in range(30):
        actions.create_card(board, owner, title=f"card {n}")
    assert queries() == few


def test_logging_in_leads_to_where_the_person_wanted_to_go(client, board, owner):
    card = actions.create_card(board, owner, title="wanted")
    client.get(client.get(f"/c/{card.pk}")["Location"])
    answer = client.get("/login/" + login.new_login_url().rsplit("/", 1)[1])
    assert answer["Location"] == f"/c/{card.pk}"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_logging_in_never_leads_elsewhere(client, board, elsewhere):
    client.get("/login/", {"next": elsewhere})
    answer = client.get("/login/" + login.new_login_url().rsplit("/", 1)[1])
    assert answer["Location"] == "/"


def test_a_move_takes_few_queries_and_its_answer_none(board, owner, django_assert_max_num_queries):
    card, done = actions.create_card(board, owner, title="card"), board.columns.get(role="done")
    client = bearer(owner)
    with django_assert_max_num_queries(14):  # on PostgreSQL one of them locks the board
        moved = client.post(f"/api/v1/cards/{card.pk}/move", {"column": done.pk}, content_type="application/json")
    board.refresh_from_db()
    assert (moved.json()["column"], moved.json()["version"]) == (done.pk, board.version)


def test_a_start_is_answered_with_the_session_as_it_then_is(board, owner):
    card, active = actions.create_card(board, owner, title="card"), board.columns.get(role="active")
    path = f"/api/v1/cards/{card.pk}/move"
    moved = bearer(owner).post(path, {"column": active.pk}, content_type="application/json").json()
    assert (moved["session"]["desired"], moved["session"]["status"]) == ("running", "starting")
    assert [step["name"] for step in moved["session"]["steps"]] == ["queued"]
