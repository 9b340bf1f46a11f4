"""The script `./vibenv`: its own Python environment, made from the lock files. With small locks, in another place."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.product import ROOT

MAIN = 'import sys, click, os\nprint("main", os.getcwd(), *sys.argv[1:])\n'


def entry(package: str) -> str:
    """One package's lines of the real lock file."""
    text = (ROOT / "requirements.lock").read_text()
    found = re.search(rf"^{package}==(.|\n)*?(?=^\S|\Z)", text, re.MULTILINE)
    assert found
    return "\n".join(line for line in found[0].splitlines() if "# via" not in line) + "\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a check out"
    (root / "vibenv_site" / "cli").mkdir(parents=True)
    (root / "vibenv_site" / "cli" / "main.py").write_text(MAIN)
    shutil.copy(ROOT / "vibenv", root / "vibenv")
    (root / "requirements.lock").write_text(entry("click"))
    (root / "requirements-dev.lock").write_text(entry("click") + entry("six"))
    return root


def run(checkout: Path, *arguments: str, program: str = "vibenv") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / program, *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_first_use_makes_the_environment_and_the_next_is_quiet_and_quick(checkout: Path):
    first = run(checkout, "up", "a b")
    assert (first.returncode, first.stdout) == (0, "main / up a b\n"), first.stderr
    assert "✓ Python environment" in first.stderr
    began = time.monotonic()
    second = run(checkout, "up")
    assert (second.stdout, second.stderr) == ("main / up\n", "")
    assert time.monotonic() - began < 1


def test_the_tests_get_the_development_packages_too(checkout: Path):
    for command, there in (("up", False), ("test", True)):
        assert run(checkout, command).returncode == 0
        assert bool(list((checkout / ".venv" / "lib").glob("*/site-packages/six.py"))) is there
    assert run(checkout, "up").stderr == ""


def test_a_changed_lock_is_followed(checkout: Path):
    run(checkout, "up")
    with (checkout / "requirements.lock").open("a") as lock:
        lock.write(entry("six"))
    assert "✓ Python environment" in run(checkout, "up").stderr
    assert list((checkout / ".venv" / "lib").glob("*/site-packages/six.py"))


def test_what_a_killed_run_left_is_mended(checkout: Path):
    run(checkout, "up")
    (checkout / ".venv" / "requirements.lock.stamp").unlink()  # the stamp is written last
    shutil.rmtree(next((checkout / ".venv" / "lib").glob("*/site-packages/click")))
    mended = run(checkout, "up")
    assert mended.stdout == "main / up\n", mended.stderr


def test_a_checkout_that_was_moved_is_mended(checkout: Path):
    run(checkout, "up")
    moved = checkout.rename(checkout.with_name("moved"))
    assert run(moved, "up").stdout == "main / up\n"
    assert str(moved) in (moved / ".venv" / "pyvenv.cfg").read_text()


def test_a_link_to_it_works(checkout: Path, tmp_path: Path):
    run(checkout, "up")
    (tmp_path / "link").symlink_to(checkout / "vibenv")
    assert run(tmp_path, "up", program="link").stdout == "main / up\n"


def test_two_first_uses_at_once_make_one_environment(checkout: Path):
    both = [
        subprocess.Popen([checkout / "vibenv", "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("✓ Python environment" in error for _, error in said) == 1


def test_a_package_that_is_not_what_the_lock_says_is_refused(checkout: Path):
    lock = checkout / "requirements.lock"
    lock.write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", lock.read_text()))
    refused = run(checkout, "up")
    assert refused.returncode == 1
    assert "could not be installed" in refused.stderr
    assert refused.stdout == ""
    assert os.listdir(checkout / ".venv")
    assert not list((checkout / ".venv").glob("*.stamp"))
