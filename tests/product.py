"""The real product for a test: `./vibenv up` with a data directory of its own, driven from outside like a user would."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"^vibenv is ready: (http://\S+)$")
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], T], timeout_s: float = 20, what: str = "the condition") -> T:
    """Poll until `condition()` is true, and return what it gave."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about within {timeout_s} s; last seen: {value!r}")
        time.sleep(0.05)  # between two looks at a condition


def database_url() -> str | None:
    """A new database where the tests run on PostgreSQL; None for the data directory's own SQLite."""
    given = os.environ.get("VIBENV_DATABASE_URL", "")
    return new_database(given, migrated_database(given)) if given.startswith("postgres") else None


def new_database(server: str, template: str = "template1") -> str:
    name = f"vibenv_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{urlsplit(template).path.strip("/")}"')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


# Migrations are a third of a first start, and the same each time. That `up` runs them: `test_on_a_terminal_…`.
@functools.cache
def migrated_database(server: str) -> str:
    made = new_database(server)
    migrate(VIBENV_DATABASE_URL=made)
    return made


@functools.cache
def migrated_file() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="vibenv-migrated-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    migrate(VIBENV_DATA_DIR=str(directory))
    return directory / "vibenv.sqlite3"


def migrate(**environment: str) -> None:
    command = ["./vibenv", "manage", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, check=True)


