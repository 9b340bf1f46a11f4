"""A new session adopts a container that was made ahead: with the real product, which has one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.layers_client import sh
from tests.product import Product, docker, wait_for
from tests.product import product as running_product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    yield from running_product(tmp_path_factory.mktemp("vibenv"), VIBENV_POOL_SIZE="1")


def label(product: Product) -> str:
    return f"label=vibenv.installation={(product.data_dir / 'installation-id').read_text().strip()}"


def ahead(product: Product) -> str:
    """The id of the container that is nobody's."""
    return docker("ps", "-q", "--no-trunc", "--filter", "name=^/vibenv-pool-", "--filter", label(product)).strip()


def ready(product: Product) -> str:
    """Once it is there."""
    page = httpx.Client()
    page.get(product.new_login_url(), follow_redirects=True)  # a board that is opened wants one
    page.close()
    wait_for(lambda: "vibenv_pool_members 1.0" in metrics(product), 60, "a container that was made ahead")
    return ahead(product)


def metrics(product: Product) -> str:
    return httpx.get(f"{product.url}/metrics").text


def drop(product: Product, title: str, **files: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """A new card's session, running; and what the engine says of its container."""
    card = product.new_card(title)
    for name, content in files.items():
        assert product.api.post(f"/cards/{card['id']}/files", files={"file": (name, content)}).status_code == 201
    product.move(card["id"], "active")
    product.until(card["id"], "running")
    card = product.card(card["id"])
    return card, json.loads(docker("inspect", card["session"]["container"]))[0]


def verb(product: Product, card: dict[str, Any], name: str, status: str, **body: str) -> None:
    assert product.api.post(f"/cards/{card['id']}/{name}", json=body).status_code == 202
    product.until(card["id"], status)


def test_the_container_is_the_one_that_was_there_and_is_like_any_other(product, terminal):
    known = ready(product)
    card, details = drop(product, "Adopted one", notes=b"of a person")
    assert details["Id"] == known
    client = terminal(product, card)
    client.until("# ")
    # at once, while there is no other: made as ever
    other, fresh = drop(product, "Another", notes=b"of a person")
    assert fresh["Id"] != known
    assert "vibenv-pool" not in fresh["Config"]["Labels"]["vibenv.name"]
    terminal(product, other).until("# ")
    had = set(docker("diff", card["session"]["container"]).splitlines())
    assert had - set(docker("diff", other["session"]["container"]).splitlines()) <= {"A /run/vibenv/name"}
    client.type('echo "<$VIBENV_SESSION $HOSTNAME $(hostname) $(cat /etc/hostname) $(cat /attachments/notes)>"\n')
    client.until("<adopted-one adopted-one adopted-one adopted-one of a person>")
    assert re.search(r'vibenv_pool_claims_total\{result="hit"\} 1.0', metrics(product))


def test_it_sleeps_is_archived_restarted_and_deleted_as_any_other(product):
    known = ready(product)
    card, details = drop(product, "Sleeper")
    assert details["Id"] == known
    sh(card, "echo kept >/root/file")
    verb(product, card, "sleep", "asleep", how="stop")
    verb(product, card, "start", "running")
    assert sh(card, "hostname; cat /root/file") == "sleeper\nkept"
    verb(product, card, "sleep", "paused", how="pause")
    verb(product, card, "start", "running")
    verb(product, card, "sleep", "archived", how="archive")
    verb(product, card, "start", "running")
    assert sh(card, "hostname; cat /root/file; echo $VIBENV_SESSION") == "sleeper\nkept\nsleeper"
    key = details["Config"]["Labels"]["vibenv.session"]
    assert key in docker("network", "ls", "--filter", label(product))
    product.api.delete(f"/cards/{card['id']}")
    wait_for(lambda: key not in docker("network", "ls", "--filter", label(product)), 30, "its network gone")
    assert "vibenv-sleeper" not in docker("ps", "-a", "--filter", label(product))


def test_a_worker_that_was_killed_and_one_that_comes_adopt_what_is_there(product):
    known = ready(product)
    product.kill("worker")
    card, details = drop(product, "After a crash")
    assert details["Id"] == known
    assert sh(card, "hostname") == "after-a-crash"
