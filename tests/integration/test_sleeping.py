"""Sessions that fall asleep by themselves, and go on when somebody wants them."""

from __future__ import annotations

import time

from tests.product import docker, wait_for

WORK = "This is work"


def rules(product, card, **given):
    answer = product.api.patch(f"/cards/{card['id']}/rules", json=given)
    assert answer.status_code == 200, answer.text


def test_an_idle_session_pauses_and_what_is_looked_at_or_works_does_not(product, terminal):
    idle, looked_at, command, computes = cards = [product.running_card() for _ in range(4)]
    clients = [terminal(product, card) for card in cards]
    for client, line in zip(clients, ("x=kept; clear", "true", "sleep 4321", "while :; do :; done"), strict=True):
        client.type(f"echo {WORK}; {line}\n")
        client.until(WORK)
    for client in clients:
        if client is not clients[1]:
            client.close()
    for card in cards:
        rules(product, card, idle_timeout_s=10)
    paused = product.until(idle["id"], "paused")
    assert paused["reason"] == "Nobody was there and nothing ran for 10 s."
    assert paused["next"]["what"] == "stop"
    assert docker("inspect", "-f", "{{.State.Status}}", paused["container"]).strip() == "paused"
    for card in (looked_at, command, computes):
        session = product.card(card["id"])["session"]
        assert (session["status"], session["idle_since"]) == ("running", None)
    began = time.monotonic()
    assert product.api.post(f"/cards/{idle['id']}/start").status_code == 202
    product.until(idle["id"], "running")
    assert time.monotonic() - began < 2  # measured by the bench; here only that it is no start
    client = terminal(product, idle)
    client.type("echo is $x\n")
    client.until("is kept")


def test_a_pause_becomes_a_stop_and_that_an_archive_and_files_are_there_after_each(product, terminal):
    card = product.running_card()
    client = terminal(product, card)
    client.type("echo saved >file; echo is $((40 + 2))\n")
    client.until("is 42")
    client.close()
    rules(product, card, stop_after_s=1, archive_after_s=0)
    assert product.api.post(f"/cards/{card['id']}/sleep", json={"how": "pause"}).status_code == 202
    asleep = product.until(card["id"], "asleep")
    assert (asleep["reason"], asleep["next"]) == ("It was paused for 1 s.", None)
    rules(product, card, archive_after_s=1)
    archived = product.until(card["id"], "archived", timeout_s=60)
    assert archived["reason"] == "It was stopped for 1 s."
    assert not docker("ps", "-aq", "--filter", f"name={archived['container']}").strip()
    product.api.post(f"/cards/{card['id']}/start")
    product.until(card["id"], "running")
    assert docker("exec", archived["container"], "cat", "/workspace/file") == "saved\n"


def test_a_life_that_ends_is_told_ahead_put_off_and_ends_in_the_archive(product):
    card = product.running_card()
    rules(product, card, ttl_s=3600)
    ends = product.card(card["id"])["session"]["expires_at"]
    longer = product.api.post(f"/cards/{card['id']}/extend", json={"seconds": 60}).json()["session"]
    assert longer["expires_at"] > ends
    rules(product, card, ttl_s=20)
    warned = wait_for(lambda: (s := product.card(card["id"])["session"])["waiting"] and s, what="the warning")
    assert warned["waiting"].startswith("Its time to live ends in")
    assert warned["next"]["what"] == "expire"
    archived = product.until(card["id"], "archived", timeout_s=60)
    assert archived["reason"] == "Its time to live was over."