class Product:
    """`up()` starts it, `down()` ends it; `api` speaks to it as its owner."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.login_url = ""
        self.lines: list[str] = []
        database = database_url()
        own = {"VIBENV_REGISTRY": f"localhost:{free_port()}"}  # several run at once, each with one of its own
        own |= {"VIBENV_DATABASE_URL": database} if database else {}
        own |= {"VIBENV_POOL_SIZE": "0"}  # a test that wants containers ahead says so
        inherited = {k: v for k, v in os.environ.items() if k not in {"VIBENV_DATA_DIR", "VIBENV_REDIS_URL"}}
        self.environment = inherited | own | environment
        self.process: subprocess.Popen[str] | None = None
        self.there_before = engine_names()
        if database is None and not data_dir.exists():
            data_dir.mkdir(mode=0o700)
        if database is None and not any(data_dir.iterdir()):
            shutil.copy(migrated_file(), data_dir)

    def up(self, *arguments: str, timeout_s: float = 240) -> Product:
        """Start and wait for the ready line."""
        command = ["./vibenv", "up", "--yes", "--data-dir", str(self.data_dir), "--port", str(self.port), *arguments]
        self.lines = []
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        ready = threading.Event()
        threading.Thread(target=self._read, args=(ready,), daemon=True).start()
        end = time.monotonic() + timeout_s
        while not ready.wait(0.1):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("`vibenv up` did not get ready:\n" + "".join(self.lines[-60:]) + self.logs())
        self.api = httpx.Client(
            base_url=f"{self.url}/api/v1", timeout=20, headers={"Authorization": f"Bearer {self.token}"}
        )
        return self

    def _read(self, ready: threading.Event) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            match = READY.match(line.strip())
            if match:
                self.login_url = match[1]
                ready.set()

    @property
    def token(self) -> str:
        return (self.data_dir / "owner-token").read_text().strip()

    def agent_token(self, name: str = "Claude") -> str:
        """Of an agent that acts for the owner."""
        return str(self.api.post("/tokens", json={"name": name, "kind": "agent"}).json()["token"])

    def new_login_url(self) -> str:
        """A fresh one-time link; each works once."""
        command = ["./vibenv", "login", "--data-dir", str(self.data_dir)]
        made = subprocess.run(command, cwd=ROOT, env=self.environment, text=True, capture_output=True, check=True)
        return made.stdout.strip().splitlines()[-1]

    # processes ------------------------------------------------------------------------------------------
    def processes(self) -> dict[str, psutil.Process]:
        """Running parts by name: web, worker, beat, redis."""
        marks = {"web": "daphne", "worker": " worker", "beat": " beat", "redis": "redis-server"}
        assert self.process is not None
        found = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:
                continue
            for name, mark in marks.items():
                if mark in line:
                    found.setdefault(name, child)
        return found

    def kill(self, name: str) -> None:
        """End a part as a crash would, and wait until its successor runs."""
        victim = self.processes()[name]
        victim.send_signal(signal.SIGKILL)

        def replaced() -> bool:
            successor = self.processes().get(name)
            return successor is not None and successor.pid != victim.pid

        wait_for(replaced, 30, f"a new {name}")

    def healthy(self) -> None:
        """Wait until every part answers."""

        def ok() -> bool:
            try:
                return bool(httpx.get(f"{self.url}/healthz", timeout=10).json()["status"] == "ok")
            except (httpx.HTTPError, ValueError):
                return False

        wait_for(ok, 60, "all parts healthy")

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.data_dir / "redis.sock"))

    def down(self) -> int:
        """End it as Ctrl-C would."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def clean(self) -> None:
        """Remove all that is left on the engine when an installation ends for good: it leaves that as it was."""
        label = f"label=vibenv.installation={(self.data_dir / 'installation-id').read_text().strip()}"
        for name in docker("ps", "-aq", "--filter", label).split():
            docker("rm", "-f", "-v", name)
        for name in docker("network", "ls", "-q", "--filter", label).split():
            docker("network", "rm", name)
        own = {"VIBENV_DATA_DIR": str(self.data_dir), "VIBENV_REGISTRY": "off"}
        own |= {"DJANGO_SETTINGS_MODULE": "vibenv_site.settings"}
        command = [sys.executable, "-m", "tests.leftovers"]
        before = json.dumps(sorted(self.there_before))
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment | own, input=before, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def logs(self) -> str:
        """The ends of all logs, for a failure's report."""
        ends = []
        for path in sorted((self.data_dir / "logs").glob("*.log")):
            ends.append(f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-30:]))
        return "\n".join(ends)

    # the board ------------------------------------------------------------------------------------------
    def board(self) -> dict[str, Any]:
        first = self.api.get("/boards").json()[0]["id"]
        return dict(self.api.get(f"/boards/{first}").json())

    def column(self, role: str) -> str:
        return next(str(c["id"]) for c in self.board()["columns"] if c["role"] == role)

    def new_card(self, title: str | None = None, **more: str) -> dict[str, Any]:
        made = self.api.post(
            f"/boards/{self.board()['id']}/cards", json={"title": title or f"t {secrets.token_hex(3)}", **more}
        )
        assert made.status_code == 201, made.text
        return dict(made.json())

    def card(self, card_id: str) -> dict[str, Any]:
        return dict(self.api.get(f"/cards/{card_id}").json())

    def move(self, card_id: str, role: str) -> None:
        moved = self.api.post(f"/cards/{card_id}/move", json={"column": self.column(role)})
        assert moved.status_code == 202, moved.text

    def until(self, card_id: str, *statuses: str, timeout_s: float = 40) -> dict[str, Any]:
        """Wait until the card's session has one of these statuses."""

        def reached() -> dict[str, Any] | None:
            session = self.card(card_id)["session"]
            return session if session and session["status"] in statuses else None

        return wait_for(reached, timeout_s, f"{card_id} {' or '.join(statuses)}") or {}

    def running_card(self, title: str | None = None) -> dict[str, Any]:
        """A new card with a running session."""
        card = self.new_card(title)
        self.move(card["id"], "active")
        self.until(card["id"], "running", "failed")
        card = self.card(card["id"])
        assert card["session"]["status"] == "running", (card["session"], self.logs())
        return card

    def remove_all(self, wait: bool = True, boards_too: bool = False) -> None:
        """Delete every card, perhaps every board but the first; wait until containers are gone, or let the worker do that."""
        containers = []
        boards = self.api.get("/boards").json()
        for listed in boards:
            columns = self.api.get(f"/boards/{listed['id']}").json()["columns"]
            archived = self.api.get(f"/boards/{listed['id']}/archive").json()
            for card in [*archived, *(card for column in columns for card in column["cards"])]:
                self.api.delete(f"/cards/{card['id']}")
                containers += [card["session"]["container"]] if card["session"] else []
        for listed in boards[1:] if boards_too else []:
            self.api.delete(f"/boards/{listed['id']}")
        if wait:
            wait_for(lambda: not set(containers) & set(docker_names()), 60, "containers gone")


def docker_names() -> list[str]:
    """Names of all containers of the engine, in any state."""
    out = subprocess.run(["docker", "ps", "-a", "--format", "{{.Names}}"], text=True, capture_output=True, check=True)
    return out.stdout.split()


def engine_names() -> set[str]:
    """Of images and volumes of any vibenv that the engine has."""
    images = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    return {*(name for name in images if name.startswith("vibenv")), *docker("volume", "ls", "-q").split()}


def docker(*arguments: str) -> str:
    """Run the engine's own command line: what a user would do by hand."""
    return subprocess.run(["docker", *arguments], text=True, capture_output=True, check=True).stdout


def product(data_dir: Path, **environment: str) -> Iterator[Product]:
    """A running product for a fixture, with everything of it removed afterwards."""
    made = Product(data_dir, **environment).up()
    try:
        yield made
        made.remove_all()
    finally:
        made.down()
        made.clean()
