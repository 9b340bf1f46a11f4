"""While no engine answers, a drop on Active is refused with the reason; what runs or waits is left as it is."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading

import pytest

from tests.product import Product
from tests.product import product as running_product
from vibenv_site.setup import engine as setup_engine


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


@pytest.fixture
def way(tmp_path_factory):
    found = setup_engine.find()
    if found.socket_path is None:
        pytest.skip("the engine is not at a Unix socket")
    home = tmp_path_factory.mktemp("way")
    yield Way(home / "engine.sock", found.socket_path)
    shutil.rmtree(home)


@pytest.fixture
def there(way, tmp_path):
    yield from running_product(tmp_path / "data", DOCKER_HOST=f"unix://{way.path}")


def test_a_drop_is_refused_with_the_reason_and_works_once_an_engine_answers(there: Product, way):
    card = there.new_card()
    way.take_away()
    refused = there.api.post(f"/cards/{card['id']}/move", json={"column": there.column("active")})
    assert refused.status_code == 503
    assert "docker info" in refused.json()["detail"]
    after = there.card(card["id"])
    assert (after["column"], after["session"]) == (card["column"], None)
    way.open()
    there.move(card["id"], "active")
    there.until(card["id"], "running")
