"""A base image that cannot be had, and one that comes while cards wait for it."""

from __future__ import annotations

import httpx
import pytest

from tests.product import Product, docker, wait_for
from tests.product import product as running_product

MISSING = "vibenv-test/missing:1"


@pytest.fixture(scope="module")
def unbased(tmp_path_factory):
    yield from running_product(tmp_path_factory.mktemp("unbased"), VIBENV_BASE_IMAGE=MISSING)
    docker("rmi", "-f", MISSING)


def test_a_card_fails_with_the_reason_and_a_retry_works_once_the_image_is_there(product, unbased: Product):
    card = unbased.new_card("No base")
    unbased.move(card["id"], "active")
    session = unbased.until(card["id"], "failed", timeout_s=60)
    assert MISSING in session["reason"]
    assert httpx.get(f"{unbased.url}/healthz").json()["parts"]["base_image"]["status"] == "failed"
    docker("tag", product.running_card()["session"]["image"], MISSING)
    wait_for(lambda: retried(unbased, card), 60, "running after the retry")


def retried(product, card):
    """Retry as often as it fails: the engine is asked for the image only every few seconds."""
    session = product.card(card["id"])["session"]
    if session["status"] == "failed":
        assert product.api.post(f"/cards/{card['id']}/start").status_code == 202
    return session["status"] == "running"
