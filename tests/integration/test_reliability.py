"""Parts of the product die, each by its pid, in the middle of things: nothing is lost, orphaned or doubled."""

from __future__ import annotations

import psutil
import pytest

from tests.board_client import BoardClient
from tests.layers_client import Layers, sh
from tests.product import docker, docker_names, wait_for

PARTS = ["web", "worker", "beat", "redis"]


@pytest.fixture
def product(breakable):
    return breakable


@pytest.mark.parametrize("part", PARTS)
def test_a_start_goes_through_whatever_dies_in_its_middle(product, part):
    card = product.new_card(f"dies {part}")
    product.move(card["id"], "active")
    product.kill(part)
    product.healthy()
    wait_for(lambda: any(f"{part} ended and was started again" in line for line in product.lines), 10, "word of it")
    product.until(card["id"], "running", timeout_s=60)
    session = product.card(card["id"])["session"]
    assert docker_names().count(session["container"]) == 1
    assert of_this(product, session["id"]) == [session["container"]]


def of_this(product, session_id):
    listed = docker("ps", "-a", "--filter", f"label=vibenv.session={session_id}", "--format", "{{.Names}}")
    return listed.split()


@pytest.mark.parametrize("part", PARTS)
def test_typing_goes_on_whatever_dies_meanwhile(product, terminal, part):
    card = product.running_card(f"typing {part}")
    client = terminal(product, card)
    client.until("# ")
    client.type("echo before-the-cr''ash\r")
    client.until("before-the-crash")
    epoch, seq = client.epoch, client.seq
    product.kill(part)
    if part == "web":
        product.healthy()
        client = terminal(product, card, epoch=epoch, seq=seq)
        assert client.until_message("screen")["epoch"] == epoch, "the history outlives the web process"
        client.until_message("session", attached=True)
    client.type("echo after-the-cr''ash\r")
    client.until("after-the-crash")
    name = card["session"]["container"]
    assert docker("top", name).count("dtach -a") == 1, "a stale attach makes dtach lose output"
    product.healthy()


def test_a_worker_that_dies_while_archiving_leaves_an_archived_session(product):
    card = product.running_card()
    product.move(card["id"], "done")
    product.kill("worker")
    assert product.until(card["id"], "archived", timeout_s=60)
    assert card["session"]["container"] not in docker_names()


def test_a_deletion_goes_through_a_worker_that_dies(product):
    card = product.running_card()
    product.api.delete(f"/cards/{card['id']}")
    product.kill("worker")
    wait_for(lambda: card["session"]["container"] not in docker_names(), 60, "the container gone")


def test_a_board_can_be_used_while_redis_is_away(product):
    """Whatever is announced meanwhile is lost; the sweep finds it."""
    victim = product.processes()["redis"]
    victim.suspend()
    try:
        card = product.new_card("no redis")
        product.move(card["id"], "active")
    finally:
        victim.resume()
    product.until(card["id"], "running", timeout_s=60)


def test_a_page_follows_its_board_again_after_redis_died(product):
    page = BoardClient(product.port, product.board()["id"], product.token)
    product.kill("redis")
    product.healthy()
    card = product.new_card("after redis died")
    page.until(lambda told: card["id"] in told.cards, "the new card")
    other = BoardClient(product.port, product.board()["id"], product.token)
    other.looks_at(card["id"])
    page.until(lambda told: told.presence["people"][0]["cards"] == [card["id"]], "who looks at it")
    for each in (page, other):
        each.close()


def test_stopping_the_product_ends_its_processes_but_no_session_and_the_next_start_adopts_those(product, terminal):
    card = product.running_card("outlives")
    client = terminal(product, card)
    client.until("# ")
    client.type("export MARK=still-the-same-shell\r")
    client.until("same-shell")
    processes = product.processes()
    assert set(processes) == set(PARTS)
    assert product.down() == 0
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes.values())
    name = card["session"]["container"]
    assert name in docker("ps", "--format", "{{.Names}}").split()
    assert "dtach -a" not in docker("top", name), "an orderly end leaves no attach behind"
    product.up()
    back = terminal(product, card)
    back.until_message("session", attached=True)
    back.type("echo $MARK | tr a-z A-Z\r")
    back.until("STILL-THE-SAME-SHELL")
    assert of_this(product, card["session"]["id"]) == [name]


def test_a_session_that_gets_another_base_keeps_its_files_though_the_worker_dies_meanwhile(product):
    layers = Layers(product)
    card = layers.card()
    sh(card, "echo mine > /workspace/note")
    base = next(x["recipe"] for x in card["session"]["layers"] if x["kind"] == "base")
    layers.edit(base, {"setup": "echo newer > /etc/base-says"})
    assert product.api.post(f"/cards/{card['id']}/restart").status_code == 202
    wait_for(lambda: "container" in open_steps(product.card(card["id"])), what="its container being made anew")
    product.kill("worker")
    product.until(card["id"], "running", timeout_s=60)
    assert layers.runs(product.card(card["id"]), base) == (2, 2, "")
    assert sh(card, "cat /etc/base-says /workspace/note") == "newer\nmine"


def open_steps(card):
    return [step["name"] for step in card["session"]["steps"] if step["finished_at"] is None]
