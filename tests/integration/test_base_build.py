"""The base image's build, for real: from Debian's packages to an image on the engine."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest

from engines.docker import DockerEngine
from tests.integration.engine_fixtures import Running, engine_address, eventually

pytest_plugins = ["tests.integration.engine_fixtures"]

# A builder in a process of its own, with a small recipe that no other test builds.
BUILDER = """
import dataclasses, sys
import django
django.setup()
from layers import builder, recipes
recipes.BASE = dataclasses.replace(recipes.BASE, packages=("dtach", "vim-tiny"), setup=recipes.SETUP + "# " + sys.argv[1])
from django.core.management import call_command
call_command("migrate", verbosity=0)
from layers import base
print(builder.target().image, flush=True)
while not builder.build():
    pass
print(base.resolve().state, base.resolve().detail, flush=True)
"""


class Builders:
    """Builders of one installation and one recipe."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.key = secrets.token_hex(4)
        self.image = ""

    @property
    def log(self) -> str:
        path = self.data_dir / "logs" / "base-build.log"
        return path.read_text() if path.exists() else ""

    @property
    def work(self) -> list[Path]:
        return list(self.data_dir.glob("base-build-*"))

    def start(self) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key != "VIBENV_DATABASE_URL"}
        environment["VIBENV_DATA_DIR"] = str(self.data_dir)
        command = [sys.executable, "-c", BUILDER, self.key]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        self.image = process.stdout.readline().strip()
        return process


@pytest.fixture
def builders(tmp_path: Path) -> Iterator[Builders]:
    found = Builders(tmp_path / "data")
    yield found
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as raw:
        if raw.images(name=found.image):
            raw.remove_image(found.image)


needs_debootstrap = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("debootstrap"), reason="building from packages needs root and debootstrap"
)


@needs_debootstrap
@pytest.mark.timeout(400)
def test_a_killed_build_leaves_nothing_and_is_taken_up_again(builders: Builders, real_engine: DockerEngine) -> None:
    first = builders.start()
    eventually(lambda: "Retrieving" in builders.log, timeout_s=180)
    children = psutil.Process(first.pid).children(recursive=True)
    assert children
    first.send_signal(signal.SIGKILL)
    first.wait()
    _, living = psutil.wait_procs(children, timeout=10)
    assert not living, "debootstrap outlived its builder"
    assert not real_engine.has_image(builders.image)
    assert len(builders.work) == 1

    second = builders.start()  # waits until the dead builder's lease has run out
    output, _ = second.communicate(timeout=300)
    assert output.strip() == "ready", builders.log
    assert real_engine.has_image(builders.image)
    assert builders.work == []
    assert not Path("/proc/mounts").read_text().count(str(builders.data_dir))


@pytest.mark.django_db(transaction=True)
class TestFailures:
    @pytest.fixture(autouse=True)
    def own_data_dir(self, settings: Any, tmp_path: Path) -> None:
        settings.DATA_DIR = tmp_path

    def build(self) -> Any:
        from layers import base, builder

        base.forget()
        assert builder.build()
        return base.resolve()

    def test_a_named_image_that_cannot_be_had(self, settings: Any) -> None:
        settings.BASE_IMAGE = "localhost:1/vibenv/nowhere:1"
        found = self.build()
        assert found.state == "failed"
        assert "VIBENV_BASE_IMAGE" in found.detail
        assert "failed" in found.log_path.read_text()

    def test_a_dead_engine(self, settings: Any, tmp_path: Path) -> None:
        from engines import current
        from layers import builder, records

        settings.DOCKER_HOST = f"unix://{tmp_path}/nobody.sock"
        current.reset()
        try:
            assert builder.build()
            found = records.find(builder.target().digest)
            assert found is not None
            assert "did not answer" in found.reason
        finally:
            current.reset()

    def test_what_is_missing_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A build from packages, on a machine without debootstrap, of a recipe that the engine does not have."""
        import dataclasses

        from layers import builder, recipes

        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(recipes, "BASE", dataclasses.replace(recipes.BASE, suite="no-such-suite"))
        found = self.build()
        assert found.state == "failed"
        assert "debootstrap" in found.detail
        assert builder.target().image not in found.detail


# what the image is good for -----------------------------------------------------------------------------
@pytest.fixture
def session(run_session: Callable[..., Running]) -> Running:
    return run_session()


def test_it_has_what_people_expect(session: Running) -> None:
    for program in ("bash", "dtach", "git", "curl", "less", "ps", "nano", "vi", "vim"):
        assert session.sh(f"command -v {program}").exit_code == 0, program
    assert session.sh("locale charmap || echo $LANG").stdout.strip() in (b"UTF-8", b"C.UTF-8")
    assert session.sh("pwd").stdout == b"/workspace\n"
    assert session.sh("ls /etc/ssl/certs/ca-certificates.crt").exit_code == 0


def test_its_shell_is_pleasant(session: Running) -> None:
    shown = session.sh("bash -lic 'echo \"$PS1\"; alias ls' 2>/dev/null").stdout
    assert b"\\w" in shown
    assert b"--color=auto" in shown


def test_packages_can_be_installed_without_capabilities(session: Running) -> None:
    updated = session.sh("apt-get -qq update", timeout_s=120)
    if updated.exit_code or b"Failed to fetch" in updated.stderr + updated.stdout:
        pytest.skip(f"no package mirror is reachable from a session: {updated.stderr.decode()[-200:]}")
    installed = session.sh("apt-get -qq install -y tree && tree --version", timeout_s=120)
    assert installed.exit_code == 0, installed.stderr.decode()
