"""Oneself: profile, password, and the browsers that are logged in."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import actions, login_sessions, tasks, tokens
from boards.browsers import browser_words
from boards.models import Board, LoginSession

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada():
    return User.objects.create_user("ada", password=PASSWORD, first_name="Ada Lovelace")


def logged_in(user, agent=FIREFOX):
    client = Client(headers={"user-agent": agent})
    client.post("/login/", {"username": user.username, "password": PASSWORD})
    assert client.get("/api/v1/me").status_code == 200
    return client


def patch(client, **fields):
    return client.patch("/api/v1/me", fields, content_type="application/json")


def set_password(client, current, new="a new and longer one"):
    return client.post("/api/v1/me/password", {"current": current, "new": new}, content_type="application/json")


def logins(client):
    return client.get("/api/v1/me/logins").json()


# profile ------------------------------------------------------------------------------------------------
def test_name_initials_and_colour_are_ones_own_choice(ada):
    me = patch(logged_in(ada), name="Countess  Ada", initials="cal", colour="pink").json()
    assert me == {
        "id": str(ada.pk),
        "name": "Countess Ada",
        "initials": "CAL",
        "colour": "pink",
        "username": "ada",
        "has_password": True,
    }


def test_initials_follow_the_name_until_they_are_chosen(ada):
    client = logged_in(ada)
    assert patch(client, colour="red").json()["initials"] == "AL"
    assert patch(client, name="Grace Hopper").json()["initials"] == "GH"
    assert patch(client, initials="X").json()["initials"] == "X"
    assert patch(client, initials="").json()["initials"] == "GH"


@pytest.mark.parametrize(
    "fields", [{"name": " "}, {"name": "x" * 41}, {"initials": "ABCD"}, {"initials": "A B"}, {"colour": "mauve"}]
)
def test_what_others_could_not_read_is_refused(ada, fields):
    answer = patch(logged_in(ada), **fields)
    assert answer.status_code == 422
    assert next(iter(fields)) in answer.json()["detail"]


def test_the_boards_of_a_person_hear_of_the_change(ada):
    board = actions.create_board("Mine", ada)
    before = Board.objects.get(pk=board.pk).version
    patch(logged_in(ada), colour="red")
    assert Board.objects.get(pk=board.pk).version == before + 1


# password -----------------------------------------------------------------------------------------------
def test_a_password_is_changed_with_the_present_one_only(ada):
    client = logged_in(ada)
    assert set_password(client, "a wrong one").status_code == 409
    assert set_password(client, PASSWORD).status_code == 204
    assert Client().post("/login/", {"username": "ada", "password": PASSWORD}).status_code == 403
    assert Client().post("/login/", {"username": "ada", "password": "a new and longer one"}).status_code == 302


def test_who_has_no_password_yet_sets_one(ada):
    ada.set_unusable_password()
    ada.save()
    client = Client()
    client.force_login(ada)
    assert client.get("/api/v1/me").json()["has_password"] is False
    assert set_password(client, "").status_code == 204
    assert client.get("/api/v1/me").json()["has_password"] is True


@pytest.mark.parametrize("weak", ["short", "1234567890", "adalovelace"])
def test_a_weak_password_is_refused_with_the_reason(ada, weak):
    answer = set_password(logged_in(ada), PASSWORD, weak)
    assert answer.status_code == 422
    assert "password" in answer.json()["detail"]


def test_a_new_password_keeps_this_login_under_another_key_and_ends_the_others(ada):
    here, there = logged_in(ada), logged_in(ada)
    before = here.cookies["vibenv_session"].value
    set_password(here, PASSWORD)
    assert here.cookies["vibenv_session"].value != before
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    assert len(logins(here)) == 1


# logins -------------------------------------------------------------------------------------------------
def test_a_login_is_listed_with_its_browser_and_address(ada):
    logged_in(ada, IPHONE)
    here = logged_in(ada)
    [mine] = [each for each in logins(here) if each["current"]]
    [other] = [each for each in logins(here) if not each["current"]]
    assert (mine["browser"], mine["address"], other["browser"]) == ("Firefox on Linux", "127.0.0.1", "Safari on iPhone")


def test_what_is_stored_and_told_of_a_login_lets_nobody_in(ada):
    here = logged_in(ada)
    key = here.cookies["vibenv_session"].value
    row = LoginSession.objects.get(user=ada)
    assert key not in str(LoginSession.objects.values())
    for told in (row.session_key, logins(here)[0]["id"]):
        thief = Client()
        thief.cookies["vibenv_session"] = told
        assert thief.get("/api/v1/me").status_code == 401


def test_a_revoked_login_is_logged_out(ada):
    here, there = logged_in(ada), logged_in(ada)
    [other] = [each["id"] for each in logins(here) if not each["current"]]
    assert here.delete(f"/api/v1/me/logins/{other}").status_code == 204
    assert there.get("/api/v1/me").status_code == 401
    assert here.get("/api/v1/me").status_code == 200
    assert here.delete(f"/api/v1/me/logins/{other}").status_code == 404


def test_all_others_are_logged_out_at_once(ada):
    here, there, elsewhere = logged_in(ada), logged_in(ada), logged_in(ada)
    assert here.delete("/api/v1/me/logins").status_code == 204
    assert [c.get("/api/v1/me").status_code for c in (here, there, elsewhere)] == [200, 401, 401]


def test_nobody_ends_the_login_of_another(ada):
    logged_in(ada)
    [login] = LoginSession.objects.filter(user=ada)
    api = Client(headers={"authorization": f"Bearer {tokens.issue(User.objects.create_user('eve'), 't')}"})
    for guess in (login_sessions.public_id(login.session_key), login.session_key, "", "%", login.session_key[:1]):
        assert api.delete(f"/api/v1/me/logins/{guess or 'x'}").status_code == 404
    assert LoginSession.objects.filter(user=ada).exists()


def test_logging_out_ends_the_login(ada):
    client = logged_in(ada)
    assert client.post("/logout/")["Location"] == "/login/"
    assert not LoginSession.objects.filter(user=ada).exists()
    assert client.get("/api/v1/me").status_code == 401


def test_when_it_was_last_seen_is_written_now_and_then(ada):
    client = logged_in(ada)
    long_ago = timezone.now() - timedelta(hours=1)
    LoginSession.objects.update(seen_at=long_ago)
    client.get("/api/v1/me")
    seen = LoginSession.objects.get(user=ada).seen_at
    assert seen > long_ago
    client.get("/api/v1/me")
    assert LoginSession.objects.get(user=ada).seen_at == seen


def test_expired_logins_are_forgotten(ada):
    client = logged_in(ada)
    LoginSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/me").status_code == 401
    tasks.forget_expired_logins()
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36", "Chromium on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_said_in_words(agent, words):
    assert browser_words(agent) == words
