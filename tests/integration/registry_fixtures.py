"""A real registry for a test, and images of one tree to put into it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping

import docker
import pytest

from engines import current
from layers import registry as registries
from layers.models import Build, BuildState, Kind
from layers.registry import Registry
from tests.integration.engine_fixtures import engine_address
from tests.integration.registry_process import Running, tree
from tests.product import free_port


@pytest.fixture(scope="session")
def _one_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests: the base image is pushed to it once."""
    running = Running(tmp_path_factory.mktemp("registry"), free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def running_registry(_one_registry: Running, settings) -> Iterator[Running]:
    """The registry in force, which a test may stop and start."""
    settings.REGISTRY = _one_registry.address
    if _one_registry.process is None or _one_registry.process.poll() is not None:
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
        if kind == Kind.BASE and save:  # a name of its own, which may be collected
            build.image = f"vibenv/base:{digest[:12]}"
            current.engine().tag_image(base_image, build.image)
        elif kind != Kind.BASE:
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


@pytest.fixture
def other_base(base_image: str) -> Iterator[Build]:
    """A newer base: the real one and a file more."""
    name = f"vibenv/base:{secrets.token_hex(6)}"
    list(current.engine().build_image(f"FROM {base_image}\nRUN echo new > /etc/newer; mkdir -p /workspace", name, {}))
    build = Build(kind="base", digest=secrets.token_hex(32), image=name)
    yield build
    remove_stacks_of(build.digest)
    current.engine().remove_image(name)


def remove_stacks_of(*digests: str) -> None:
    """Composed images that have one of these builds in them."""
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as client:
        for image in client.images(filters={"label": "vibenv.layer=stack"}):
            if set(digests) & set(str(image["Labels"].get("vibenv.parts")).split()):
                client.remove_image(image["Id"], force=True)
