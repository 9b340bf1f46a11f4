"""The layers that a session wrote, merged into one: with a real engine and a real registry."""

from __future__ import annotations

import hashlib
import secrets
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from engines import current
from layers import compose, squash
from layers.registry import Registry
from tests.product import docker as docker_command

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]

# What sessions did, one after the other, each frozen into a layer.
LIVES: Sequence[str] = (
    """cd /workspace; mkdir -p kept/deep gone replaced/old file-then-folder linked emptied/deep; chmod 1751 kept
    for f in kept/deep/a gone/b replaced/old/c linked/one emptied/d emptied/deep/e edited; do echo "first $f" > $f; done
    ln linked/one linked/two; ln linked/one linked/three; ln -s ../nowhere linked/soft; chmod 4711 linked/one
    rmdir file-then-folder; echo file > file-then-folder; mkfifo kept/pipe; touch -d "2001-02-03 04:05:06.789" kept/deep/a
    mkdir swapped; echo folder > swapped/x; head -c 300000 /dev/urandom > kept/big; echo x > 'name with space \u00e9'""",
    """cd /workspace; rm -r gone; rm -r replaced; mkdir -m 700 replaced; echo new > replaced/n; echo more >> edited
    rm linked/one; echo other > linked/one; rm -rf swapped; echo file > swapped; echo t > kept/short-lived""",
    """cd /workspace; rm file-then-folder; mkdir file-then-folder; echo in > file-then-folder/f; rm kept/short-lived
    rm -r emptied; mkdir emptied; chgrp www-data edited; rm /etc/issue; echo host > /etc/motd; rm -r /usr/share/doc/apt""",
    """cd /workspace; mkdir gone; echo again > gone/other; chmod 640 kept/deep/a; rm linked/two
    mkdir /usr/share/doc/apt; echo mine > /usr/share/doc/apt/own; rm swapped; ln -s kept swapped""",
    """cd /workspace; echo last > kept/last; touch -d 2002-02-02 replaced; mv kept moved; ln edited edited-too""",
)

OF_THE_ENGINE = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}


@pytest.fixture
def frozen(base_image: str, registry: Registry) -> Iterator[str]:
    """An image with a layer for each of these lives."""
    below = compose.layers_below(base_image)
    image, made = base_image, []
    for script in LIVES:
        container = f"vibenv-test-{secrets.token_hex(5)}"
        docker_command("run", "--name", container, "--network=none", image, "bash", "-ec", script)
        try:
            image = f"vibenv/test-squash:{secrets.token_hex(5)}"
            changes = [f"--change=LABEL {name}={value}" for name, value in compose.own_labels(below).items()]
            docker_command("commit", *changes, container, image)
            made.append(image)
        finally:
            docker_command("rm", "-f", container)
    yield image
    for name in reversed(made):
        docker_command("rmi", "-f", name)


def tree(image: str) -> dict[str, Any]:
    """Everything of a container of it, as `docker export` tells it; files that are one are told as one."""
    container = docker_command("create", "--network=none", image, "true").strip()
    found: dict[str, Any] = {}
    with tempfile.NamedTemporaryFile() as file:
        docker_command("export", "-o", file.name, container)
        docker_command("rm", container)
        with tarfile.open(file.name) as tar:
            for member in tar:
                found[member.name] = about(tar, member, found)
    return {path: entry for path, entry in found.items() if path not in OF_THE_ENGINE}


def about(tar: tarfile.TarFile, member: tarfile.TarInfo, found: dict[str, Any]) -> Any:
    if member.islnk():
        return [*found[member.linkname][:-1], member.linkname]
    content = tar.extractfile(member) if member.isreg() else None
    digest = hashlib.sha256(content.read()).hexdigest() if content else member.linkname
    extended = {key: value for key, value in member.pax_headers.items() if "xattr" in key}
    time = None if member.name.split("/")[0] in ("dev", "proc", "sys", "etc") and member.isdir() else member.mtime
    return [member.type, oct(member.mode), member.uid, member.gid, time, extended, digest, member.name]


def test_many_layers_of_a_session_become_one_of_the_same_content(
    frozen: str, registry: Registry, settings, tmp_path
) -> None:
    settings.DATA_DIR = tmp_path
    tag = f"vibenv/test-squash:{secrets.token_hex(5)}"
    assert squash.squashed(frozen, tag) is None, "few layers are left alone"
    engine = current.engine()
    before = engine.image(frozen)
    try:
        assert squash.squashed(frozen, tag, most=3) == tag
        after = engine.image(tag)
        assert before is not None and after is not None  # noqa: PT018
        below = int(after.labels[compose.BELOW])
        assert (before.layers, after.layers, after.labels) == (below + len(LIVES), below + 1, before.labels)
        first, second = tree(frozen), tree(tag)
        assert {path: (first.get(path), second.get(path)) for path in first.keys() | second.keys()
                if first.get(path) != second.get(path)} == {}  # fmt: skip
        assert first["workspace/moved/deep/a"][1].endswith("640")
        part = compose.written(tag)
        assert registry.find(*part.published.rsplit(":", 1)), "it can be laid over another base without being pushed"
        assert list(tmp_path.iterdir()) == [tmp_path / "registry.lock"]
    finally:
        engine.remove_image(tag)
