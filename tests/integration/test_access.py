"""Access that ends: what it let in closes at once, whatever the client does about it. A real product, real sockets."""

from __future__ import annotations

import json
import secrets
import subprocess
import time

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from sessions import protocol
from tests.product import ROOT
from tests.terminal_client import TerminalClient

PASSWORD = "correct horse battery"


class Member:
    """Somebody who joined by an invite, with a browser's cookies."""

    def __init__(self, product, role):
        self.product, self.board = product, product.board()["id"]
        made = product.api.post(f"/boards/{self.board}/invites", json={"role": role}).json()
        self.username = f"m{secrets.token_hex(4)}"
        self.browser = httpx.Client(base_url=product.url, timeout=20)
        answer = self.post(made["url"].removeprefix(product.url), name="Ada", username=self.username, password=PASSWORD)
        assert answer.status_code == 302, answer.text
        self.id = self.browser.get("/api/v1/me").json()["id"]

    def post(self, path, browser=None, **fields):
        browser = browser or self.browser
        browser.get(path)
        fields["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        return browser.post(path, data=fields)

    def log_in(self):
        browser = httpx.Client(base_url=self.product.url, timeout=20)
        assert self.post("/login/", browser, username=self.username, password=PASSWORD).status_code == 302
        return browser

    def api(self, method, path, **body):
        headers = {"X-CSRFToken": self.browser.cookies["csrftoken"]}
        return self.browser.request(method, f"/api/v1{path}", json=body, headers=headers)

    def cookie(self, browser=None):
        return f"vibenv_session={(browser or self.browser).cookies['vibenv_session']}"

    def socket(self, path, browser=None):
        url = f"ws://127.0.0.1:{self.product.port}/ws/{path}"
        return connect(
            url, additional_headers={"Cookie": self.cookie(browser)}, origin=Origin(self.product.url), compression=None
        )

    def terminal(self, card):
        url = f"ws://127.0.0.1:{self.product.port}/ws/cards/{card['id']}/terminal"
        client = TerminalClient(url, "", cookie=self.cookie(), origin=Origin(self.product.url))
        client.until("# ")
        return client

    def given(self, role):
        answer = self.product.api.patch(f"/boards/{self.board}/members/{self.id}", json={"role": role})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def member(product):
    joined = []

    def join(role):
        joined.append(Member(product, role))
        return joined[-1]

    yield join
    for each in joined:
        product.api.delete(f"/boards/{each.board}/members/{each.id}")


def code_of(socket, within_s=2.0):
    """The code that the socket is closed with, whatever else is told before."""
    end = time.monotonic() + within_s
    while True:
        try:
            socket.recv(timeout=max(0.01, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code


def test_a_removed_members_sockets_close_at_once(product, member):
    ada, card = member("editor"), product.running_card("Removed")
    board, screens, terminal = (
        ada.socket(f"boards/{ada.board}"),
        ada.socket(f"boards/{ada.board}/screens"),
        ada.terminal(card),
    )
    screens.send('{"type":"ping"}')
    assert json.loads(screens.recv(timeout=5))["type"] == "pong"
    assert product.api.delete(f"/boards/{ada.board}/members/{ada.id}").status_code == 204
    assert {code_of(board), code_of(screens)} == {protocol.FORBIDDEN}
    assert terminal.closed_with(2.0) == protocol.FORBIDDEN
    assert "no longer a member" in terminal.until_message("ended")["reason"]
    assert code_of(ada.socket(f"boards/{ada.board}")) == protocol.NOT_FOUND


def test_who_becomes_a_viewer_types_not_one_key_more(product, member):
    ada, card = member("editor"), product.running_card("Demoted")
    terminal = ada.terminal(card)
    terminal.type("echo before-$((40+2))\r")
    terminal.until("before-42")
    ada.given("viewer")
    assert terminal.closed_with(2.0) == protocol.ACCESS_CHANGED
    again = ada.terminal(card)
    assert again.last("welcome")["you"]["role"] == "watch"
    again.type("echo after-$((40+2))\r")
    assert "watching" in again.until_message("refused")["reason"]
    ada.given("editor")
    assert again.closed_with(2.0) == protocol.ACCESS_CHANGED
    assert ada.terminal(card).last("welcome")["you"]["role"] == "type"


def test_a_revoked_logins_sockets_close_at_once_and_no_other(product, member):
    ada = member("viewer")
    phone = ada.log_in()
    here, there = ada.socket(f"boards/{ada.board}"), ada.socket(f"boards/{ada.board}", phone)
    [other] = [login["id"] for login in ada.api("GET", "/me/logins").json() if not login["current"]]
    assert ada.api("DELETE", f"/me/logins/{other}").status_code == 204
    assert code_of(there) == protocol.UNAUTHENTICATED
    here.send('{"type":"ping"}')
    while json.loads(here.recv(timeout=5))["type"] != "pong":
        pass
    assert phone.get("/api/v1/me").status_code == 401


def test_a_new_password_keeps_ones_own_sockets_and_closes_the_others(product, member):
    ada = member("viewer")
    phone = ada.log_in()
    here, there = ada.socket(f"boards/{ada.board}"), ada.socket(f"boards/{ada.board}", phone)
    assert ada.api("POST", "/me/password", current=PASSWORD, new="another horse battery").status_code == 204
    assert code_of(there) == protocol.UNAUTHENTICATED
    ada.api("DELETE", "/me/logins")  # has this process look at the sockets that stay once more
    here.send('{"type":"ping"}')
    while json.loads(here.recv(timeout=5))["type"] != "pong":
        pass


def test_logging_out_closes_what_the_browser_has_open(product, member):
    ada = member("viewer")
    board = ada.socket(f"boards/{ada.board}")
    token = {"X-CSRFToken": ada.browser.cookies["csrftoken"]}
    assert ada.browser.post("/logout/", headers=token).status_code == 302
    assert code_of(board) == protocol.UNAUTHENTICATED


def test_access_that_ended_without_word_is_found_out(product, member):
    """As when Redis loses the news: the row goes behind everybody's back."""
    ada = member("editor")
    board = ada.socket(f"boards/{ada.board}")
    statement = f"from boards.models import Member; Member.objects.filter(user_id={ada.id}).delete()"
    command = [ROOT / ".venv/bin/python", "-m", "django", "shell", "-v", "0", "-c", statement]
    environment = {
        **product.environment,
        "VIBENV_DATA_DIR": str(product.data_dir),
        "DJANGO_SETTINGS_MODULE": "vibenv_site.settings",
    }
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert code_of(board, 8.0) == protocol.FORBIDDEN


def test_wrong_tries_are_counted_for_all_processes_together(product, member):
    ada = member("viewer")
    before = set(product.redis().scan_iter("vibenv:*:limits:*login-name*"))
    stranger = httpx.Client(base_url=product.url, timeout=20)
    assert ada.post("/login/", stranger, username=ada.username, password="a wrong one").status_code == 403
    counted = set(product.redis().scan_iter("vibenv:*:limits:*login-name*")) - before
    assert any(ada.username.encode() in key for key in counted)
