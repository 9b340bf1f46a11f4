"""Sessions that sleep, are snapshotted, taken back, forked and archived: with a real engine and registry."""

from __future__ import annotations

import pytest

from tests.layers_client import sh
from tests.product import docker, docker_names, wait_for


@pytest.fixture
def card(product):
    return product.running_card()


def sleep(product, card, how, status):
    answer = product.api.post(f"/cards/{card['id']}/sleep", json={"how": how})
    assert answer.status_code == 202, answer.text
    return product.until(card["id"], status)


def start(product, card):
    assert product.api.post(f"/cards/{card['id']}/start").status_code == 202
    return product.until(card["id"], "running", "failed")


def snapshots(product, card):
    return product.api.get(f"/cards/{card['id']}/snapshots").json()


def take(product, card, note=""):
    made = product.api.post(f"/cards/{card['id']}/snapshots", json={"note": note}).json()
    wait_for(lambda: ready(product, card, made["id"]), 30, "the snapshot")
    return made["id"]


def ready(product, card, snapshot_id):
    found = next(each for each in snapshots(product, card) if each["id"] == snapshot_id)
    assert found["state"] != "failed", found
    return found["state"] == "ready"


def test_a_paused_session_goes_on_where_it_was(product, card):
    docker("exec", "-d", card["session"]["container"], "sh", "-c", "echo $$ >/tmp/pid; exec sleep 1000")
    wait_for(lambda: sh(card, "cat /tmp/pid || true"), what="the process")
    sleep(product, card, "pause", "paused")
    assert "Paused" in docker("ps", "--filter", f"name={card['session']['container']}", "--format", "{{.Status}}")
    assert start(product, card)["status"] == "running"
    assert sh(card, "[ -d /proc/$(cat /tmp/pid) ] && echo alive") == "alive"


def test_an_archived_session_has_no_container_and_comes_back_with_its_files(product, card):
    sh(card, "echo kept >/root/file; echo secret >/run/vibenv/secrets/key")
    sleep(product, card, "archive", "archived")
    assert card["session"]["container"] not in docker_names()
    (made,) = snapshots(product, card)
    assert (made["kind"], made["state"]) == ("vanish", "ready")
    docker(
        "rmi", "-f", *docker("images", "-q", f"vibenv/snapshot:{made['id'].lower()}").split()
    )  # only the registry has it
    assert start(product, card)["status"] == "running"
    assert sh(card, "cat /root/file; ls /run/vibenv/secrets") == "kept"


def test_when_the_shell_ends_the_session_vanishes_and_opening_it_again_goes_on(product, card, terminal):
    sh(card, "echo kept >/root/file")
    terminal(product, card).type("exit\n")
    assert product.until(card["id"], "archived")["reason"] == "The shell ended."
    assert card["session"]["container"] not in docker_names()
    assert start(product, card)["status"] == "running"
    assert sh(card, "cat /root/file") == "kept"


def test_a_session_is_taken_back_to_a_snapshot_and_forth_again(product, card):
    sh(card, "echo one >/root/file")
    first = take(product, card, "the first")
    sh(card, "echo two >/root/file; rm -f /root/.bashrc")
    assert product.api.post(f"/snapshots/{first}/restore").status_code == 202
    wait_for(lambda: not product.card(card["id"])["session"]["restoring"], 40, "the restore")
    product.until(card["id"], "running")
    assert sh(card, "cat /root/file; test -e /root/.bashrc && echo there") == "one\nthere"
    before = next(each for each in snapshots(product, card) if each["kind"] == "restore")
    assert before["state"] == "ready"
    assert product.api.post(f"/snapshots/{before['id']}/restore").status_code == 202
    wait_for(lambda: not product.card(card["id"])["session"]["restoring"], 40, "the restore")
    product.until(card["id"], "running")
    assert sh(card, "cat /root/file; test -e /root/.bashrc || echo gone") == "two\ngone"
    kinds = [entry["kind"] for entry in product.api.get(f"/cards/{card['id']}/history").json()]
    assert kinds.count("restore") == 2
    assert kinds.count("snapshot") >= 2


def test_a_fork_starts_with_everything_and_shares_nothing(product, card):
    sh(card, "echo mine >/root/file")
    made = product.api.post(f"/cards/{card['id']}/fork", json={}).json()
    assert made["forked_from"] == card["id"]
    assert product.until(made["id"], "running", "failed")["status"] == "running"
    fork = product.card(made["id"])
    sh(fork, "echo theirs >/root/file")
    assert sh(card, "cat /root/file") == "mine"
    assert sh(fork, "hostname") == fork["session"]["name"] != sh(card, "hostname")
    tree = product.api.get(f"/cards/{made['id']}/lineage").json()
    assert [each["id"] for each in tree["cards"]] == [card["id"], made["id"]]
    assert tree["snapshots"][0]["id"] == tree["cards"][1]["stands_on"]


def test_deleting_a_card_leaves_nothing_of_it(product, card):
    sh(card, "echo one >/root/file")
    name = take(product, card)
    sleep(product, card, "archive", "archived")
    assert product.api.delete(f"/cards/{card['id']}").status_code == 202
    key = card["session"]["id"].lower()

    def left():
        images = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
        return [image for image in images if key in image or name.lower() in image]

    wait_for(lambda: not left(), 30, "no image of it")
    assert card["session"]["container"] not in docker_names()
    assert not docker("network", "ls", "-q", "--filter", f"label=vibenv.session={card['session']['id']}")
