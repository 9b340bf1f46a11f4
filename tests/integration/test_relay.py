"""The API from inside a real session, which reaches nothing else."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from tests.product import docker, wait_for

URL = "http://127.0.0.1:7717"


def inside(card, command):
    """What a shell in the session prints."""
    done = subprocess.run(
        ["docker", "exec", card["session"]["container"], "sh", "-c", command],
        text=True,
        capture_output=True,
        check=False,
    )
    return done.stdout.strip()


def answers(card):
    return inside(card, f"curl -s -o /dev/null -w '%{{http_code}}' {URL}/mcp") == "401"


@pytest.fixture(scope="module")
def card(product):
    """One whose agent has not done its work."""
    card = product.running_card("relayed")
    product.api.put(f"/cards/{card['id']}/agent", json={"command": "sleep 1000"}).raise_for_status()
    product.api.post(f"/cards/{card['id']}/agent/start").raise_for_status()
    wait_for(lambda: answers(card), 30, "the relay")
    return card


@pytest.fixture(scope="module")
def curl(card, product):
    def call(path, more="", token=product.token):
        return inside(card, f"curl -s -H 'Authorization: Bearer {token}' {more} '{URL}{path}'")

    return call


def test_the_api_is_there_with_a_token_and_nothing_else_is(card, curl, product):
    status = "-o /dev/null -w '%{http_code}'"
    assert curl(f"/api/v1/cards/{card['id']}").startswith('{"id": "' + card["id"])
    assert curl("/api/v1/boards", status) == "200"
    assert curl("/api/v1/boards", status, token="wrong") == "401"
    assert inside(card, f"curl -s {status} {URL}/api/v1/boards") == "401"
    assert [curl(path, status) for path in ("/", "/healthz", "/metrics", "/login/")] == ["404"] * 4
    by_file = (
        f"curl -s --unix-socket /run/vibenv/api.sock -H 'Authorization: Bearer {product.token}' http://v/api/v1/me"
    )
    assert '"username": "owner"' in inside(card, by_file)
    assert inside(card, f"curl -s -m 2 http://{product.url.removeprefix('http://')}/healthz || echo shut") == "shut"


def test_mcp_is_there(curl):
    call = '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_boards", "arguments": {}}}'
    headers = "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'"
    assert "My board" in curl("/mcp", f"{headers} -d '{call}'")


def test_much_goes_whole_in_both_directions_and_twenty_at_once(card, curl, product):
    inside(card, "head -c 30000000 /dev/urandom > /tmp/much")
    curl(f"/api/v1/cards/{card['id']}/files", "-F file=@/tmp/much")
    (file,) = product.api.get(f"/cards/{card['id']}/files").json()
    stored = product.api.get(f"/cards/{card['id']}/files/{file['id']}").content
    assert inside(card, "sha256sum < /tmp/much").startswith(hashlib.sha256(stored).hexdigest())
    curl(f"/api/v1/cards/{card['id']}/files/{file['id']}", "-o /tmp/again")
    assert inside(card, "cmp /tmp/much /tmp/again && echo same") == "same"
    one = f"curl -s -o /dev/null -w '%{{http_code}}\\n' -H 'Authorization: Bearer {product.token}' {URL}/api/v1/boards"
    twenty = f"seq 20 | xargs -P 20 -I@ {one}"
    assert inside(card, twenty).split() == ["200"] * 20


def test_one_that_is_killed_is_there_again(card):
    inside(card, "kill -9 $(cat /run/vibenv/relay.pid)")
    wait_for(lambda: answers(card), 15, "the relay")


def test_it_goes_with_the_agent(card, product):
    product.api.post(f"/cards/{card['id']}/agent/stop").raise_for_status()
    wait_for(lambda: not inside(card, "test -e /proc/$(cat /run/vibenv/relay.pid) && echo there"), 15, "its end")
    assert "vibenv-relay" not in docker("top", card["session"]["container"])
