"""A session's container frozen into an image, and files read of images that nobody starts."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import secrets
import tarfile
from collections.abc import Iterator

import docker
import pytest

from engines.errors import EngineError
from engines.protocol import Engine, LayerMount, Observed, SessionSpec
from tests.integration.engine_fixtures import engine_address, spec

pytest_plugins = ["tests.integration.engine_fixtures"]

TOOL = "/opt/vibenv/toolchain/t"


@pytest.fixture(params=["real_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@pytest.fixture
def raw() -> Iterator[docker.APIClient]:
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as client:
        yield client


@pytest.fixture
def tag(engine: Engine) -> Iterator[str]:
    name = f"vibenv/test-frozen:{secrets.token_hex(5)}"
    yield name
    for image in engine.list_images(name):
        for reference in image.references:
            engine.remove_image(reference)


@pytest.fixture
def running(engine: Engine, base_image: str) -> Iterator[SessionSpec]:
    wanted = dataclasses.replace(spec(base_image), environment={"SECRET": "of the session"}, made_of="abc")
    engine.create(wanted)
    engine.start(wanted.name)
    yield wanted
    engine.destroy(wanted.name)


def sh(engine: Engine, name: str, script: str) -> str:
    done = engine.exec(name, ["sh", "-c", script])
    assert done.exit_code == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.mark.parametrize("state", ["running", "paused", "exited"])
def test_a_container_in_any_state_is_frozen_and_goes_on_as_before(
    engine: Engine, running: SessionSpec, raw: docker.APIClient, tag: str, state: str
) -> None:
    sh(engine, running.name, "echo mine > /root/note; rm /etc/issue")
    if state == "paused":
        raw.pause(running.name)
    elif state == "exited":
        engine.stop(running.name, 0)
    made = engine.snapshot(running.name, tag, {"vibenv.test": "yes"})
    found = engine.image(tag)
    base = engine.image(running.image)
    assert found is not None and base is not None  # noqa: PT018
    assert (found.id, found.layers, found.labels["vibenv.test"]) == (made.id, base.layers + 1, "yes")
    assert found.size_bytes >= base.size_bytes
    assert engine.inspect(running.name).state == Observed(state)
    with engine.open_image(tag) as image:
        assert (image.file("/root/note", 99), image.file("/etc/issue", 99)) == (b"mine\n", None)


def test_a_frozen_image_is_configured_as_its_base_and_is_no_session(
    engine: Engine, running: SessionSpec, raw: docker.APIClient, tag: str
) -> None:
    engine.snapshot(running.name, tag, {})
    base, frozen = (raw.inspect_image(image)["Config"] for image in (running.image, tag))
    for key in ("Cmd", "WorkingDir", "Hostname"):
        assert (frozen.get(key) or None) == (base.get(key) or None), key
    assert "of the session" not in str(frozen)
    other = spec(tag)
    engine.create(other)
    engine.start(other.name)
    assert "SECRET" not in sh(engine, other.name, "env")
    engine.destroy(other.name)
    with engine.open_image(tag):  # a container of that image is there, and of this installation
        assert [status.name for status in engine.list()] == [running.name]


def test_layers_that_are_mounted_are_not_frozen(engine: Engine, base_image: str, tag: str) -> None:
    image, key = f"vibenv/test-layer:{secrets.token_hex(5)}", secrets.token_hex(6)
    engine.import_image(_tree(f"{TOOL}/file", b"of the layer"), image, (), {})
    layer = LayerMount(f"vibenv-layer-{key}", TOOL)
    engine.ensure_layer(layer, image)
    wanted = spec(base_image, layers=(layer,))
    try:
        engine.create(wanted)
        engine.start(wanted.name)
        assert sh(engine, wanted.name, f"cat {TOOL}/file") == "of the layer"
        engine.snapshot(wanted.name, tag, {})
        with engine.open_image(tag) as reader:
            assert reader.file(f"{TOOL}/file", 99) is None
        # frozen once more, of a container that was made of it, with the layer where its empty folder is
        engine.destroy(wanted.name)
        again = dataclasses.replace(wanted, image=tag)
        engine.create(again)
        engine.start(again.name)
        assert sh(engine, again.name, f"cat {TOOL}/file; echo 2 > /root/two; cat /root/two") == "of the layer2"
        engine.snapshot(again.name, f"{tag}-2", {})
        with engine.open_image(f"{tag}-2") as reader:
            assert (reader.file("/root/two", 99), reader.file(f"{TOOL}/file", 99)) == (b"2\n", None)
    finally:
        engine.destroy(wanted.name)
        engine.remove_layer(layer.volume)
        engine.remove_image(f"{tag}-2")
        engine.remove_image(image)


def test_nothing_bears_the_name_when_there_is_nothing_to_freeze(engine: Engine, tag: str) -> None:
    with pytest.raises(EngineError):
        engine.snapshot("vibenv-nobody", tag, {})
    assert engine.image(tag) is None


def test_a_tree_of_an_image_is_read_and_what_is_not_there_is_empty(engine: Engine, base_image: str) -> None:
    with engine.open_image(base_image) as image:
        with image.tree("/etc/vibenv") as tar:
            assert "vibenv/shell" in tar.getnames()
        with image.tree("/nowhere") as tar:
            assert tar.getnames() == []
        assert image.file("/etc/passwd", 4) == b"root"
    with pytest.raises(EngineError), engine.open_image("vibenv/test-nothing:1"):
        pass


def _tree(path: str, content: bytes) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer
