"""Images made of others: in a real registry and, where there is none, on the engine."""

from __future__ import annotations

import dataclasses
import http.server
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from engines import current
from engines.errors import BuildError
from layers import compose, registry_http
from layers import registry as registries
from layers.models import Build
from layers.registry import Registry
from layers.registry_http import RegistryError
from tests.integration.registry_process import Running
from tests.product import docker as docker_command
from tests.product import free_port

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]

Layer = Callable[..., Build]


def run(image: str, script: str) -> str:
    return docker_command("run", "--rm", "--network=none", image, "sh", "-c", script).strip()


def test_base_and_project_are_one_image_and_the_project_wins(registry: Registry, layer: Layer) -> None:
    base, project = layer("base", {}), layer("project", {"workspace/hello": b"hi", "etc/hostname.orig": b"mine"})
    image = compose.image_for(base, project)
    assert run(image, "cat /workspace/hello; command -v dtach; pwd; cat /etc/hostname.orig") == (
        "hi/usr/bin/dtach\n/workspace\nmine"
    )
    assert registry.find(*registries.split(image))


def test_the_same_parts_are_composed_once_and_asked_for_at_no_cost(registry: Registry, layer: Layer) -> None:
    base, project = layer("base", {}), layer("project", {"workspace/hello": b"hi"})
    image = compose.image_for(base, project)
    begun = time.monotonic()
    assert compose.image_for(base, project) == image
    assert time.monotonic() - begun < 0.2


def test_a_base_is_swapped_under_a_project_without_sending_anything_but_itself(
    registry: Registry, running_registry: Running, layer: Layer, other_base: Build
) -> None:
    project = layer("project", {"workspace/hello": b"hi", "workspace/big": secrets.token_bytes(3_000_000)})
    compose.image_for(layer("base", {}), project)
    compose.ensure_published(registry, other_base.image)
    sent = running_registry.uploads()
    begun = time.monotonic()
    parts = [compose.part_of(other_base), compose.part_of(project)]
    name = f"vibenv/stack:{compose.key(parts)}"
    compose.publish(registry, parts, name)
    took = time.monotonic() - begun
    assert running_registry.uploads() == sent + 1  # the new image's configuration
    blobs = [part["digest"] for part in compose.ensure_published(registry, project.image).layers]
    assert [part["digest"] for part in compose.ensure_published(registry, name).layers][-1:] == blobs
    assert took < 1
    image = compose.image_for(other_base, project)
    assert run(image, "cat /workspace/hello /etc/newer") == "hinew"


def test_what_a_session_wrote_is_laid_over_another_base_and_its_removals_hold(
    registry: Registry, layer: Layer, other_base: Build
) -> None:
    project = layer("project", {"workspace/hello": b"hi", "workspace/gone": b"x"})
    first = compose.image_for(layer("base", {}), project)
    written = commit(first, "echo mine > /workspace/own; rm /workspace/gone; echo edited > /etc/motd")
    image = compose.image_for(other_base, project, above=written)
    assert run(image, "cat /workspace/own /etc/motd /etc/newer; ls /workspace") == "mine\nedited\nnew\nhello\nown"
    again = commit(image, "echo more > /workspace/more")
    both = compose.image_for(layer("base", {}), project, above=again)
    assert run(both, "cat /workspace/own /workspace/more; ls /etc/newer || true").startswith("mine\nmore")
    layers = [compose.ensure_published(registry, image).layers for image in (first, both)]
    assert len(layers[1]) == len(layers[0]) + 2


def test_what_a_session_on_a_base_alone_wrote_is_told_from_that_base(
    registry: Registry, layer: Layer, other_base: Build
) -> None:
    written = commit(layer("base", {}).image, "echo mine > /own")
    image = compose.image_for(other_base, None, above=written)
    assert run(image, "cat /own /etc/newer") == "mine\nnew"
    assert (
        len(compose.ensure_published(registry, image).layers)
        == len(compose.ensure_published(registry, other_base.image).layers) + 1
    )


def commit(image: str, script: str) -> str:
    """What a session on that image wrote, frozen. The image goes with the container's own removal."""
    name = f"vibenv-test-{secrets.token_hex(5)}"
    docker_command("run", "--name", name, "--network=none", image, "sh", "-c", script)
    try:
        return docker_command("commit", name).strip()
    finally:
        docker_command("rm", "-f", name)


def test_a_base_that_somebody_named_is_known_by_its_content(registry: Registry, layer: Layer, base_image: str) -> None:
    name = f"example/os:{secrets.token_hex(4)}"
    project = layer("project", {"workspace/hello": b"hi"})
    base = Build(kind="base", digest="f" * 64, image=name)
    engine = current.engine()
    engine.tag_image(base_image, name)
    first = compose.image_for(base, project)
    list(engine.build_image(f"FROM {base_image}\nRUN echo 2 > /etc/second", name, {}))
    second = compose.image_for(base, project)
    engine.remove_image(name)
    assert first != second
    assert run(second, "cat /etc/second") == "2"


