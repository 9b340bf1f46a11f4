import os
import sqlite3
import subprocess
import time
from pathlib import Path

import click
import pytest

from vibenv_site.cli import testing
from vibenv_site.cli.watching import DEATHS_ALLOWED, Deaths
from vibenv_site.setup import apt, commands, data_dir, database, engine, health, node, paths, ports, running, stamps
from vibenv_site.setup.errors import SetupError
from vibenv_site.setup.supervisor import ProcessState


# stamps -------------------------------------------------------------------------------------------------
def test_a_digest_changes_with_content_and_with_names(tmp_path: Path):
    (tmp_path / "src").mkdir()
    file = tmp_path / "src" / "a.ts"
    file.write_text("1")
    first = stamps.digest([tmp_path / "src"], tmp_path)
    assert stamps.digest([tmp_path / "src"], tmp_path) == first
    file.write_text("2")
    second = stamps.digest([tmp_path / "src"], tmp_path)
    file.rename(tmp_path / "src" / "b.ts")
    assert len({first, second, stamps.digest([tmp_path / "src"], tmp_path)}) == 3


def test_a_stamp_fits_only_what_was_written(tmp_path: Path):
    stamp = tmp_path / "deep" / "x.stamp"
    assert not stamps.fits(stamp, "1")
    stamps.write(stamp, "1")
    assert stamps.fits(stamp, "1")
    assert not stamps.fits(stamp, "2")


# sockets ------------------------------------------------------------------------------------------------
def test_a_socket_stays_in_a_data_directory_with_a_short_path(tmp_path: Path):
    assert paths.socket_path(Path("/tmp/d"), "redis.sock") == Path("/tmp/d/redis.sock")


@pytest.mark.parametrize("name", ["x" * 120, "what?", "100%", "a;b"])
def test_a_socket_moves_when_its_address_would_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = paths.socket_path(Path("/data") / name, "redis.sock")
    assert found.parent.parent == tmp_path
    assert found.parent.stat().st_mode & 0o777 == 0o700
    assert found == paths.socket_path(Path("/data") / name, "redis.sock")
    assert found != paths.socket_path(Path("/data") / f"{name}2", "redis.sock")


def test_a_short_directory_that_others_can_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    paths.short_dir(Path("/data")).chmod(0o755)
    with pytest.raises(SetupError, match="not a private directory"):
        paths.short_dir(Path("/data"))


# data directory -----------------------------------------------------------------------------------------
def test_the_data_directory_is_private(tmp_path: Path):
    data_dir.ensure(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_file_in_its_place_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="--data-dir"):
        data_dir.ensure(tmp_path / "file")


def test_too_little_room_is_said_in_numbers(tmp_path: Path):
    with pytest.raises(SetupError, match=r"building it needs 1024\.0 GB|building it needs"):
        data_dir.require_room(tmp_path, 2**60, "building it")


def test_sizes_read_well():
    assert [data_dir.size(n) for n in (12, 200 * 1024**2, 2 * 1024**3)] == ["12 bytes", "200 MB", "2.0 GB"]


# one `up` per data directory ----------------------------------------------------------------------------
def test_a_second_holder_is_refused_and_the_first_ones_end_frees_it(tmp_path: Path):
    with running.lock(tmp_path):
        assert running.is_locked(tmp_path)
        with pytest.raises(running.AlreadyRunning), running.lock(tmp_path):
            pass
    assert not running.is_locked(tmp_path)


def test_the_note_survives_a_round_trip_and_rubbish_is_no_note(tmp_path: Path):
    note = running.Running(1, "http://x", "x", 80, ready=True)
    running.write(tmp_path, note)
    assert running.read(tmp_path) == note
    (tmp_path / "up.json").write_text("{")
    assert running.read(tmp_path) is None


# ports --------------------------------------------------------------------------------------------------
def test_addresses_for_people():
    assert ports.url("127.0.0.1", 80) == "http://127.0.0.1:80"
    assert ports.url("::1", 80) == "http://[::1]:80"
    assert "0.0.0.0" not in ports.url("0.0.0.0", 80)


def test_port_0_is_a_free_port():
    assert ports.require_free("127.0.0.1", 0) > 1023


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(SetupError, match="--host"):
        ports.require_free("192.0.2.1", 0)


