"""A real registry for a test, and images of one tree to put into it."""

from __future__ import annotations

import contextlib
import io
import re
import secrets
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from engines import current
from layers import registry as registries
from layers.models import Build, BuildState, Kind
from layers.registry import Registry
from tests.integration.engine_fixtures import engine_address
from tests.product import free_port, wait_for
from vibenv_site.setup import registry as set_up


@dataclass
class Running:
    """A registry's process, which notes in its log what it is asked."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def start(self) -> None:
        text = set_up.config(self.directory / "registry", self.port).replace("disabled: true", "disabled: false")
        (self.directory / "registry.yml").write_text(text)
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["docker-registry", "serve", str(self.directory / "registry.yml")], stdout=log, stderr=log
            )
        wait_for(lambda: set_up.answers(self.address), 10, "the registry")
        registries.forget()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        registries.forget()

    def uploads(self) -> int:
        """How often content was sent to it so far; mounts are none."""
        return len(re.findall(r'"(?:PATCH|PUT) \S+/blobs/', (self.directory / "log").read_text()))


@pytest.fixture(scope="module")
def _one_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for the tests of a module: the base image is pushed to it once."""
    running = Running(tmp_path_factory.mktemp("registry"), free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def running_registry(_one_registry: Running, settings) -> Iterator[Running]:
    """The registry in force, which a test may stop and start."""
    settings.REGISTRY = _one_registry.address
    if _one_registry.process is None:
        _one_registry.start()
    registries.forget()
    yield _one_registry
    registries.forget()


@pytest.fixture
def registry(running_registry: Running) -> Registry:
    found = registries.current()
    assert found is not None, registries.missing()
    return found


@pytest.fixture
def layer(base_image: str) -> Iterator[Callable[..., Build]]:
    """`layer("project", {"workspace/a": b"…"})` is a ready build, saved where the test has a database."""
    made: list[Build] = []

    def make(kind: str, files: Mapping[str, bytes], name: str = "", save: bool = False) -> Build:
        digest = secrets.token_hex(32)
        build = Build(kind=kind, digest=digest, state=BuildState.READY, image=base_image)
        if kind != Kind.BASE:
            build.image = f"vibenv/{kind}-{name or 'test'}:{digest[:12]}"
            current.engine().import_image(tree(files), build.image, (), {})
        if save:
            build.save()
        made.append(build)
        return build

    yield make
    remove_stacks_of(*(build.digest for build in made))
    for build in made:
        if build.image != base_image:
            current.engine().remove_image(build.image)


def remove_stacks_of(*digests: str) -> None:
    """Composed images that have one of these builds in them."""
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as client:
        for image in client.images(filters={"label": "vibenv.layer=stack"}):
            if set(digests) & set(str(image["Labels"].get("vibenv.parts")).split()):
                client.remove_image(image["Id"], force=True)


def tree(files: Mapping[str, bytes]) -> io.BytesIO:
    """A tar file of executable files, with their directories."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer
