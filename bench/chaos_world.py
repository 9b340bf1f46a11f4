"""A world of its own for what breaks things: namespaces, a small file system, a container engine and the product on it.

In there the network, the processes and the mounts are others than the machine's, and all of it ends with its first
process. Nothing in it reaches the machine's own engine or files, but for the base image, which is fetched once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import psutil

from tests.product import Product, wait_for

DISK_BYTES: Final = 5 * 1024**3
INSIDE: Final = "VIBENV_CHAOS_ROOT"
UNSHARE: Final = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ENGINE_TIMEOUT_S: Final = 120  # a loaded machine's engine takes its time over what a killed one left


def enter() -> Path:
    """Run this program again in a world of its own, and end as it does; in there, its directory."""
    if INSIDE in os.environ:
        return Path(os.environ[INSIDE])
    if os.geteuid() != 0:
        sys.exit("It mounts a file system and starts a container engine of its own: run it as root.")
    root = Path(tempfile.mkdtemp(prefix="vc-", dir="/tmp"))  # short: sockets lie in it
    try:
        code = subprocess.call([*UNSHARE, sys.executable, *sys.argv], env={**os.environ, INSIDE: str(root)})
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(code)


class World:
    """`product` runs on `disk`; `engine` is the process of its container engine."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.root = root
        self.disk = root / "disk"
        self.socket = root / "docker.sock"
        self.log = (root / "dockerd.log").open("ab")
        self.engine: subprocess.Popen[bytes] | None = None
        self.environment = environment
        self.product: Product
        self.kept: dict[str, str] = {}

    def __enter__(self) -> World:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        image = self.root / "disk.img"
        with image.open("wb") as file:
            file.truncate(DISK_BYTES)
        quick = "lazy_itable_init=1,lazy_journal_init=1"
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-E", quick, str(image)], check=True)
        self.disk.mkdir()
        subprocess.run(["mount", "-o", "loop", str(image), str(self.disk)], check=True)
        here = {"DOCKER_HOST": f"unix://{self.socket}", "VIBENV_BUILDER": "docker", **self.environment}
        self.product = Product(self.disk / "data", **here)
        self.kept = {**self.product.environment, "VIBENV_DATA_DIR": str(self.product.data_dir)}
        self.kept["VIBENV_REDIS_URL"] = f"unix://{self.product.data_dir}/redis.sock"
        machines = os.environ.pop("DOCKER_HOST", "unix:///var/run/docker.sock")
        self.start_engine()
        os.environ.update(self.kept)
        _set_up_django()
        self._fetch_base(machines)
        self.product.up()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.product.down()
        if self.engine is not None:
            self.engine.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.engine.wait(20)

    def _fetch_base(self, machines: str) -> None:
        from layers import builder

        image = builder.target().image
        saved = subprocess.Popen(["docker", "-H", machines, "save", image], stdout=subprocess.PIPE)
        subprocess.run(
            ["docker", "-H", f"unix://{self.socket}", "load", "-q"],
            stdin=saved.stdout,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        if saved.wait():
            sys.exit(f"The machine's engine has no {image}. Run `./vibenv up` once.")

    # the engine ---------------------------------------------------------------------------------------
    def start_engine(self) -> None:
        """As after a crash or a reboot: what ran before is what a killed engine left. One that ends is begun again."""
        self._spawn_engine()
        try:
            wait_for(self._engine_up, ENGINE_TIMEOUT_S, "the engine")
        except AssertionError as error:
            said = (self.root / "dockerd.log").read_text(errors="replace").splitlines()[-20:]
            raise AssertionError("\n".join([str(error), *said])) from error

    def _spawn_engine(self) -> None:
        left = self.root / "docker.pid"
        left.unlink(missing_ok=True)
        (self.root / "run" / "containerd" / "containerd.pid").unlink(missing_ok=True)
        command = ["dockerd", "--data-root", str(self.disk / "docker"), "--exec-root", str(self.root / "run")]
        self.engine = subprocess.Popen(
            [*command, "--pidfile", str(left), "--host", f"unix://{self.socket}"],
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def _engine_up(self) -> bool:
        assert self.engine is not None
        if self.engine.poll() is not None:
            self._spawn_engine()
        return self.engine_answers()

    def engine_answers(self) -> bool:
        asked = ["docker", "-H", f"unix://{self.socket}", "version"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def kill_engine(self) -> None:
        """Its containerd goes with it: one that lives on would hold the lock of the next."""
        assert self.engine is not None
        helpers = psutil.Process(self.engine.pid).children() if self.engine.poll() is None else []
        self.engine.send_signal(signal.SIGKILL)
        self.engine.wait()
        for helper in helpers:
            with contextlib.suppress(psutil.NoSuchProcess):
                if helper.name() == "containerd":
                    helper.kill()
        wait_for(lambda: not any(_lives(helper) for helper in helpers), ENGINE_TIMEOUT_S, "the end of the engine")

    # processes ----------------------------------------------------------------------------------------
    def process(self, name: str) -> psutil.Process | None:
        """A part of the product: web, worker, beat, redis, registry."""
        assert self.product.process is not None
        if name != "registry":
            return self.product.processes().get(name)
        for child in psutil.Process(self.product.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "docker-registry" in child.name() or "docker-registry" in " ".join(child.cmdline()):
                    return child
        return None

    # room ---------------------------------------------------------------------------------------------
    def fill(self) -> Path:
        """Take all that is free on the file system."""
        taken = self.disk / "taken"
        with taken.open("wb") as file:
            step = 1 << 30
            at = 0
            while step >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), at, step)
                    at += step
                except OSError:
                    step //= 2
        return taken

    def keep_logs(self, target: Path) -> None:
        shutil.copytree(self.product.data_dir / "logs", target, dirs_exist_ok=True)
        shutil.copy(self.root / "dockerd.log", target)


def _lives(process: psutil.Process) -> bool:
    """Nobody may reap it in here: one that only waits for that is dead."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE and process.name() == "containerd"
    return False


def _set_up_django() -> None:
    """From here on rows and engine are asked as the product's own processes do."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibenv_site.settings")
    django.setup()
