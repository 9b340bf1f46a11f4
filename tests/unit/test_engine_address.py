from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from engines import address
from engines.errors import EngineError


def context(config: Path, name: str, host: str) -> None:
    meta = config / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def test_the_default_socket(tmp_path: Path) -> None:
    found = address.resolve("", "", tmp_path)
    assert found.url == "unix:///var/run/docker.sock"
    assert found.socket_path == "/var/run/docker.sock"


def test_docker_host_comes_first(tmp_path: Path) -> None:
    context(tmp_path, "far", "unix:///far.sock")
    assert address.resolve("unix:///near.sock", "far", tmp_path).url == "unix:///near.sock"


def test_a_named_context_comes_before_the_current_one(tmp_path: Path) -> None:
    context(tmp_path, "far", "unix:///far.sock")
    context(tmp_path, "current", "unix:///current.sock")
    (tmp_path / "config.json").write_text('{"currentContext": "current"}')
    assert address.resolve("", "far", tmp_path).url == "unix:///far.sock"
    assert address.resolve("", "", tmp_path).url == "unix:///current.sock"
    assert address.resolve("", "default", tmp_path).url == address.DEFAULT_URL


def test_an_unknown_context_is_never_the_local_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no Docker context 'nobody'") as raised:
        address.resolve("", "nobody", tmp_path)
    assert raised.value.permanent


@pytest.mark.parametrize("broken", ["{", "[]", '{"Endpoints": {}}'])
def test_a_broken_context_is_an_error(tmp_path: Path, broken: str) -> None:
    context(tmp_path, "far", "unix:///far.sock")
    next(tmp_path.rglob("meta.json")).write_text(broken)
    with pytest.raises(EngineError, match="cannot be read"):
        address.resolve("", "far", tmp_path)


@pytest.mark.parametrize("broken", ["{", "[]"])
def test_a_broken_configuration_is_an_error(tmp_path: Path, broken: str) -> None:
    (tmp_path / "config.json").write_text(broken)
    with pytest.raises(EngineError, match="cannot be read"):
        address.resolve("", "", tmp_path)


def test_ssh_says_that_it_comes_later(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not yet supported"):
        address.resolve("ssh://somebody@somewhere", "", tmp_path)


def test_a_context_with_tls_says_that_it_comes_later(tmp_path: Path) -> None:
    context(tmp_path, "far", "tcp://far:2376")
    (tmp_path / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest() / "docker").mkdir(parents=True)
    with pytest.raises(EngineError, match="TLS"):
        address.resolve("", "far", tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "unix://", "unix://relative", "tcp://", "tcp://host:port", "http://host"])
def test_nonsense_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(EngineError, match="no engine address"):
        address.resolve(url, "", tmp_path)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("tcp://host:2000", ("host", 2000)), ("tcp://host", ("host", 2375)), ("tcp://[::1]:99", ("::1", 99))],
)
def test_tcp_addresses(tmp_path: Path, url: str, expected: tuple[str, int]) -> None:
    found = address.resolve(url, "", tmp_path)
    assert found.host_port == expected
    assert found.socket_path is None
