"""The first path through the product: a card's session from the drop to its removal, on the real engine."""

from __future__ import annotations

import json
import secrets

from tests.breaking import break_shell, mend_shell
from tests.product import docker, docker_names, wait_for


def test_a_card_dropped_on_active_runs_and_shows_each_step(product):
    card = product.new_card("Fix login")
    assert card["session"] is None
    product.move(card["id"], "active")
    session = product.until(card["id"], "running")
    assert session["container"] in docker_names()
    assert session["terminal_url"] == f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal"
    steps = wait_for(lambda: all_finished(product.card(card["id"])), what="finished steps")
    assert [s["name"] for s in steps] == ["queued", "environment", "container", "start"]
    assert all(s["started_at"] <= s["finished_at"] for s in steps)


def all_finished(card):
    steps = card["session"]["steps"]
    return steps if all(s["finished_at"] for s in steps) else None


def test_off_active_it_stops_and_back_its_files_are_there(product, terminal):
    card = product.running_card()
    client = terminal(product, card)
    client.until("#")
    client.type("echo kept > /workspace/note; echo do''ne\r")
    client.until("done")
    product.move(card["id"], "backlog")
    assert product.until(card["id"], "asleep")["reason"] == ""
    product.move(card["id"], "active")
    product.until(card["id"], "running")
    again = terminal(product, card)
    again.until("#")
    again.type("cat /workspace/note; echo the''end\r")
    assert b"kept" in again.until("theend")


def test_deleting_removes_container_network_and_history(product, terminal):
    card = product.running_card()
    client = terminal(product, card)
    client.until("#")
    session = card["session"]
    ring = product.data_dir / "terminals" / f"{session['id']}.ring"
    assert ring.exists()
    assert product.api.delete(f"/cards/{card['id']}").status_code == 202
    assert product.api.get(f"/cards/{card['id']}").status_code == 404
    assert client.closed_with() == 4410
    wait_for(lambda: session["container"] not in docker_names(), what="the container gone")
    wait_for(lambda: session["id"] not in docker("network", "ls", "--format", "{{json .}}"), what="the network gone")
    wait_for(lambda: not ring.exists(), what="the history gone")


def test_a_shell_that_ends_has_the_session_vanish_and_start_brings_it_back(product, terminal):
    card = product.running_card()
    client = terminal(product, card)
    client.until("#")
    client.type("touch /workspace/still-here; exit\r")
    assert product.until(card["id"], "archived")["reason"] == "The shell ended."
    assert product.api.post(f"/cards/{card['id']}/start").status_code == 202
    product.until(card["id"], "running")
    client.type("\r")
    client.until_message("session", attached=True)
    wait_for(lambda: typed_ls(client), what="the file in the new shell")


def typed_ls(client):
    client.type("ls /workspace\r")
    client.read(1)
    return b"still-here" in client.shown


def test_a_container_that_is_killed_comes_back_with_its_files(product):
    card = product.running_card()
    name = card["session"]["container"]
    docker("exec", name, "touch", "/workspace/precious")
    first = json.loads(docker("inspect", name))[0]["State"]["StartedAt"]
    docker("kill", name)
    wait_for(lambda: restarted(name, first), 30, "a new start")
    assert product.until(card["id"], "running")["reason"].startswith("Its container had ended")
    assert "precious" in docker("exec", name, "ls", "/workspace")


def restarted(name, first):
    state = json.loads(docker("inspect", name))[0]["State"]
    return state["Running"] and state["StartedAt"] != first


def test_a_container_removed_by_hand_is_made_anew_and_the_loss_is_told(product):
    card = product.running_card()
    docker("rm", "-f", card["session"]["container"])

    def told():
        session = product.card(card["id"])["session"]
        return session["status"] == "running" and "without its former files" in session["reason"]

    wait_for(told, 30, "running again, with the loss told")
    assert card["session"]["container"] in docker_names()


def test_a_foreign_container_of_the_same_name_is_left_alone(product):
    mark = secrets.token_hex(3)  # other tests may run on the same engine
    foreign = f"vibenv-taken-{mark}"
    docker("run", "-d", "--name", foreign, product_image(product), "sleep", "600")
    try:
        card = product.running_card(f"Taken {mark}")
        assert card["session"]["container"] == f"{foreign}-2"
        assert json.loads(docker("inspect", foreign))[0]["State"]["Running"]
    finally:
        docker("rm", "-f", foreign)


def product_image(product):
    return product.running_card()["session"]["image"]


def test_a_failed_start_tells_why_and_a_retry_mends_it(product):
    """An image without the shell that the session wants: the engine starts it, and it ends at once."""
    card = product.running_card()
    name = card["session"]["container"]
    product.move(card["id"], "backlog")
    product.until(card["id"], "asleep")
    break_shell(name)
    product.move(card["id"], "active")
    session = product.until(card["id"], "failed", timeout_s=60)
    assert "ended right after" in session["reason"]
    assert session["reason"] in product.api.get(f"/cards/{card['id']}/log").json()["log"]
    mend_shell(name)
    assert product.api.post(f"/cards/{card['id']}/start").status_code == 202
    product.until(card["id"], "running")


def test_many_cards_dropped_at_once_all_run(product):
    cards = [product.new_card(f"many {n}") for n in range(8)]
    for card in cards:
        product.move(card["id"], "active")
    for card in cards:
        product.until(card["id"], "running", timeout_s=60)
    names = [product.card(c["id"])["session"]["container"] for c in cards]
    assert len(set(names)) == len(names)
    assert set(names) <= set(docker_names())


def test_dropped_and_taken_back_at_once_ends_stopped(product):
    card = product.new_card()
    for role in ("active", "backlog", "active", "done", "active", "backlog"):
        product.move(card["id"], role)

    def at_rest():
        session = product.card(card["id"])["session"]
        return session["status"] in {"asleep", "archived", "new"}

    wait_for(at_rest, 40, "at rest")
    name = product.card(card["id"])["session"]["container"]
    running = docker("ps", "--format", "{{.Names}}").split()
    assert name not in running
