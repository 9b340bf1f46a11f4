"""What others could try with a person's browser: frames, sessions prepared in advance, links that lead elsewhere."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from boards import actions, invites, links, login, setup
from boards.models import LoginSession

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example/",
    "\\\\elsewhere.example",
    "javascript:alert(1)",
    "http:///elsewhere.example",
    " //elsewhere.example",
    "/\t/elsewhere.example",
]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def ada():
    return User.objects.create_user("ada", password=PASSWORD)


def log_in(client, **more):
    return client.post("/login/", {"username": "ada", "password": PASSWORD, **more})


def test_no_page_can_be_framed(client, owner):
    board = owner.boards.get()
    card = actions.create_card(board, owner, title="Framed")
    _, link = links.create(card, owner, role="watch", expires_in_s=60)
    _, invite = invites.create(board, owner, role="viewer", expires_in_s=60)
    strangers = ["/login/", "/login/guessed", f"/s/{link}", "/s/guessed", f"/i/{invite}", "/i/guessed", "/nothing"]
    for path in strangers:
        assert_unframed(client.get(path), path)
    client.force_login(owner)
    for path in (f"/b/{board.pk}", f"/b/{board.pk}/wall", f"/c/{card.pk}", f"/i/{invite}", "/b/none", "/api/v1/docs"):
        assert_unframed(client.get(path), path)


def assert_unframed(answer, path):
    assert answer["X-Frame-Options"] == "DENY", path
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


# session fixation ---------------------------------------------------------------------------------------
def prepared():
    """A browser whose session somebody else knows the key of."""
    client = Client()
    client.get("/login/?next=/b/x")
    return client, client.cookies["vibenv_session"].value


def assert_rotated(client, known):
    assert client.cookies["vibenv_session"].value != known
    thief = Client()
    thief.cookies["vibenv_session"] = known
    assert thief.get("/api/v1/me").status_code == 401


def test_a_login_by_password_changes_the_key(ada):
    client, known = prepared()
    log_in(client)
    assert client.get("/api/v1/me").json()["username"] == "ada"
    assert_rotated(client, known)


def test_a_login_by_link_changes_the_key(owner):
    client, known = prepared()
    client.get("/login/" + login.new_login_url().rsplit("/", 1)[1])
    assert client.get("/api/v1/me").json()["username"] == "owner"
    assert_rotated(client, known)


def test_joining_by_an_invite_changes_the_key(owner):
    client, known = prepared()
    _, secret = invites.create(owner.boards.get(), owner, role="viewer", expires_in_s=60)
    client.post(f"/i/{secret}", {"name": "Eve", "username": "eve", "password": PASSWORD})
    assert client.get("/api/v1/me").json()["username"] == "eve"
    assert_rotated(client, known)


def test_a_made_up_key_is_never_taken_over():
    client = Client()
    client.cookies["vibenv_session"] = "0123456789abcdefghijklmnopqrstuv"
    client.get("/login/?next=/b/x")
    assert client.cookies["vibenv_session"].value != "0123456789abcdefghijklmnopqrstuv"
    assert not LoginSession.objects.filter(session_key__startswith="0123").exists()


# open redirects -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_login_leads_to_no_other_site(ada, address):
    for answer in (log_in(Client(), next=address), Client().post("/logout/?" + f"next={address}")):
        assert answer["Location"] in {"/", "/login/"}
    client = Client()
    client.get("/login/", {"next": address})
    assert log_in(client)["Location"] == "/"
    assert client.get("/login/", {"next": address})["Location"] == "/"


def test_a_login_leads_back_to_where_one_wanted_to_go(ada, owner):
    assert log_in(Client(), next="/b/x?label=red")["Location"] == "/b/x?label=red"
    client = Client()
    client.get("/login/", {"next": "/c/x"})
    assert client.get("/login/" + login.new_login_url().rsplit("/", 1)[1])["Location"] == "/c/x"


# the form -----------------------------------------------------------------------------------------------
def test_a_wrong_name_and_a_wrong_password_are_told_the_same(ada):
    wrong = Client().post("/login/", {"username": "ada", "password": "wrong"})
    unknown = Client().post("/login/", {"username": "nobody", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.content.decode().replace("ada", "").count("is wrong") == 1
    assert unknown.content.decode().count("is wrong") == 1


def test_the_owner_has_no_password_until_one_is_set(owner):
    for guess in ("", "owner", "!"):
        assert Client().post("/login/", {"username": "owner", "password": guess}).status_code == 403


def test_a_form_of_another_site_logs_nobody_in_or_out(ada):
    client = Client(enforce_csrf_checks=True)
    refused = log_in(client)
    assert refused.status_code == 403
    assert "Load its page again" in refused.content.decode()
    client.force_login(ada)
    assert client.post("/logout/").status_code == 403
    assert client.get("/logout/").status_code == 405
    assert client.get("/api/v1/me").status_code == 200
