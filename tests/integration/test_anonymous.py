"""Containers that are made without a name and get one later, on the real engine."""

from __future__ import annotations

import dataclasses

import docker
import pytest

from engines.docker import DockerEngine
from engines.errors import EngineError, NameTaken
from engines.protocol import Observed, SessionSpec
from sessions.launch import ENDED, MAIN
from tests.integration.engine_fixtures import engine_address, eventually, spec

pytest_plugins = ["tests.integration.engine_fixtures"]

SAY = 'echo "$VIBENV_SESSION $HOSTNAME $(hostname)" >/saying; mv /saying /said'
COMMAND = ("sh", "-c", f"{SAY}; {MAIN}", "bash -l")


@pytest.fixture
def wanted(base_image: str) -> SessionSpec:
    return spec(base_image, COMMAND, hostname="vibenv", anonymous=True)


@pytest.fixture
def anonymous(real_engine: DockerEngine, wanted: SessionSpec) -> SessionSpec:
    real_engine.create(wanted)
    real_engine.start(wanted.name)
    return wanted


def read(engine: DockerEngine, name: str, path: str) -> str:
    return (engine.read_file(name, path) or b"").decode()


def said(engine: DockerEngine, name: str) -> str:
    """What its command saw as it started."""
    eventually(lambda: engine.read_file(name, "/said"))
    return read(engine, name, "/said")


def test_its_command_starts_once_it_has_a_name_and_knows_it(
    real_engine: DockerEngine, anonymous: SessionSpec, base_image: str
) -> None:
    seen = real_engine.inspect(anonymous.name)
    assert (seen.state, seen.anonymous, seen.session_id) == (Observed.RUNNING, True, anonymous.session_id)
    assert real_engine.read_file(anonymous.name, "/said") is None
    real_engine.rename(anonymous.name, "vibenv-test-fix-login")
    real_engine.bind("vibenv-test-fix-login", "fix-login", base_image)
    assert said(real_engine, "vibenv-test-fix-login") == "fix-login fix-login fix-login\n"
    assert read(real_engine, "vibenv-test-fix-login", "/etc/hostname") == "fix-login\n"
    hosts = read(real_engine, "vibenv-test-fix-login", "/etc/hosts")
    assert "\tfix-login\n" in hosts
    assert "vibenv" not in hosts
    real_engine.bind("vibenv-test-fix-login", "fix-login", base_image)
    assert [each.name for each in real_engine.list()] == ["vibenv-test-fix-login"]


def test_it_gets_its_name_again_after_each_start_also_without_the_former_helper(
    real_engine: DockerEngine, anonymous: SessionSpec, base_image: str, installation: str
) -> None:
    name = anonymous.name
    real_engine.bind(name, "first", base_image)
    real_engine.never_binds()
    real_engine.stop(name)
    real_engine.start(name)
    real_engine.bind(name, "first", base_image)
    assert real_engine.exec(name, ["cat", "/proc/sys/kernel/hostname", "/etc/hostname"]).stdout == b"first\nfirst\n"
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    client.kill(f"vibenv-binder-{installation[:8]}")  # the stream to it is lost
    client.close()
    real_engine.bind(name, "first", base_image)


def test_one_that_does_not_run_cannot_be_given_a_name(
    real_engine: DockerEngine, wanted: SessionSpec, base_image: str
) -> None:
    real_engine.create(wanted)
    with pytest.raises(EngineError, match="does not run"):
        real_engine.bind(wanted.name, "first", base_image)


def test_renaming_again_is_harmless_and_never_takes_anothers_name(
    real_engine: DockerEngine, wanted: SessionSpec, base_image: str
) -> None:
    other = spec(base_image)
    real_engine.create(wanted)
    real_engine.create(other)
    with pytest.raises(NameTaken):
        real_engine.rename(wanted.name, other.name)
    for _ in range(2):
        real_engine.rename(wanted.name, f"{wanted.name}-2")
    again = real_engine.create(dataclasses.replace(wanted, name=f"{wanted.name}-2"))
    assert again.session_id == wanted.session_id


@pytest.mark.parametrize("by_hand", [False, True])
def test_its_network_goes_with_it(
    real_engine: DockerEngine, wanted: SessionSpec, installation: str, by_hand: bool
) -> None:
    real_engine.create(wanted)
    real_engine.rename(wanted.name, f"{wanted.name}-2")
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    label = {"label": f"vibenv.installation={installation}"}
    assert len(client.networks(filters=label)) == 1
    if by_hand:
        client.remove_container(f"{wanted.name}-2", force=True)
    real_engine.destroy(f"{wanted.name}-2", wanted.session_id)
    assert client.networks(filters=label) == []
    client.close()


def test_what_is_made_of_it_is_not_anonymous(
    real_engine: DockerEngine, anonymous: SessionSpec, base_image: str
) -> None:
    real_engine.bind(anonymous.name, "first", base_image)
    tag = f"vibenv/session:{anonymous.session_id}-anonymous"
    real_engine.snapshot(anonymous.name, tag, {})
    try:
        made = real_engine.create(spec(tag))
        assert not made.anonymous
        real_engine.destroy(made.name)
    finally:
        real_engine.remove_image(tag)
    assert read(real_engine, anonymous.name, ENDED) == ""
