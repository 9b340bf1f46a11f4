"""`./vibenv up` as a process: what it says, what it refuses, what it starts and ends."""

import contextlib
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.product import ROOT, Product, free_port, wait_for

PARTS = ("web", "worker", "beat", "redis")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="changes owners and mounts")


def vibenv(*arguments: str, timeout_s: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    inherited = {k: v for k, v in os.environ.items() if k not in {"VIBENV_DATA_DIR", "VIBENV_REDIS_URL"}}
    return subprocess.run(
        ["./vibenv", *arguments],
        cwd=ROOT,
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@contextlib.contextmanager
def running(product: Product, *arguments: str) -> Iterator[Product]:
    try:
        yield product.up(*arguments)
    finally:
        product.down()
        product.clean()


def gone(processes: dict[str, psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes.values())


# what it says -------------------------------------------------------------------------------------------
def database_of(product: Product) -> dict[str, str]:
    """Whoever names a database does so for every command."""
    return {k: v for k, v in product.environment.items() if k == "VIBENV_DATABASE_URL"}


def test_one_ready_line_and_nothing_else_on_standard_output(product: Product):
    again = vibenv("up", "--data-dir", str(product.data_dir), **database_of(product))
    assert again.returncode == 0
    assert re.fullmatch(rf"vibenv is ready: {product.url}/login/\S+\n", again.stdout)


def test_its_lines_have_no_control_characters_without_a_terminal(product: Product):
    text = "".join(product.lines)
    assert "✓" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)


def test_the_owners_token_and_the_data_directory_are_private(product: Product):
    assert product.data_dir.stat().st_mode & 0o777 == 0o700
    assert (product.data_dir / "owner-token").stat().st_mode & 0o777 == 0o600
    assert product.api.get("/boards").status_code == 200


def test_a_link_logs_in_once(product: Product):
    link = product.new_login_url()
    assert "vibenv_session" in httpx.get(link).cookies
    assert "vibenv_session" not in httpx.get(link).cookies


def test_a_second_up_points_at_the_first_with_a_fresh_link(product: Product):
    before = {name: p.pid for name, p in product.processes().items()}
    again = vibenv("up", "--data-dir", str(product.data_dir), "--port", str(free_port()), **database_of(product))
    link = again.stdout.removeprefix("vibenv is ready: ").strip()
    assert "vibenv_session" in httpx.get(link).cookies
    assert {name: p.pid for name, p in product.processes().items()} == before


def test_redis_can_be_reached_by_its_owner_only(product: Product):
    redis = product.processes()["redis"]
    assert redis.net_connections(kind="inet") == []
    assert product.redis().ping()
    assert (product.data_dir / "redis.sock").stat().st_mode & 0o077 == 0


def test_doctor_names_the_running_processes(product: Product):
    found = vibenv("doctor", "--data-dir", str(product.data_dir), "--json")
    assert found.returncode == 0, found.stdout
    for name, process in product.processes().items():
        assert f"{name} {process.pid}" in found.stdout


# what it refuses ----------------------------------------------------------------------------------------
def test_a_port_in_use_names_its_holder(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = vibenv("up", "--data-dir", str(tmp_path / "d"), "--port", str(port))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert f"Port {port} is in use by" in refused.stderr
    assert f"process {os.getpid()}" in refused.stderr
    assert "--port" in refused.stderr


@needs_root
def test_another_users_data_directory_is_refused(tmp_path: Path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    refused = vibenv("up", "--data-dir", str(theirs), "--port", str(free_port()))
    assert refused.returncode == 1
    assert "belongs to nobody" in refused.stderr
    assert list(theirs.iterdir()) == []


@needs_root
def test_a_full_disk_is_refused(tmp_path: Path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(tmp_path)], check=True)
    try:
        refused = vibenv("up", "--data-dir", str(tmp_path / "d"), "--port", str(free_port()))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert refused.returncode == 1
    assert "needs 200 MB" in refused.stderr


def test_a_dead_engine_that_was_named_is_refused(tmp_path: Path):
    refused = vibenv(
        *("up", "--data-dir", str(tmp_path / "d"), "--port", str(free_port())), DOCKER_HOST="unix:///nowhere.sock"
    )
    assert refused.returncode == 1
    assert "No container engine answers at unix:///nowhere.sock (DOCKER_HOST)" in refused.stderr


def test_a_dead_database_is_refused_without_its_password(tmp_path: Path):
    refused = vibenv(
        *("up", "--data-dir", str(tmp_path / "d"), "--port", str(free_port())),
        VIBENV_DATABASE_URL="postgresql://me:hidden-word@127.0.0.1:1/boards",
    )
    assert refused.returncode == 1
    assert "boards at 127.0.0.1 cannot be used" in refused.stderr
    assert "hidden-word" not in refused.stderr


def test_a_bad_option_is_a_usage_error(tmp_path: Path):
    assert vibenv("up", "--port", "many").returncode == 2
    assert vibenv("fly").returncode == 2


def test_no_link_without_a_running_vibenv(tmp_path: Path):
    refused = vibenv("login", "--data-dir", str(tmp_path / "d"))
    assert refused.returncode == 1
    assert "No vibenv runs in" in refused.stderr
    assert not (tmp_path / "d").exists()


# what it starts and ends --------------------------------------------------------------------------------
# How each process comes back, and that sessions outlive all of them, is in test_reliability.
def test_everything_comes_back_after_the_supervisor_is_killed(breakable: Product):
    assert breakable.process is not None
    before = breakable.processes()
    supervisor = next(
        p for p in psutil.Process(breakable.process.pid).children() if "vibenv_site.setup.supervised" in p.cmdline()
    )
    supervisor.kill()
    wait_for(lambda: gone(before), 40, "the old processes gone")
    breakable.healthy()


def test_a_killed_up_leaves_nothing_that_blocks_the_next(breakable: Product):
    assert breakable.process is not None
    before = breakable.processes()
    breakable.process.kill()
    breakable.process.wait()
    breakable.up()
    assert gone(before)
    assert set(breakable.processes()) == set(PARTS)


def test_any_data_directory_will_do(tmp_path: Path):
    with running(Product(tmp_path / ("long, with spaces " + "x" * 120))) as product:
        product.healthy()
        assert product.new_login_url().startswith(product.url)
    assert not any(tmp_path.rglob("*.sock"))


def test_a_process_that_keeps_ending_shows_its_log(breakable: Product):
    breakable.down()
    for schedule in breakable.data_dir.glob("beat-schedule*"):
        schedule.unlink()
    names = ("beat-schedule", "beat-schedule.dat", "beat-schedule.db")
    for name in names:  # beat cannot open a directory as its schedule
        (breakable.data_dir / name).mkdir()
    breakable.up()
    wait_for(lambda: "The beat process keeps ending" in "".join(breakable.lines), 60, "the report")
    wait_for(lambda: "beat.log" in "".join(breakable.lines), 5, "the log's name")
    breakable.down()
    for name in names:
        (breakable.data_dir / name).rmdir()


def test_what_a_power_cut_left_is_no_hindrance_and_an_older_database_is_copied_before_it_is_changed(breakable: Product):
    data_dir = breakable.data_dir
    breakable.down()
    for name in ("redis.sock", "supervisor.sock"):
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(data_dir / name))
    (data_dir / "supervisor.pid").write_text("1\n")
    (data_dir / "up.json").write_text('{"pid": 1, "url": "http://x", "host": "x", "port": 1, "ready": true}')
    sqlite = (data_dir / "vibenv.sqlite3").exists()
    if sqlite:
        back = vibenv("manage", "migrate", "layers", "0005", VIBENV_DATA_DIR=str(data_dir))
        assert back.returncode == 0, back.stderr
    breakable.up()
    assert breakable.api.get("/boards").status_code == 200
    if sqlite:  # PostgreSQL keeps its own copies
        assert len(list((data_dir / "backups").glob("vibenv-*.sqlite3"))) == 1


def test_on_a_terminal_ctrl_c_ends_it_in_order(tmp_path: Path):
    product = Product(tmp_path / "d")
    (product.data_dir / "vibenv.sqlite3").unlink(missing_ok=True)  # everything from its beginning
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        command = ["./vibenv", "up", "--yes", "--data-dir", str(product.data_dir), "--port", str(product.port)]
        os.execvpe(command[0], command, os.environ | {"TERM": "xterm-256color"})  # noqa: S606
    seen = b""
    end = time.monotonic() + 120
    while b"vibenv is ready" not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    assert b"vibenv is ready" in seen, seen.decode(errors="replace")
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):  # Linux says EIO at the end of a terminal
        while data := os.read(terminal, 65536):
            seen += data
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"Stopping" in seen
    product.clean()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_set_up_ends_it_too(tmp_path: Path, number: signal.Signals):
    product = Product(tmp_path / "d")
    command = ["./vibenv", "up", "--yes", "--data-dir", str(product.data_dir), "--port", str(product.port)]
    with subprocess.Popen(command, cwd=ROOT, env=product.environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Engine" in process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode in {0, 130}
    assert "Traceback" not in rest
