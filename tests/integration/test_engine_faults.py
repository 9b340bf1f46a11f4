"""An engine that fails is never taken for one that says "gone"."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from engines.address import EngineAddress
from engines.docker import DockerEngine
from engines.errors import EngineError, EngineUnreachable
from engines.protocol import LayerMount, Observed, SessionSpec, WorkshopSpec

LAYER = LayerMount("vibenv-layer-x", "/opt/vibenv/toolchain/x")
SPEC = SessionSpec("vibenv-x", "x", "image", "x", ("sh",))
VERBS: dict[str, Callable[[DockerEngine], Any]] = {
    "info": lambda e: e.info(),
    "has_image": lambda e: e.has_image("x"),
    "pull_image": lambda e: list(e.pull_image("x")),
    "build_image": lambda e: list(e.build_image("FROM x", "y:1", {})),
    "image": lambda e: e.image("x"),
    "list_images": lambda e: e.list_images("x"),
    "snapshot": lambda e: e.snapshot("vibenv-x", "x:1", {}),
    "open_image": lambda e: e.open_image("x").__enter__(),
    "tag_image": lambda e: e.tag_image("x", "y:1"),
    "push_image": lambda e: list(e.push_image("localhost:5000/x:1")),
    "remove_image": lambda e: e.remove_image("x"),
    "in_use": lambda e: e.in_use(),
    "ensure_layer": lambda e: e.ensure_layer(LAYER, "x"),
    "remove_layer": lambda e: e.remove_layer(LAYER.volume),
    "list_layers": lambda e: e.list_layers(),
    "swap_layer": lambda e: e.swap_layer("vibenv-x", LAYER, "x"),
    "take_layer": lambda e: e.take_layer("vibenv-x", LAYER.path, "x"),
    "open_workshop": lambda e: e.open_workshop(WorkshopSpec("vibenv-build-x", "x", ("true",))),
    "list_workshops": lambda e: e.list_workshops(),
    "remove_workshop": lambda e: e.remove_workshop("vibenv-build-x"),
    "ensure_guard": lambda e: e.ensure_guard("x"),
    "create": lambda e: e.create(SPEC),
    "start": lambda e: e.start("vibenv-x"),
    "stop": lambda e: e.stop("vibenv-x"),
    "destroy": lambda e: e.destroy("vibenv-x"),
    "inspect": lambda e: e.inspect("vibenv-x"),
    "list": lambda e: e.list(),
    "events": lambda e: list(e.events()),
    "processes": lambda e: e.processes("vibenv-x"),
    "logs": lambda e: e.logs("vibenv-x"),
    "read_file": lambda e: e.read_file("vibenv-x", "/x"),
    "exec": lambda e: e.exec("vibenv-x", ["true"]),
    "attach": lambda e: e.attach("vibenv-x", ["sh"], 24, 80),
    "run_service": lambda e: e.run_service("x", "x:1", 5000),
    "resize": lambda e: e.resize("x", 24, 80),
}


class BadEngine(socketserver.ThreadingUnixStreamServer):
    """Tells its version, and answers everything else with `status` and `body`; 0 closes the connection."""

    daemon_threads = True
    status = 500
    body = b'{"message": "out of order"}'


class _Handler(BaseHTTPRequestHandler):
    server: BadEngine

    def _answer(self) -> None:
        if self.path == "/version":
            self._send(200, json.dumps({"ApiVersion": "1.41"}).encode())
        elif self.server.status:
            self._send(self.server.status, self.server.body)
        self.close_connection = True

    do_GET = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bad(tmp_path: Path) -> Iterator[BadEngine]:
    server = BadEngine(str(tmp_path / "engine.sock"), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def engine(bad: BadEngine) -> Iterator[DockerEngine]:
    made = DockerEngine(EngineAddress(f"unix://{bad.server_address}", "a test"), "0" * 32)
    yield made
    made.close()


@pytest.mark.parametrize("verb", VERBS)
def test_a_failing_engine_raises(engine: DockerEngine, verb: str) -> None:
    with pytest.raises(EngineError, match="out of order") as raised:
        VERBS[verb](engine)
    assert not raised.value.permanent


@pytest.mark.parametrize("verb", VERBS)
def test_a_vanishing_engine_is_unreachable(engine: DockerEngine, bad: BadEngine, verb: str) -> None:
    bad.status = 0
    with pytest.raises(EngineUnreachable):
        VERBS[verb](engine)


@pytest.mark.parametrize("verb", VERBS)
def test_no_engine_at_all_is_unreachable(tmp_path: Path, verb: str) -> None:
    engine = DockerEngine(EngineAddress(f"unix://{tmp_path}/nobody.sock", "a test"), "0" * 32)
    with pytest.raises(EngineUnreachable, match="docker info"):
        VERBS[verb](engine)


@pytest.mark.parametrize("verb", ["inspect", "destroy", "stop", "has_image", "read_file"])
@pytest.mark.parametrize("body", [b'{"message": "page not found"}', b"<h1>404 Not Found</h1>", b"404 page not found\n"])
def test_a_404_of_something_else_is_not_absence(engine: DockerEngine, bad: BadEngine, verb: str, body: bytes) -> None:
    bad.status, bad.body = 404, body
    with pytest.raises(EngineError):
        VERBS[verb](engine)


def test_the_engines_own_404_is_absence(engine: DockerEngine, bad: BadEngine) -> None:
    bad.status, bad.body = 404, b'{"message": "No such container: vibenv-x"}'
    assert engine.inspect("vibenv-x").state is Observed.ABSENT
    engine.stop("vibenv-x")


def test_nonsense_is_an_error(engine: DockerEngine, bad: BadEngine) -> None:
    bad.status, bad.body = 200, b"<html>"
    with pytest.raises(EngineError, match="not understood"):
        engine.list()


def test_reach_asks_nothing_of_a_slow_engine_and_says_when_none_is_there(engine: DockerEngine, tmp_path: Path) -> None:
    engine.reach()
    with pytest.raises(EngineUnreachable, match="docker info"):
        DockerEngine(EngineAddress(f"unix://{tmp_path}/nobody.sock", "a test"), "0" * 32).reach()