def test_without_a_registry_the_engine_composes(layer: Layer, settings) -> None:
    settings.REGISTRY = "off"
    base, project = layer("base", {}), layer("project", {"workspace/hello": b"hi"})
    image = compose.image_for(base, project)
    assert run(image, "cat /workspace/hello; command -v dtach; pwd") == "hi/usr/bin/dtach\n/workspace"


def test_a_registry_that_dies_leaves_composing_to_the_engine(running_registry: Running, layer: Layer) -> None:
    base, project = layer("base", {}), layer("project", {"workspace/hello": b"hi"})
    assert registries.current() is not None
    running_registry.process.kill()  # type: ignore[union-attr]
    assert run(compose.image_for(base, project), "cat /workspace/hello") == "hi"


def test_a_registry_that_dies_in_the_middle_leaves_composing_to_the_engine(
    running_registry: Running, layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = compose.pull

    def dying(where: Registry, image: str) -> None:
        running_registry.stop()
        pull(where, image)

    monkeypatch.setattr(compose, "pull", dying)
    base, project = layer("base", {}), layer("project", {"workspace/hello": b"hi"})
    assert run(compose.image_for(base, project), "cat /workspace/hello") == "hi"


def test_a_project_that_was_built_is_in_the_registry_before_it_is_composed(registry: Registry, layer: Layer) -> None:
    project = layer("project", {"workspace/hello": b"hi"})
    compose.publish_ahead(project)
    assert registry.find(*registries.split(project.image))


def test_an_image_that_the_engine_lost_is_named(registry: Registry, layer: Layer) -> None:
    lost = Build(kind="project", digest="e" * 64, image=f"vibenv/project-lost:{secrets.token_hex(6)}")
    with pytest.raises(Exception, match="project-lost"):
        compose.image_for(layer("base", {}), lost)


# the client ---------------------------------------------------------------------------------------------
def test_manifests_and_tags_are_listed_and_deleted(registry: Registry, layer: Layer) -> None:
    project = layer("project", {"workspace/x": b"x"}, name="listed")
    manifest = compose.ensure_published(registry, project.image)
    repository, tag = registries.split(project.image)
    assert repository in registry.repositories()
    assert registry.tags(repository) == [tag]
    registry.delete(repository, manifest.digest)
    registry.delete(repository, manifest.digest)
    assert registry.tags(repository) == []
    assert registry.find(repository, tag) is None


def test_an_address_where_nobody_answers_says_so(settings) -> None:
    settings.REGISTRY = f"localhost:{free_port()}"
    registries.forget()
    assert registries.current() is None
    assert "did not answer" in registries.missing()


class _Page(http.server.BaseHTTPRequestHandler):
    """A web server that is no registry; with `challenge` it wants a name and a password."""

    challenge = ""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Basic bmFtZTpzZWNyZXQ="
        self.send_response(401 if self.challenge and not known else 200)
        if self.challenge:
            self.send_header("WWW-Authenticate", self.challenge)
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        body = b"<h1>hello</h1>"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[Callable[[str], str]]:
    """`page(challenge)` is the address of such a server."""
    servers = []

    def serve(challenge: str = "") -> str:
        handler = type("Handler", (_Page,), {"challenge": challenge})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"localhost:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_web_server_is_not_taken_for_a_registry(page: Callable[[str], str], settings) -> None:
    settings.REGISTRY = page("")
    registries.forget()
    assert "no registry" in registries.missing()


def test_a_registry_is_logged_in_to_as_docker_login_left_it(page: Callable[[str], str], tmp_path) -> None:
    address = page('Basic realm="x"')
    transport = registry_http.Transport(address, tmp_path)
    with pytest.raises(RegistryError, match=f"docker login {address}"):
        Registry(transport).check()
    (tmp_path / "config.json").write_text(f'{{"auths": {{"{address}": {{"auth": "bmFtZTpzZWNyZXQ="}}}}}}')
    Registry(registry_http.Transport(address, tmp_path)).check()


def test_an_above_without_a_registry_says_what_to_do(layer: Layer, settings) -> None:
    settings.REGISTRY = "off"
    part = dataclasses.replace(compose.part_of(layer("project", {"workspace/x": b"x"})), skip=1, own=True)
    with pytest.raises(BuildError, match="vibenv up"):
        compose.compose([compose.part_of(layer("base", {})), part], f"vibenv/stack:{secrets.token_hex(8)}")