# packages -----------------------------------------------------------------------------------------------
def test_package_lists_are_stale_when_absent_or_old(tmp_path: Path):
    assert apt.lists_are_stale(tmp_path, time.time())
    (tmp_path / "some_Packages.lz4").touch()
    assert not apt.lists_are_stale(tmp_path, time.time())
    assert apt.lists_are_stale(tmp_path, time.time() + 2 * apt.LISTS_MAX_AGE_S)


def test_the_command_for_a_person_is_complete():
    assert apt.command(["a", "b"]).endswith("apt-get install -y a b")


def test_a_failing_command_shows_its_last_lines_and_log(tmp_path: Path):
    said: list[str] = []
    with pytest.raises(commands.CommandFailed, match=r"(?s)It failed.*log.*two"):
        commands.run(["sh", "-c", "echo one; echo two; exit 3"], tmp_path / "log", said.append, "It failed")
    assert said == ["one", "two"]


# engine -------------------------------------------------------------------------------------------------
def test_a_pid_file_of_a_dead_or_another_process_is_removed(tmp_path: Path):
    pidfile = tmp_path / "docker.pid"
    with subprocess.Popen(["true"]) as ended:
        pass
    for content in (str(ended.pid), str(os.getpid()), "rubbish"):
        pidfile.write_text(content)
        engine.drop_stale(pidfile, "dockerd")
        assert not pidfile.exists(), content


def test_a_pid_file_of_the_living_engine_stays(tmp_path: Path):
    pidfile = tmp_path / "sleep.pid"
    with subprocess.Popen(["sleep", "30"]) as alive:
        pidfile.write_text(str(alive.pid))
        engine.drop_stale(pidfile, "sleep")
        alive.kill()
    assert pidfile.exists()


# database -----------------------------------------------------------------------------------------------
def test_copies_are_whole_and_old_ones_go(tmp_path: Path):
    source = tmp_path / "v.sqlite3"
    with sqlite3.connect(source) as connection:
        connection.execute("create table t (x)")
        connection.execute("insert into t values (7)")
    connection.close()
    (tmp_path / "copies").mkdir()
    for year in range(1990, 1998):
        (tmp_path / "copies" / f"v-{year}0101-000000-1.sqlite3").touch()
    made = database.copy(source, tmp_path / "copies")
    assert len(list((tmp_path / "copies").iterdir())) == database.COPIES_KEPT
    with sqlite3.connect(made) as connection:
        assert connection.execute("select x from t").fetchall() == [(7,)]
    connection.close()


# health -------------------------------------------------------------------------------------------------
def test_what_is_waited_for():
    parts = {"database": {"status": "ok"}, "redis": {"status": "ok"}, "worker": {"status": "failed"}}
    assert health.waiting_for({}) == ["web"]
    assert health.waiting_for({"parts": parts}) == ["worker"]
    assert health.waiting_for({"parts": parts | {"worker": {"status": "ok"}}}) == []


def test_deaths_are_seen_by_a_new_process_id():
    deaths = Deaths()
    for pid in range(1, DEATHS_ALLOWED + 2):
        deaths.look([ProcessState("web", pid, "running", 0), ProcessState("beat", 99, "running", 0)])
        deaths.look([ProcessState("web", 0, "exited", 0)])
    assert deaths.lately("web") == DEATHS_ALLOWED
    assert deaths.lately("beat") == 0


# test command -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "databases"),
    [
        ([], "both"),
        (["-x", "-q"], "both"),
        (["tests/unit"], "sqlite"),
        (["tests/unit/test_setup_pieces.py::test_x"], "sqlite"),
        (["-k", "path"], "sqlite"),
        (["tests/unit", "--database=both"], "both"),
        (["--database=postgresql"], "postgresql"),
    ],
)
def test_databases_that_tests_run_on(arguments: list[str], databases: str):
    rest, chosen = testing.choose(arguments)
    assert chosen == databases
    assert not any(a.startswith("--database") for a in rest)


def test_an_unknown_database_is_refused():
    with pytest.raises(click.UsageError, match="sqlite"):
        testing.choose(["--database=oracle"])


# node ---------------------------------------------------------------------------------------------------
def test_package_scripts_find_the_npm_of_the_venv():
    found = node.in_venv()
    assert found is not None
    path = found.environ()["PATH"]
    said = subprocess.run(["env", f"PATH={path}", "npm", "--version"], capture_output=True, text=True, check=True)
    assert node.major(said.stdout) >= 10
