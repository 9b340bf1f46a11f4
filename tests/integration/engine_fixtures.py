"""Sessions on the real engine, for tests of engines alone: every test is an installation of its own."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
import pytest
from django.conf import settings

from engines import address
from engines.docker import DockerEngine
from engines.protocol import ExecResult, Limits, SessionSpec
from layers import builder

LIMITS = Limits()
SLEEP = ("sleep", "infinity")


def eventually(condition: Callable[[], Any], timeout_s: float = 20) -> Any:
    """Wait until `condition` gives something true, and return that."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.05)
    return found


@dataclass
class Running:
    """A session's container."""

    engine: DockerEngine
    spec: SessionSpec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def address(self) -> str:
        return self.sh("hostname -i").stdout.decode().strip()

    def sh(self, script: str, timeout_s: float = 30) -> ExecResult:
        return self.engine.exec(self.name, ["bash", "-c", script], timeout_s)

    def reaches(self, host: str, port: int) -> bool:
        """Whether a TCP connection from inside the session is taken."""
        return self.sh(f"timeout 3 bash -c 'exec 3<>/dev/tcp/{host}/{port}'").exit_code == 0


def engine_address() -> address.EngineAddress:
    return address.resolve(settings.DOCKER_HOST, settings.DOCKER_CONTEXT, settings.DOCKER_CONFIG)


def spec(image: str, command: tuple[str, ...] = SLEEP, limits: Limits = LIMITS, **changes: Any) -> SessionSpec:
    key = secrets.token_hex(5)
    fields = {
        "name": f"vibenv-test-{key}",
        "session_id": key,
        "image": image,
        "hostname": "test",
        "command": command,
        "environment": {"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        "limits": limits,
    }
    return SessionSpec(**{**fields, **changes})


def clean(installation: str) -> None:
    """Remove all that an installation left on the engine."""
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    label = {"label": f"vibenv.installation={installation}"}
    for container in client.containers(all=True, filters=label):
        client.remove_container(container["Id"], force=True, v=True)
    for network in client.networks(filters=label):
        client.remove_network(network["Id"])
    client.close()


@pytest.fixture(scope="session")
def base_image(request: pytest.FixtureRequest) -> str:
    """The real base image, built when the engine lacks it."""
    image = builder.target().image
    engine = DockerEngine(engine_address(), uuid.uuid4().hex)
    if not engine.has_image(image):
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            builder.build()
    assert engine.has_image(image), builder.log_path().read_text()
    engine.close()
    return image


@pytest.fixture
def installation() -> Iterator[str]:
    name = uuid.uuid4().hex
    yield name
    clean(name)


@pytest.fixture
def real_engine(installation: str) -> Iterator[DockerEngine]:
    engine = DockerEngine(engine_address(), installation)
    yield engine
    engine.close()


@pytest.fixture
def run_session(real_engine: DockerEngine, base_image: str) -> Callable[..., Running]:
    """`run_session(command, limits)` makes and starts a guarded session."""

    def run(command: tuple[str, ...] = SLEEP, limits: Limits = LIMITS) -> Running:
        wanted = spec(base_image, command, limits)
        real_engine.ensure_guard(base_image)
        real_engine.create(wanted)
        real_engine.start(wanted.name)
        return Running(real_engine, wanted)

    return run
