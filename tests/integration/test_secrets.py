"""Secrets reach a session's processes through memory, and nothing that is kept or told."""

from __future__ import annotations

import json

import pytest

from tests.product import docker, wait_for

VALUE = "s3cret-välue with 'quotes' and $HOME"


def put(product, path, value):
    done = product.api.put(path, json={"value": value})
    assert done.status_code == 200, done.text
    return done.json()


def held(card, name):
    command = ("exec", card["session"]["container"], "sh", "-c", f"cat /run/vibenv/secrets/{name} 2>&1; true")
    return docker(*command).strip()


def test_a_secret_comes_with_the_start_changes_at_once_and_goes(product, terminal):
    card = product.new_card()
    put(product, f"/cards/{card['id']}/secrets/TOKEN", VALUE)
    product.move(card["id"], "active")
    product.until(card["id"], "running")
    card = product.card(card["id"])
    assert held(card, "TOKEN") == VALUE
    client = terminal(product, card)
    client.until("# ")
    client.type("\r")
    client.type("echo \"fo''und $TOKEN\" | rev\r")
    client.until(f"fo''und {VALUE}"[::-1])
    put(product, f"/cards/{card['id']}/secrets/TOKEN", "another-value")
    wait_for(lambda: held(card, "TOKEN") == "another-value", what="the new value")
    assert (
        docker("exec", card["session"]["container"], "stat", "-c", "%a %U", "/run/vibenv/secrets/TOKEN") == "600 root\n"
    )
    product.api.delete(f"/cards/{card['id']}/secrets/TOKEN")
    wait_for(lambda: "No such file" in held(card, "TOKEN"), what="the end of the secret")


@pytest.fixture
def shared(product):
    """A secret of the board."""
    path = f"/boards/{product.board()['id']}/secrets/SHARED"
    put(product, path, "of-the-board")
    yield
    product.api.delete(path)


def test_it_is_in_no_snapshot_configuration_answer_or_other_card(product, shared):
    card, other = product.running_card(), product.running_card()
    assert "value" not in put(product, f"/cards/{card['id']}/secrets/TOKEN", VALUE)
    wait_for(lambda: held(card, "TOKEN") == VALUE and held(other, "SHARED") == "of-the-board", what="the secrets")
    assert "No such file" in held(other, "TOKEN")
    told = [product.api.get(f"/cards/{card['id']}{path}").text for path in ("", "/secrets", "/history", "/log")]
    assert not any(VALUE in text or json.dumps(VALUE) in text for text in told)
    assert VALUE not in docker("inspect", card["session"]["container"])
    done = product.api.post(f"/cards/{card['id']}/exec", json={"command": 'echo "has $TOKEN"'})
    assert done.json()["stdout"] == "has ******\n", done.text
    product.api.post(f"/cards/{card['id']}/run", json={"command": "true"})  # its next prompt finds the secrets
    ran = product.api.post(f"/cards/{card['id']}/type", json={"text": "echo on-$TOKEN-''screen", "enter": True}).json()
    came = product.api.post(
        f"/cards/{card['id']}/wait", json={"text": "-screen", "since": ran["seq"], "timeout_s": 20}
    ).json()
    assert came["line"].startswith("on-******"), came
    screen = product.api.get(f"/cards/{card['id']}/screen").json()
    assert f"on-{'*' * len(VALUE)}-screen" in screen["lines"]
    taken = product.api.post(f"/cards/{card['id']}/snapshots", json={"note": ""}).json()["id"]

    def ready():
        found = product.api.get(f"/cards/{card['id']}/snapshots").json()
        return next((each for each in found if each["id"] == taken and each["state"] in {"kept", "ready"}), None)

    wait_for(ready, what="the snapshot")
    listed = docker(
        "run", "--rm", f"vibenv/snapshot:{taken}", "sh", "-c", "ls -A /run/vibenv/secrets 2>/dev/null; true"
    )
    assert listed.strip() == ""


def test_it_is_there_again_after_the_session_slept(product):
    card = product.running_card()
    put(product, f"/cards/{card['id']}/secrets/TOKEN", VALUE)
    wait_for(lambda: held(card, "TOKEN") == VALUE, what="the secret")
    product.api.post(f"/cards/{card['id']}/sleep", json={"how": "stop"})
    product.until(card["id"], "asleep")
    product.api.post(f"/cards/{card['id']}/start")
    product.until(card["id"], "running")
    assert held(card, "TOKEN") == VALUE
