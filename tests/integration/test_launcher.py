"""The script `./vibenv`: its own Python environment, made from the lock files. With small locks, in another place."""

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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("launcher") / "a check out"
    (root / "vibenv_site" / "cli").mkdir(parents=True)
    (root / "vibenv_site" / "cli" / "main.py").write_text(MAIN)
    shutil.copy(ROOT / "vibenv", root / "vibenv")
    return root


@pytest.fixture
def checkout(place: Path) -> Path:
    """One place for all tests, since an environment takes seconds to make: each test says what it starts from."""
    (place / "requirements.lock").write_text(entry("click"))
    (place / "requirements-dev.lock").write_text(entry("click") + entry("six"))
    return place


@pytest.fixture
def made(checkout: Path) -> Path:
    """The same with its environment made."""
    assert run(checkout, "up").returncode == 0
    return checkout


def has_six(checkout: Path) -> bool:
    return bool(list((checkout / ".venv" / "lib").glob("*/site-packages/six.py")))


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
    shutil.rmtree(checkout / ".venv", ignore_errors=True)
    first = run(checkout, "up", "a b")
    assert (first.returncode, first.stdout) == (0, "main / up a b\n"), first.stderr
    assert "✓ Python environment" in first.stderr
    began = time.monotonic()
    second = run(checkout, "up")
    assert (second.stdout, second.stderr) == ("main / up\n", "")
    assert time.monotonic() - began < 1


def test_the_tests_get_the_development_packages_too(made: Path):
    assert not has_six(made)
    assert run(made, "test").returncode == 0
    assert has_six(made)
    assert run(made, "up").stderr == ""


def test_a_changed_lock_is_followed(made: Path):
    (made / "requirements.lock").write_text(entry("click") + entry("psutil"))
    assert "✓ Python environment" in run(made, "up").stderr
    assert list((made / ".venv" / "lib").glob("*/site-packages/psutil"))


def test_a_link_to_it_works(made: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(made / "vibenv")
    assert run(tmp_path, "up", program="link").stdout == "main / up\n"


def test_a_package_that_is_not_what_the_lock_says_is_refused(made: Path):
    lock = made / "requirements.lock"
    lock.write_text(re.sub(r"sha256:\w{8}", "sha256:00000000", entry("sqlparse")))
    refused = run(made, "up")
    assert refused.returncode == 1
    assert "could not be installed" in refused.stderr
    assert refused.stdout == ""
    assert not list((made / ".venv").glob("*.stamp"))


def test_what_a_killed_run_left_is_mended(checkout: Path):
    if not (checkout / ".venv").exists():  # what the last test left will do
        assert run(checkout, "up").returncode == 0
    for stamp in (checkout / ".venv").glob("*.stamp"):  # they are written last
        stamp.unlink()
    for folder in (checkout / ".venv" / "lib").glob("*/site-packages/click"):
        shutil.rmtree(folder)
    mended = run(checkout, "up")
    assert mended.stdout == "main / up\n", mended.stderr


def test_a_checkout_that_was_moved_is_mended_by_two_first_uses_at_once(made: Path):
    moved = made.rename(made.with_name("moved"))
    try:
        both = [
            subprocess.Popen([moved / "vibenv", "up"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=120) for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        assert sum("✓ Python environment" in error for _, error in said) == 1
        assert str(moved) in (moved / ".venv" / "pyvenv.cfg").read_text()
    finally:
        moved.rename(made)
