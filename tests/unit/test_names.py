"""How an anonymous container waits for its name: the very script, in a directory of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from engines.docker import names
from tests.product import wait_for

SAY = ("sh", "-c", 'echo "$VIBENV_SESSION $HOSTNAME $0"', "went on")


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    """The command with its paths in a directory of its own, and a second in the place of ten."""
    argv = names.waiting(SAY)
    for path in ("/dev/shm/", "/run/vibenv"):
        argv[2] = argv[2].replace(path, f"{tmp_path}/")
    argv[2] = argv[2].replace("timeout 10", "timeout 1")
    return argv


def run(script: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(script, stdout=subprocess.PIPE, text=True)


def give(fifo: Path, name: str) -> None:
    wait_for(fifo.is_fifo)
    with os.fdopen(os.open(fifo, os.O_WRONLY), "w") as to:
        to.write(f"{name}\n")


def test_it_waits_without_end_for_its_first_name(script: list[str], tmp_path: Path) -> None:
    started = run(script)
    with pytest.raises(subprocess.TimeoutExpired):
        started.wait(1.5)
    give(tmp_path / "vibenv-name", "fix-login")
    assert started.communicate(timeout=10)[0] == "fix-login fix-login went on\n"
    assert (tmp_path / "vibenv-name").is_file(), "whoever gives names sees that it went on"


def test_one_that_had_a_name_goes_on_by_itself_in_the_end(script: list[str], tmp_path: Path) -> None:
    (tmp_path / "name").write_text("former\n")
    assert run(script).communicate(timeout=10)[0] == "former former went on\n"


def test_another_name_in_time_is_taken(script: list[str], tmp_path: Path) -> None:
    (tmp_path / "name").write_text("former\n")
    started = run(script)
    give(tmp_path / "vibenv-name", "newer")
    assert started.communicate(timeout=10)[0] == "newer newer went on\n"
    assert (tmp_path / "name").read_text() == "newer\n"
