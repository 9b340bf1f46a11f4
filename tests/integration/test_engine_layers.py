"""Layers on an engine: one copy in a volume, read-only in sessions, swapped under running ones."""

from __future__ import annotations

import dataclasses
import io
import secrets
import tarfile

import docker
import pytest

from engines.errors import EngineError
from engines.protocol import Engine, LayerMount, SessionSpec
from tests.integration.engine_fixtures import engine_address, spec

pytest_plugins = ["tests.integration.engine_fixtures"]

PATH = "/opt/vibenv/toolchain/test"


@pytest.fixture(params=["real_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@pytest.fixture
def layer_image(engine: Engine):
    """`layer_image({"file": b"content"})` makes an image of one tree at `PATH`, and names a volume for it."""
    made: list[tuple[str, LayerMount]] = []

    def make(files: dict[str, bytes]) -> tuple[str, LayerMount]:
        key = secrets.token_hex(6)
        image = f"vibenv/test-layer:{key}"
        engine.import_image(_tree(files), image, (), {})
        made.append((image, LayerMount(f"vibenv-layer-{key}", PATH)))
        return made[-1]

    yield make
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    for image, layer in made:
        for container in client.containers(all=True, filters={"volume": layer.volume}):
            client.remove_container(container["Id"], force=True)
        engine.remove_layer(layer.volume)
        client.remove_image(image, force=True)
    client.close()


def _tree(files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{PATH.lstrip('/')}/{name}")
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer


@pytest.fixture
def with_layer(engine: Engine, base_image: str):
    """`with_layer(layer)` makes and starts a session that has it."""

    def start(*layers: LayerMount) -> SessionSpec:
        wanted = dataclasses.replace(spec(base_image), layers=layers)
        engine.create(wanted)
        engine.start(wanted.name)
        return wanted

    return start


def read(engine: Engine, name: str, file: str = "who") -> str:
    return engine.exec(name, ["cat", f"{PATH}/{file}"]).stdout.decode()


def test_a_layer_is_copied_once_and_seen_read_only(engine: Engine, layer_image, with_layer) -> None:
    image, layer = layer_image({"who": b"one"})
    engine.ensure_layer(layer, image)
    engine.ensure_layer(layer, image)
    assert layer.volume in engine.list_layers()
    name = with_layer(layer).name
    assert read(engine, name) == "one"
    refused = engine.exec(name, ["sh", "-c", f"echo x > {PATH}/who"])
    assert refused.exit_code != 0
    assert b"Read-only" in refused.stderr


def test_a_half_made_layer_is_made_anew(engine: Engine, layer_image, with_layer) -> None:
    image, layer = layer_image({"who": b"whole"})
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    client.create_volume(layer.volume)
    host = client.create_host_config(binds=[f"{layer.volume}:/elsewhere"])
    client.create_container(image, command=["true"], name=f"{layer.volume}-filling", host_config=host)
    engine.ensure_layer(layer, image)  # what an engine that was killed left is in nobody's way
    name = with_layer(layer).name
    assert read(engine, name) == "whole"
    client.remove_container(layer.volume)  # as `docker container prune` does
    client.close()
    engine.ensure_layer(layer, image)
    assert read(engine, name) == "whole"


def test_a_layer_in_use_is_not_removed(engine: Engine, layer_image, with_layer) -> None:
    image, layer = layer_image({"who": b"kept"})
    engine.ensure_layer(layer, image)
    name = with_layer(layer).name
    with pytest.raises(EngineError, match="in use"):
        engine.remove_layer(layer.volume)
    assert read(engine, name) == "kept"
    engine.destroy(name)
    engine.remove_layer(layer.volume)
    assert layer.volume not in engine.list_layers()


def test_a_swap_changes_what_a_running_session_sees_and_leaves_its_processes(
    engine: Engine, base_image: str, layer_image, with_layer
) -> None:
    (one_image, one), (two_image, two) = layer_image({"who": b"one"}), layer_image({"who": b"two", "more": b"new"})
    engine.ensure_layer(one, one_image)
    engine.ensure_layer(two, two_image)
    name = with_layer(one).name
    engine.exec(name, ["sh", "-c", f"(exec 3<{PATH}/who; sleep 60) & echo $! > /tmp/holder"])
    engine.swap_layer(name, two, base_image)
    assert (read(engine, name), read(engine, name, "more")) == ("two", "new")
    held = engine.exec(name, ["sh", "-c", "cat /proc/$(cat /tmp/holder)/fd/3"])
    assert held.stdout == b"one"
    assert engine.exec(name, ["sh", "-c", f"echo x > {PATH}/who"]).exit_code != 0


def test_no_lookup_fails_while_layers_are_swapped_and_nothing_is_left_behind(
    engine: Engine, base_image: str, layer_image, with_layer
) -> None:
    layers = [layer_image({"who": name}) for name in (b"one", b"two")]
    for image, layer in layers:
        engine.ensure_layer(layer, image)
    name = with_layer(layers[0][1]).name
    before = engine.exec(name, ["sh", "-c", "wc -l < /proc/1/mountinfo"]).stdout
    reading = (
        f"while [ ! -e /tmp/stop ]; do cat {PATH}/who >/dev/null || echo x >> /tmp/failed; echo . >> /tmp/reads; done"
    )
    engine.exec(name, ["sh", "-c", f"({reading}) > /dev/null 2>&1 &"])
    for turn in range(1, 7):
        engine.swap_layer(name, layers[turn % 2][1], base_image)
    engine.exec(name, ["sh", "-c", "touch /tmp/stop"])
    assert int(engine.exec(name, ["sh", "-c", "wc -l < /tmp/reads"]).stdout) > 100
    assert engine.read_file(name, "/tmp/failed") is None
    assert engine.exec(name, ["sh", "-c", "wc -l < /proc/1/mountinfo"]).stdout == before


def test_many_sessions_are_changed_at_once_and_one_that_does_not_run_is_told(
    engine: Engine, base_image: str, layer_image, with_layer
) -> None:
    (one_image, one), (two_image, two) = layer_image({"who": b"one"}), layer_image({"who": b"two"})
    engine.ensure_layer(one, one_image)
    engine.ensure_layer(two, two_image)
    names = [with_layer(one).name for _ in range(3)]
    engine.stop(names[2])
    problems = engine.swap_layers(names, two, base_image)
    assert [bool(problems[name]) for name in names] == [False, False, True]
    assert "does not run" in problems[names[2]]
    assert [read(engine, name) for name in names[:2]] == ["two", "two"]
    assert engine.exec(names[0], ["sh", "-c", f"echo x > {PATH}/who"]).exit_code != 0


def test_a_process_that_is_no_sessions_is_left_alone(
    engine: Engine, base_image: str, layer_image, with_layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session can end, and its number be another process's, between the question and the change."""
    (one_image, one), (two_image, two) = layer_image({"who": b"one"}), layer_image({"who": b"two"})
    engine.ensure_layer(one, one_image)
    engine.ensure_layer(two, two_image)
    name, other = with_layer(one).name, with_layer(one).name
    of = engine._containers.first_process
    monkeypatch.setattr(engine._containers, "first_process", lambda n: dataclasses.replace(of(n), pid=of(other).pid))
    assert "another one" in engine.swap_layers([name], two, base_image)[name]
    assert (read(engine, name), read(engine, other)) == ("one", "one")


def test_a_layer_can_be_added_to_and_taken_from_a_running_session(
    engine: Engine, base_image: str, layer_image, with_layer
) -> None:
    image, layer = layer_image({"who": b"added"})
    engine.ensure_layer(layer, image)
    name = with_layer().name
    engine.swap_layer(name, layer, base_image)
    assert read(engine, name) == "added"
    engine.take_layer(name, PATH, base_image)
    engine.take_layer(name, PATH, base_image)
    assert engine.exec(name, ["ls", PATH]).stdout == b""


def test_a_session_that_does_not_run_is_told_so(engine: Engine, base_image: str, layer_image) -> None:
    _, layer = layer_image({"who": b"x"})
    wanted = spec(base_image)
    engine.create(wanted)
    with pytest.raises(EngineError, match="does not run"):
        engine.swap_layer(wanted.name, layer, base_image)
