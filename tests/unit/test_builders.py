"""Which builder is chosen, what a build's end is called, what is told of files outside of a layer."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from engines import current
from layers import records, requests
from layers.builders import choose, outside, script
from layers.builders.dagger_script import failure
from layers.builders.output import Output
from layers.builders.protocol import BaseRequest, BuildRequest
from layers.models import Kind
from layers.progress import Progress

PREFIX = "/opt/vibenv/toolchain/x"


def request(**changes: Any) -> BuildRequest:
    fields: dict[str, Any] = {
        "digest": "d" * 64,
        "kind": Kind.TOOLCHAIN,
        "name": "x",
        "image": "vibenv/toolchain-x:dddddddddddd",
        "base_image": "vibenv/base:1",
        "prefix": PREFIX,
        "script": "true",
    }
    return BuildRequest(**{**fields, **changes})


# which one ----------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def no_dagger(settings: Any) -> None:
    current.reset()
    settings.BUILDER, settings.DAGGER_HOST, settings.DAGGER_CLI = "auto", "", ""


def test_without_a_dagger_engine_docker_builds() -> None:
    choice = choose.choose()
    assert choice.builder.name == "docker"
    assert "VIBENV_DAGGER_HOST" in choice.why


def test_a_dagger_engine_that_does_not_answer_is_not_taken_and_named(settings: Any, tmp_path: Path) -> None:
    settings.DAGGER_HOST, settings.DAGGER_CLI = f"unix://{tmp_path}/nobody.sock", "/bin/true"
    choice = choose.choose()
    assert choice.builder.name == "docker"
    assert choice.why.startswith("not Dagger: ")


def test_what_is_named_is_taken_and_says_what_it_lacks(settings: Any) -> None:
    settings.BUILDER = "dagger"
    settings.REGISTRY = "localhost:1"
    choice = choose.choose()
    assert choice.builder.name == "dagger"
    assert "registry" in choice.missing
    with pytest.raises(choose.BuildError, match="dagger builder cannot build"):
        choose.chosen()


# words --------------------------------------------------------------------------------------------------
def test_a_network_that_is_switched_off_is_told_apart_from_one_that_is_not_there() -> None:
    tail = ["curl: (6) Could not resolve host: example.org"]
    assert "network = false" in str(script.failure(request(network=False), 6, tail))
    assert "connection" in str(script.failure(request(), 6, tail))
    assert "Mend the script" in str(script.failure(request(), 6, ["some other thing"]))


def test_marks_of_the_dagger_script_become_the_same_words() -> None:
    assert "its limit is 4 GB" in str(failure(request(), 1, "x\nvibenv: too large: 9000000\n"))
    assert "left nothing" in str(failure(request(), 1, "vibenv: nothing at the prefix\n"))
    assert "status 3: last" in str(failure(request(), 3, "first\nlast\n"))


def test_sizes_are_readable() -> None:
    assert [script.size(n) for n in (3, 2048, 5 * 1024**2, 3 * 1024**3)] == ["3 bytes", "2 kB", "5 MB", "3 GB"]


def test_a_request_survives_its_row() -> None:
    wanted = request(inputs={"source": Path("/data/source.tar")}, environment={"A": "b"}, trust=Path("/ca"))
    assert requests.from_json(requests.to_json(wanted)) == wanted
    base = BaseRequest("d" * 64, "vibenv/base-x:dddddddddddd", packages=("tree",), trust=Path("/ca"))
    assert requests.from_json(json.loads(json.dumps(requests.to_json(base)))) == base


# outside ------------------------------------------------------------------------------------------------
def test_what_changed_elsewhere_is_told_by_its_outermost_path() -> None:
    changed = [
        "/opt",
        "/opt/vibenv",
        PREFIX,
        f"{PREFIX}/in",
        "/srv",
        "/srv/out",
        "/tmp/x",
        "/root/.cache/y",
        "/build/z",
    ]
    assert outside.told(changed, PREFIX) == ["/srv/out"]


def test_many_files_elsewhere_are_folded_and_counted() -> None:
    changed = [f"/usr/lib/{n}" for n in range(50)]
    assert outside.told(changed, PREFIX) == ["/usr/lib/ (50 files)"]
    changed = [f"/usr/{n}/{m}" for n in range(30) for m in range(2)]
    assert outside.told(changed, PREFIX)[-1] == "and 10 more"


def test_an_empty_prefix_is_seen() -> None:
    assert outside.is_empty(["/opt", PREFIX], PREFIX)
    assert not outside.is_empty([f"{PREFIX}/file"], PREFIX)


# output -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_output_becomes_lines_wherever_it_was_cut(tmp_path: Path) -> None:
    row = records.claim("d1", "image:1", Kind.TOOLCHAIN)
    assert row is not None
    with Progress(row, tmp_path / "log", threading.Event()) as progress:
        output = Output(progress)
        for part in ("é".encode()[:1], "é".encode()[1:] + b"one\ntw", b"o\r\n\x1b[31mred\x1b[0m\n10%\r20%\rdone"):
            output.feed(part)
        output.end()
    assert list(output.tail) == ["éone", "two", "red", "10%", "20%", "done"]
    assert (tmp_path / "log").read_text().splitlines()[:2] == ["éone", "two"]
