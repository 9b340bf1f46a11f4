"""The registry that `up` finds or starts, and its blobs."""

from __future__ import annotations

import http.server
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from engines import current
from layers import compose
from layers import registry as registries
from layers.registry import Registry
from tests.integration.registry_process import Running, tree
from tests.product import ROOT, Product, docker, free_port, wait_for
from vibenv_site import environment
from vibenv_site.setup import registry as set_up

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]


def part(product: Product) -> dict[str, str]:
    return dict(httpx.get(f"{product.url}/healthz", timeout=10).json()["parts"]["registry"])


def vibenv(product: Product, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["./vibenv", *arguments, "--data-dir", str(product.data_dir)]
    return subprocess.run(
        command, cwd=ROOT, env=product.environment, text=True, capture_output=True, check=False, timeout=120
    )


def test_up_starts_a_registry_and_one_that_dies_is_back(product: Product) -> None:
    address = part(product)["address"]
    assert part(product)["status"] == "ok"
    assert product.process is not None
    children = psutil.Process(product.process.pid).children(recursive=True)
    victim = next(child for child in children if child.name().startswith("docker-registr"))
    victim.send_signal(signal.SIGKILL)
    victim.wait(10)
    wait_for(lambda: set_up.answers(address), 20, "a registry again")


def test_the_launcher_is_published_and_its_reference_printed(product: Product) -> None:
    made = vibenv(product, "create", "launcher")
    assert made.returncode == 0, made.stderr
    reference = f"{part(product)['address']}/vibenv/launcher:latest"
    assert made.stdout.strip() == reference
    list(current.engine().pull_image(reference))
    current.engine().remove_image(reference)


def test_collecting_stops_the_registry_for_a_moment_only(product: Product) -> None:
    address = part(product)["address"]
    vibenv(product, "layers", "collect")  # what other tests left
    (product.data_dir / set_up.BLOBS_LEFT).touch()
    done = vibenv(product, "layers", "collect")
    assert done.returncode == 0, done.stderr
    assert "nothing was unused" in done.stderr
    assert "freed" in done.stderr
    assert not (product.data_dir / set_up.BLOBS_LEFT).exists()
    wait_for(lambda: set_up.answers(address), 20, "the registry")
    assert "Nothing is unused" in vibenv(product, "layers", "collect", "--dry-run").stderr


def test_blobs_of_deleted_images_go_and_those_of_others_stay(
    registry: Registry, running_registry: Running, layer
) -> None:
    kept, gone = (layer("project", {"workspace/x": name * 100_000}) for name in (b"ab", b"cd"))
    compose.ensure_published(registry, kept.image)
    manifest = compose.ensure_published(registry, gone.image)
    registry.delete(manifest.repository, manifest.digest)
    running_registry.stop()
    directory = running_registry.directory
    before = set_up.stored_bytes(directory)
    (directory / set_up.BLOBS_LEFT).touch()
    set_up.collect_blobs(directory, lambda _: None)
    assert set_up.stored_bytes(directory) <= before - manifest.layers[0]["size"]
    running_registry.start()
    assert not registry.has_blob(manifest.repository, manifest.layers[0]["digest"])
    assert registry.find(*registries.split(kept.image))
    compose.ensure_published(registry, gone.image)
    assert registry.has_blob(manifest.repository, manifest.layers[0]["digest"])


@pytest.fixture
def image(base_image: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    """Stands for `registry:2`, which cannot be pulled everywhere: the same program on our base. Its port."""
    port, key = free_port(), secrets.token_hex(4)
    image, tree_only = f"vibenv-test/registry:{key}", f"vibenv-test/registry-tree:{key}"
    configuration = set_up.config(Path("/var/lib/registry"), port).replace("127.0.0.1", "0.0.0.0")
    program = Path(shutil.which("docker-registry") or "").read_bytes()
    engine = current.engine()
    engine.import_image(tree({"usr/bin/docker-registry": program, "r.yml": configuration.encode()}), tree_only, (), {})
    command = 'CMD ["docker-registry", "serve", "/r.yml"]'
    list(engine.build_image(f"FROM {base_image}\nCOPY --from={tree_only} / /\n{command}", image, {}))
    monkeypatch.delenv("VIBENV_REGISTRY")
    environment.registry_file(tmp_path).write_text(f"localhost:{port}\n")
    for name, value in (("IMAGE", image), ("CONTAINER", f"vibenv-test-registry-{key}"), ("PORT", port)):
        monkeypatch.setattr(set_up, name, value)
    yield port
    docker("rm", "-f", "-v", f"vibenv-test-registry-{key}")
    engine.remove_image(image)
    engine.remove_image(tree_only)


def test_an_image_of_a_registry_on_the_engine_is_run_and_started_again(image: int, tmp_path: Path) -> None:
    said: list[str] = []
    choice = set_up.in_container(tmp_path, current.engine(), pull=False, say=said.append)
    assert choice is not None, said
    assert choice.address == f"localhost:{image}"
    assert set_up.settled(tmp_path) == set_up.Choice(choice.address, f"at {choice.address}")
    docker("stop", "-t", "0", set_up.CONTAINER)
    assert set_up.settled(tmp_path) is None
    assert set_up.in_container(tmp_path, current.engine(), pull=False, say=said.append) == choice


@pytest.fixture
def taken() -> Iterator[int]:
    """A port where something answers that is no registry."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_where_the_port_is_taken_another_one_is_used_and_kept(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIBENV_REGISTRY")
    environment.registry_file(tmp_path).write_text(f"localhost:{taken}\n")
    assert set_up.settled(tmp_path) is None
    choice = set_up.as_child(tmp_path)
    assert choice is not None
    assert choice.address != f"localhost:{taken}"
    assert environment.registry(tmp_path) == choice.address
    assert choice.config is not None
    assert choice.address.rpartition(":")[2] in choice.config.read_text()


def test_a_port_that_was_asked_for_and_is_taken_is_told(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIBENV_REGISTRY", f"localhost:{taken}")
    choice = set_up.as_child(tmp_path)
    assert choice is not None
    assert choice.address == ""
    assert f"port {taken} is taken" in choice.found


def test_one_that_answers_is_used_and_one_that_is_elsewhere_is_not_started(
    running_registry: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIBENV_REGISTRY", running_registry.address)
    assert set_up.settled(tmp_path) == set_up.Choice(running_registry.address, f"at {running_registry.address}")
    monkeypatch.setenv("VIBENV_REGISTRY", f"http://127.0.0.2:{free_port()}")
    found = set_up.settled(tmp_path)
    assert found is not None
    assert (found.address, found.config) == ("", None)
