"""Files given to a session: in its container when they are said to be, in each container once, and gone with the card."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.product import Product, docker, wait_for


@pytest.fixture
def card(product: Product):
    made = product.new_card("With files")
    yield made
    product.remove_all()


def upload(product: Product, card, name: str, content: bytes = b"hello\n"):
    sent = product.api.post(f"/cards/{card['id']}/files", files={"file": (name, content)})
    assert sent.status_code == 201, sent.text
    return sent.json()


def listed(product: Product, card):
    return {file["name"]: file for file in product.api.get(f"/cards/{card['id']}/files").json()}


def arrived(product: Product, card, name: str) -> None:
    wait_for(lambda: listed(product, card)[name]["in_session"], what=f"{name} in the session")


def inside(product: Product, card, path: str) -> str:
    return docker("exec", product.card(card["id"])["session"]["container"], "cat", path)


def start(product: Product, card) -> None:
    product.move(card["id"], "active")
    product.until(card["id"], "running")


def stop(product: Product, card) -> None:
    product.move(card["id"], "backlog")
    product.until(card["id"], "asleep")


def test_a_file_is_there_when_the_shell_begins_and_in_each_container_once(product, card):
    upload(product, card, "a b.txt")
    assert not listed(product, card)["a b.txt"]["in_session"]
    start(product, card)
    assert listed(product, card)["a b.txt"]["in_session"]
    assert inside(product, card, "/attachments/a b.txt") == "hello\n"
    container = product.card(card["id"])["session"]["container"]
    docker("exec", container, "sh", "-c", "echo mine > '/attachments/a b.txt'")
    stop(product, card)
    start(product, card)
    assert inside(product, card, "/attachments/a b.txt") == "mine\n"
    stop(product, card)
    docker("rm", "-f", container)
    assert product.card(card["id"])["session"]["status"] == "asleep"
    start(product, card)
    assert inside(product, card, "/attachments/a b.txt") == "hello\n"


def test_a_file_given_to_a_running_session_arrives_and_outlives_its_removal_there(product, card):
    start(product, card)
    file = upload(product, card, "notes.txt", b"x" * 3_000_000)
    arrived(product, card, "notes.txt")
    assert len(inside(product, card, "/attachments/notes.txt")) == 3_000_000
    sent = product.api.get(f"/cards/{card['id']}/files/{file['id']}")
    assert (len(sent.content), set(sent.content)) == (3_000_000, set(b"x")), sent.headers
    product.api.delete(f"/cards/{card['id']}/files/{file['id']}")
    assert listed(product, card) == {}
    assert len(inside(product, card, "/attachments/notes.txt")) == 3_000_000


def test_a_file_that_cannot_be_copied_is_told_and_does_not_fail_the_start(product, card):
    file = upload(product, card, "lost.txt")
    upload(product, card, "kept.txt")
    [stored] = Path(product.data_dir, "files").glob(f"*/{file['id']}")
    stored.unlink()
    start(product, card)
    found = listed(product, card)
    assert (found["kept.txt"]["in_session"], found["lost.txt"]["in_session"]) == (True, False)
    assert "cannot be read" in found["lost.txt"]["problem"]
    assert "could not be copied" in product.card(card["id"])["session"]["reason"]


def test_deleting_the_card_leaves_nothing_on_the_disk(product, card):
    upload(product, card, "a")
    start(product, card)
    upload(product, card, "b")
    assert list(Path(product.data_dir, "files").iterdir())
    product.remove_all()
    wait_for(lambda: not list(Path(product.data_dir, "files").iterdir()), what="no files left")
