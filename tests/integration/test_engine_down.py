"""What a start needs is not there: a base image that cannot be had, and comes while cards wait for it; then no engine."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading

import httpx
import pytest

from tests.product import Product, docker, wait_for
from tests.product import product as running_product
from vibenv_site.setup import engine as setup_engine

pytest_plugins = ["tests.integration.engine_fixtures"]

MISSING = "vibenv-test/missing:1"


class Way:
    """The only way to the real engine for the product under test: a socket that can be taken away."""

    def __init__(self, path, real):
        self.path, self.real = path, real
        self.listener = None
        self.open()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self._serve, args=(self.listener,), daemon=True).start()

    def take_away(self):
        self.path.unlink()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.real)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def way(tmp_path_factory):
    found = setup_engine.find()
    if found.socket_path is None:
        pytest.skip("the engine is not at a Unix socket")
    home = tmp_path_factory.mktemp("way")
    yield Way(home / "engine.sock", found.socket_path)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def there(way, tmp_path_factory, base_image):
    lacking = {"DOCKER_HOST": f"unix://{way.path}", "VIBENV_BASE_IMAGE": MISSING}
    yield from running_product(tmp_path_factory.mktemp("lacking"), **lacking)
    docker("rmi", "-f", MISSING)


def test_a_card_fails_with_the_reason_and_a_retry_works_once_the_image_is_there(there: Product, base_image: str):
    card = there.new_card("No base")
    there.move(card["id"], "active")
    session = there.until(card["id"], "failed", timeout_s=60)
    assert MISSING in session["reason"]
    assert httpx.get(f"{there.url}/healthz").json()["parts"]["base_image"]["status"] == "failed"
    docker("tag", base_image, MISSING)
    wait_for(lambda: retried(there, card), 60, "running after the retry")


def retried(product, card):
    """Retry as often as it fails: the engine is asked for the image only every few seconds."""
    session = product.card(card["id"])["session"]
    if session["status"] == "failed":
        assert product.api.post(f"/cards/{card['id']}/start").status_code == 202
    return session["status"] == "running"


def test_a_drop_is_refused_with_the_reason_while_no_engine_answers_and_works_once_one_does(
    there: Product, way, base_image: str
):
    docker("tag", base_image, MISSING)
    card = there.new_card()
    way.take_away()
    refused = there.api.post(f"/cards/{card['id']}/move", json={"column": there.column("active")})
    assert refused.status_code == 503
    assert "docker info" in refused.json()["detail"]
    after = there.card(card["id"])
    assert (after["column"], after["session"]) == (card["column"], None)
    way.open()
    there.move(card["id"], "active")
    wait_for(lambda: retried(there, card), 60, "running")
