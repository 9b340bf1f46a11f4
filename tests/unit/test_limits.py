"""Rate limits: what is refused, how it is told, and that nothing depends on Redis for it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from limits import RateLimitItemPerHour

from boards import actions, limits, setup, tokens

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_anew(settings):
    """No Redis answers in unit tests: they count in this process."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    limits._own.cache_clear()
    yield
    limits._own.cache_clear()


def few(monkeypatch, name, tries=2):
    monkeypatch.setattr(limits, name, RateLimitItemPerHour(tries, 1, name))


def guess(username, words="wrong"):
    return Client().post("/login/", {"username": username, "password": words})


def assert_told(answer):
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600


def test_passwords_of_one_person_cannot_be_tried_for_ever(monkeypatch):
    few(monkeypatch, "LOGIN_NAME")
    assert [guess("ada").status_code for _ in range(2)] == [403, 403]
    refused = guess("ADA")
    assert_told(refused)
    assert "Try again in" in refused.content.decode()
    assert guess("grace").status_code == 403


def test_the_right_password_forgets_the_wrong_ones(monkeypatch):
    few(monkeypatch, "LOGIN_NAME", 3)
    User.objects.create_user("ada", password="correct horse battery")
    for _ in range(3):
        assert guess("ada").status_code == 403
        assert guess("ada", "correct horse battery").status_code == 302


def test_one_address_cannot_try_everybody(monkeypatch):
    few(monkeypatch, "LOGIN_ADDRESS")
    assert [guess(f"person{n}").status_code for n in range(3)] == [403, 403, 429]


@pytest.mark.parametrize("path", ["/login/guessed", "/s/guessed", "/i/guessed"])
def test_links_cannot_be_guessed_for_ever(monkeypatch, client, path):
    few(monkeypatch, "WRONG_SECRET")
    assert {client.get(path).status_code for _ in range(2)} <= {403, 404}
    assert_told(client.get(path))


def test_the_api_tells_it_as_a_problem(monkeypatch, tmp_path):
    few(monkeypatch, "NEW_LINK", 1)
    few(monkeypatch, "NEW_INVITE", 1)
    setup.prepare(tmp_path)
    owner = setup.owner()
    card = actions.create_card(owner.boards.get(), owner, title="Shared")
    api = Client(headers={"authorization": f"Bearer {tokens.issue(owner, 'test')}"})
    for path, role in ((f"cards/{card.pk}/links", "watch"), (f"boards/{card.board_id}/invites", "viewer")):
        answers = [api.post(f"/api/v1/{path}", {"role": role}, content_type="application/json") for _ in range(2)]
        assert answers[0].status_code == 201
        assert_told(answers[1])
        assert answers[1]["Content-Type"] == "application/problem+json"


def test_people_who_do_nothing_odd_never_meet_a_limit(tmp_path):
    setup.prepare(tmp_path)
    User.objects.create_user("ada", password="correct horse battery")
    assert {guess("ada", "correct horse battery").status_code for _ in range(25)} == {302}
