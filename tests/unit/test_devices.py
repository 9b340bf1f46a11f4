"""A command line logs in: a code on its screen, a yes or no in a browser, and a token once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards import limits, setup
from boards.models import ApiToken, DeviceLogin
from boards.tasks import forget_expired_logins

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def browser(owner):
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(limits, "_shared", limits._own)
    limits._own.cache_clear()


def begin(name="vibenv on laptop"):
    answer = Client().post("/api/v1/device", {"name": name}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def fetch(login):
    return Client().post("/api/v1/device/token", {"device_code": login["device_code"]}, content_type="application/json")


def decide(browser, login, answer):
    return browser.post("/device", {"code": login["user_code"], "answer": answer})


def test_a_command_line_gets_a_token_once_after_a_yes(browser, owner):
    login = begin()
    assert fetch(login).status_code == 202
    page = browser.get(login["verification_url_complete"].removeprefix("http://127.0.0.1:8000"))
    for shown in ("vibenv on laptop", "127.0.0.1", login["user_code"]):
        assert shown in page.content.decode()
    assert "It is logged in" in decide(browser, login, "yes").content.decode()
    got = fetch(login)
    assert (got.status_code, got.json()["user"]["name"]) == (200, "owner")
    with_it = Client(headers={"authorization": f"Bearer {got.json()['token']}"})
    assert with_it.get("/api/v1/me").status_code == 200
    token = ApiToken.objects.get(name="vibenv on laptop")
    assert (token.kind, token.user) == ("cli", owner)
    assert fetch(login).status_code == 410


def test_a_no_gives_nothing(browser):
    login = begin()
    decide(browser, login, "no")
    assert fetch(login).status_code == 403
    assert decide(browser, login, "yes").status_code == 404
    assert fetch(login).status_code == 403


def test_a_code_may_be_typed_as_one_likes_and_works_ten_minutes(browser):
    login = begin()
    code = login["user_code"].replace("-", " ").lower()
    assert "vibenv on laptop" in browser.get("/device", {"code": code}).content.decode()
    DeviceLogin.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.get("/device", {"code": code}).status_code == 404
    assert fetch(login).status_code == 410
    forget_expired_logins()
    assert not DeviceLogin.objects.exists()


def test_whoever_decides_is_logged_in_and_comes_from_the_page(owner):
    login = begin()
    asked = Client().get("/device", {"code": login["user_code"]})
    assert (asked.status_code, asked.url.split("?")[0]) == (302, "/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert decide(strict, login, "yes").status_code == 403
    assert fetch(login).status_code == 202


def test_guessing_codes_and_beginning_logins_is_limited(browser):
    answers = [browser.get("/device", {"code": f"XXXX-{n:04}"}).status_code for n in range(31)]
    assert (answers[0], answers[-1]) == (404, 429)
    refused = [Client().post("/api/v1/device", {}, content_type="application/json") for _ in range(61)][-1]
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)


def test_a_name_that_is_no_text_is_refused():
    assert Client().post("/api/v1/device", {"name": " "}, content_type="application/json").status_code == 422
