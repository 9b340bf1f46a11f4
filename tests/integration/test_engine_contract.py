"""What every `Engine` must do. A second implementation joins by a second parameter of `engine`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from engines.docker import DockerEngine
from engines.errors import EngineError, NameTaken
from engines.protocol import Engine, EngineEvent, Limits, Observed, RunningCommand, SessionSpec
from tests.integration.engine_fixtures import clean, engine_address, eventually, spec
from tests.product import free_port

pytest_plugins = ["tests.integration.engine_fixtures"]

DTACH = ("dtach", "-N", "/tmp/vibenv.sock", "-r", "winch", "bash", "-l")
ATTACH = ("dtach", "-a", "/tmp/vibenv.sock", "-r", "winch")


@pytest.fixture(params=["real_engine"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@pytest.fixture
def wanted(base_image: str) -> SessionSpec:
    return spec(base_image)


@pytest.fixture
def running(engine: Engine, wanted: SessionSpec) -> str:
    engine.create(wanted)
    engine.start(wanted.name)
    return wanted.name


@pytest.fixture
def raw() -> Iterator[docker.APIClient]:
    client = docker.APIClient(base_url=engine_address().url, version="auto")
    yield client
    client.close()


def test_it_says_who_it_is(engine: Engine) -> None:
    info = engine.info()
    assert info.seccomp
    assert info.cpus > 0
    assert info.memory_bytes > 2**28


def test_it_says_how_much_room_there_is(engine: Engine, running: str, base_image: str) -> None:
    engine.ensure_guard(base_image)
    room = engine.capacity()
    assert room.cpus > 0
    assert room.memory_free_bytes is not None
    assert 0 < room.memory_free_bytes < room.memory_bytes
    engine.exec(running, ["dd", "if=/dev/zero", "of=/workspace/big", "bs=1M", "count=3"])
    assert 3 * 2**20 <= engine.sizes()[running] < 4 * 2**20


def test_memory_is_read_where_the_engine_is(real_engine: DockerEngine, base_image: str) -> None:
    """Not where we are, if that is another machine: then by the guard, once there is one."""
    assert real_engine._room.free_by_guard() is None
    real_engine.ensure_guard(base_image)
    elsewhere, here = real_engine._room.free_by_guard(), real_engine.capacity().memory_free_bytes
    assert elsewhere is not None
    assert here is not None
    assert abs(elsewhere - here) < 2**30


def test_a_created_session_is_not_running_yet(engine: Engine, wanted: SessionSpec) -> None:
    status = engine.create(wanted)
    assert (status.state, status.name, status.session_id) == (Observed.CREATED, wanted.name, wanted.session_id)


def test_creating_again_adopts_what_is_there(engine: Engine, wanted: SessionSpec) -> None:
    first = engine.create(wanted)
    again = engine.create(dataclasses.replace(wanted, limits=Limits(pids=99)))
    assert again.container_id == first.container_id


def test_two_creates_at_once_make_one_session(engine: Engine, wanted: SessionSpec) -> None:
    made: list[str] = []

    def create() -> None:
        made.append(engine.create(wanted).container_id)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_many_creates_at_once_get_networks_of_their_own(engine: Engine, base_image: str, raw: docker.APIClient) -> None:
    specs = [spec(base_image) for _ in range(8)]
    threads = [threading.Thread(target=engine.create, args=(each,)) for each in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status.name for status in engine.list()} == {each.name for each in specs}
    networks = {raw.inspect_container(each.name)["HostConfig"]["NetworkMode"] for each in specs}
    assert len(networks) == 8


def test_a_name_of_another_installation_is_refused(engine: Engine, wanted: SessionSpec, base_image: str) -> None:
    other = uuid.uuid4().hex
    stranger = DockerEngine(engine_address(), other)
    try:
        stranger.create(wanted)
        with pytest.raises(NameTaken):
            engine.create(wanted)
        with pytest.raises(NameTaken):
            engine.destroy(wanted.name)
        assert stranger.inspect(wanted.name).state is Observed.CREATED
        assert engine.list() == []
    finally:
        stranger.close()
        clean(other)


def test_a_name_of_another_session_is_refused(engine: Engine, wanted: SessionSpec) -> None:
    engine.create(wanted)
    with pytest.raises(NameTaken):
        engine.create(dataclasses.replace(wanted, session_id="someoneelse"))


def test_a_missing_image_is_an_error(engine: Engine, wanted: SessionSpec) -> None:
    with pytest.raises(EngineError, match="nowhere"):
        engine.create(dataclasses.replace(wanted, image="vibenv/nowhere:0"))


def test_stop_and_start_keep_the_files(engine: Engine, running: str) -> None:
    engine.exec(running, ["sh", "-c", "echo work > /workspace/file"])
    engine.stop(running, timeout_s=0)
    assert engine.inspect(running).state is Observed.EXITED
    assert engine.read_file(running, "/workspace/file") == b"work\n"
    engine.start(running)
    assert engine.exec(running, ["cat", "/workspace/file"]).stdout == b"work\n"


def test_every_verb_can_be_said_twice(engine: Engine, running: str) -> None:
    engine.start(running)
    engine.stop(running, timeout_s=0)
    engine.stop(running, timeout_s=0)
    engine.destroy(running)
    engine.destroy(running)
    engine.stop(running)
    assert engine.inspect(running).state is Observed.ABSENT


def test_destroy_leaves_no_network(engine: Engine, running: str, installation: str, raw: docker.APIClient) -> None:
    label = {"label": f"vibenv.installation={installation}"}
    assert raw.networks(filters=label)
    engine.destroy(running)
    assert not raw.networks(filters=label)


def test_a_network_removed_meanwhile_is_made_again(
    engine: Engine, running: str, installation: str, raw: docker.APIClient
) -> None:
    engine.stop(running, timeout_s=0)
    for network in raw.networks(filters={"label": f"vibenv.installation={installation}"}):
        raw.remove_network(network["Id"])
    engine.start(running)
    assert engine.exec(running, ["hostname", "-i"]).stdout.startswith(b"10.")


def test_a_network_without_container_is_adopted(engine: Engine, wanted: SessionSpec, raw: docker.APIClient) -> None:
    first = engine.create(wanted)
    raw.remove_container(first.container_id, force=True)
    assert engine.create(wanted).container_id != first.container_id
    engine.start(wanted.name)
    assert engine.inspect(wanted.name).state is Observed.RUNNING


def test_a_paused_session_starts_and_stops(engine: Engine, running: str, raw: docker.APIClient) -> None:
    raw.pause(running)
    assert engine.inspect(running).state is Observed.PAUSED
    engine.start(running)
    assert engine.inspect(running).state is Observed.RUNNING
    raw.pause(running)
    engine.stop(running, timeout_s=0)
    assert engine.inspect(running).state is Observed.EXITED


def test_the_exit_code_is_told(engine: Engine, base_image: str) -> None:
    wanted = spec(base_image, ("sh", "-c", "echo last words; exit 7"))
    engine.create(wanted)
    engine.start(wanted.name)
    status = eventually(lambda: (s := engine.inspect(wanted.name)).state is Observed.EXITED and s)
    assert status.exit_code == 7
    assert [s.exit_code for s in engine.list()] == [7]
    assert engine.logs(wanted.name) == "last words\n"


def test_what_sessions_use_is_told(engine: Engine, running: str, base_image: str) -> None:
    other = spec(base_image)
    engine.create(other)
    before = engine.usage(running)
    assert before.memory_bytes > 0
    assert before.pids > 0
    engine.exec(running, ["sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
    after = engine.usages([running, other.name, "vibenv-absent"])
    assert list(after) == [running]
    assert after[running].cpu_seconds > before.cpu_seconds
    engine.stop(running, timeout_s=0)
    assert engine.usage(running).pids == 0
    assert engine.usages([running]) == {}
    with pytest.raises(EngineError):
        engine.usage("vibenv-absent")


def test_only_sessions_of_this_installation_are_listed(engine: Engine, running: str, base_image: str) -> None:
    engine.ensure_guard(base_image)
    assert [status.name for status in engine.list()] == [running]


def test_exec_tells_output_and_exit_code(engine: Engine, running: str) -> None:
    result = engine.exec(running, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")


def test_exec_of_what_does_not_exist_is_an_exit_code(engine: Engine, running: str) -> None:
    assert engine.exec(running, ["no-such-program"]).exit_code in (126, 127)


def test_exec_takes_large_output_whole(engine: Engine, running: str) -> None:
    assert len(engine.exec(running, ["head", "-c", "5000000", "/dev/zero"]).stdout) == 5_000_000


def test_exec_bounds_output(engine: Engine, running: str) -> None:
    with pytest.raises(EngineError, match="printed too much"):
        engine.exec(running, ["yes"])
    eventually(lambda: not any(p.command == "yes" for p in engine.processes(running)))


def test_exec_ends_a_command_that_takes_too_long(engine: Engine, running: str) -> None:
    began = time.monotonic()
    with pytest.raises(EngineError, match="longer than"):
        engine.exec(running, ["sh", "-c", "sleep 4321 & sleep 4321"], timeout_s=0.5)
    assert time.monotonic() - began < 10
    eventually(lambda: not any("4321" in p.command for p in engine.processes(running)))


async def collected(command: RunningCommand) -> tuple[bytes, bytes, int]:
    parts = {1: b"", 2: b""}
    while (part := await command.read()) is not None:
        parts[part[0]] += part[1]
    return parts[1], parts[2], await command.exit_code()


def test_a_command_is_read_as_it_goes_on_and_takes_input(engine: Engine, running: str) -> None:
    async def talk() -> None:
        script = 'echo "$SAID"; read -r line; echo "got $line" >&2; cat | wc -c; exit 7'
        command = engine.begin(running, ["sh", "-c", script], {"SAID": "hello"}, takes_input=True)
        with contextlib.closing(command):
            assert await command.read() == (1, b"hello\n")
            await command.write(b"word\n" + bytes(1_000_000))
            command.end_input()
            assert await collected(command) == (b"1000000\n", b"got word\n", 7)

    asyncio.run(talk())


def test_a_command_is_ended_with_what_it_started(engine: Engine, running: str) -> None:
    async def end() -> None:
        command = engine.begin(running, ["sh", "-c", "sleep 5432 & echo on; sleep 5432"], {})
        with contextlib.closing(command):
            assert await command.read() == (1, b"on\n")
            await command.kill()
            assert (await collected(command))[2] == 137

    asyncio.run(end())
    eventually(lambda: not any("5432" in p.command for p in engine.processes(running)))


def test_exec_in_an_absent_session_is_an_error(engine: Engine) -> None:
    with pytest.raises(EngineError):
        engine.exec("vibenv-absent", ["true"])


def test_a_file_that_is_not_there_is_none(engine: Engine, running: str) -> None:
    assert engine.read_file(running, "/nowhere") is None
    assert engine.read_file(running, "/etc") is None
    assert engine.read_file("vibenv-absent", "/etc/hostname") is None


def test_no_more_of_a_file_is_read_than_asked(engine: Engine, running: str) -> None:
    engine.exec(running, ["truncate", "-s", "1G", "/workspace/large"])
    assert engine.read_file(running, "/workspace/large", limit_bytes=10) == bytes(10)


def test_files_are_put_into_a_session_before_and_after_its_start(
    engine: Engine, wanted: SessionSpec, tmp_path: Path
) -> None:
    long = "x" * 120 + "é.txt"
    (tmp_path / "one").write_bytes(b"one")
    (tmp_path / "two").write_bytes(b"2" * 700_001)
    engine.create(wanted)
    engine.put_files(wanted.name, "/attachments", {"a b.txt": tmp_path / "one"})
    engine.start(wanted.name)
    engine.put_files(wanted.name, "/attachments", {long: tmp_path / "two", "-rf": tmp_path / "one"})
    listed = engine.exec(wanted.name, ["sh", "-c", "cd /attachments && stat -c '%n %s %a %U' -- *"]).stdout.decode()
    assert sorted(listed.splitlines()) == sorted([f"{long} 700001 644 root", "a b.txt 3 644 root", "-rf 3 644 root"])
    (tmp_path / "one").write_bytes(b"other")
    engine.put_files(wanted.name, "/attachments", {"a b.txt": tmp_path / "one"})
    assert engine.read_file(wanted.name, "/attachments/a b.txt") == b"other"


def test_a_file_does_not_replace_a_directory(engine: Engine, running: str, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"one")
    engine.exec(running, ["sh", "-c", "mkdir -p /attachments/work && echo kept > /attachments/work/file"])
    with pytest.raises(EngineError, match="directory"):
        engine.put_files(running, "/attachments", {"work": tmp_path / "one"})
    assert engine.read_file(running, "/attachments/work/file") == b"kept\n"


def test_files_that_cannot_be_put_are_an_error(engine: Engine, running: str, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"one")
    with pytest.raises(EngineError):
        engine.put_files("vibenv-absent", "/attachments", {"one": tmp_path / "one"})
    with pytest.raises(FileNotFoundError):
        engine.put_files(running, "/attachments", {"none": tmp_path / "none"})


def test_a_terminal_is_attached_and_has_its_size(engine: Engine, base_image: str) -> None:
    wanted = spec(base_image, DTACH)
    engine.create(wanted)
    engine.start(wanted.name)
    eventually(lambda: engine.exec(wanted.name, ["test", "-S", "/tmp/vibenv.sock"]).exit_code == 0)
    attachment = engine.attach(wanted.name, ATTACH, rows=31, cols=97)
    with attachment.sock as sock:
        sock.settimeout(10)
        sock.sendall(b"stty size\n")
        _read_until(sock, b"31 97")
        sock.sendall(b"echo $((40+2))-$TERM\n")
        _read_until(sock, b"42-xterm-256color")
        engine.resize(attachment.exec_id, 20, 60)
        sock.sendall(b"stty size\n")
        _read_until(sock, b"20 60")
        sock.sendall(b"\x1c")
        _read_until(sock, b"")
    eventually(lambda: not any("dtach -a" in p.command for p in engine.processes(wanted.name)))
    engine.resize(attachment.exec_id, 24, 80)


def _read_until(sock: object, needle: bytes) -> bytes:
    """Read until `needle` came, or until the end where it is empty."""
    seen = b""
    while part := sock.recv(65536):  # type: ignore[attr-defined]
        seen += part
        if needle and needle in seen:
            return seen
    assert not needle, f"{needle!r} never came: {seen!r}"
    return seen


# images -------------------------------------------------------------------------------------------------
@pytest.fixture
def named(engine: Engine, base_image: str) -> Iterator[str]:
    """The base image under a name of this test's own."""
    name = f"vibenv-test/{uuid.uuid4().hex[:12]}:1"
    engine.tag_image(base_image, name)
    yield name
    engine.remove_image(name)


def test_an_image_is_found_by_all_its_names(engine: Engine, named: str, base_image: str) -> None:
    found, base = engine.image(named), engine.image(base_image)
    assert found is not None
    assert base is not None
    assert found.id == base.id
    assert {named, base_image} <= set(found.references)
    assert found.size_bytes > 2**20
    assert found.layers > 0
    assert engine.image("vibenv-test/absent:1") is None
    assert [image.references for image in engine.list_images(named)] == [[named]]


def test_an_image_loses_a_name_and_keeps_the_others(engine: Engine, named: str, base_image: str) -> None:
    engine.remove_image(named)
    engine.remove_image(named)
    assert not engine.has_image(named)
    assert engine.has_image(base_image)


def test_an_image_that_a_container_was_made_from_is_not_removed(engine: Engine, named: str) -> None:
    own = f"{named}0"
    list(engine.build_image(f"FROM {named}\nLABEL own={own}", own, {}))
    wanted = spec(own)
    engine.create(wanted)
    assert own in engine.in_use().images
    with pytest.raises(EngineError, match="remove"):
        engine.remove_image(own)
    engine.destroy(wanted.name)
    engine.remove_image(own)
    assert not engine.has_image(own)


def test_pushing_to_where_no_registry_is_is_an_error(engine: Engine, base_image: str) -> None:
    name = f"localhost:{free_port()}/vibenv/test:1"
    engine.tag_image(base_image, name)
    try:
        with pytest.raises(EngineError, match="push"):
            list(engine.push_image(name))
    finally:
        engine.remove_image(name)


def test_a_service_is_made_once_published_on_loopback_and_started_again(
    engine: Engine, base_image: str, raw: docker.APIClient
) -> None:
    name, port = f"vibenv-test-{uuid.uuid4().hex[:8]}", free_port()
    try:
        engine.run_service(name, base_image, port)
        first = raw.inspect_container(name)
        assert first["HostConfig"]["PortBindings"] == {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}
        raw.stop(name, timeout=0)
        engine.run_service(name, base_image, port)
        again = raw.inspect_container(name)
        assert again["Id"] == first["Id"]
        assert again["State"]["StartedAt"] != first["State"]["StartedAt"]
    finally:
        raw.remove_container(name, force=True)


def test_events_of_our_sessions_arrive(engine: Engine, base_image: str) -> None:
    seen: list[EngineEvent] = []
    stream = engine.events()
    reader = threading.Thread(target=lambda: seen.extend(stream), daemon=True)
    reader.start()
    wanted = spec(base_image)
    engine.create(wanted)
    engine.start(wanted.name)
    engine.destroy(wanted.name)
    # The list grows as events come only where the reader appends one by one, so it is ended first.
    engine.close()
    reader.join(10)
    assert not reader.is_alive()
    assert [event.action for event in seen if event.session_id == wanted.session_id][:2] == ["create", "start"]
    assert {event.name for event in seen} == {wanted.name}


def test_asked_protections_are_in_force(engine: Engine, wanted: SessionSpec, raw: docker.APIClient) -> None:
    host = raw.inspect_container(engine.create(wanted).container_id)["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["PidsLimit"] == wanted.limits.pids
    assert host["Memory"] == wanted.limits.memory_bytes
    assert not host["Binds"]


def test_the_guard_is_kept_up_and_cheap(
    engine: Engine, base_image: str, installation: str, raw: docker.APIClient
) -> None:
    engine.ensure_guard(base_image)
    began = time.monotonic()
    engine.ensure_guard(base_image)
    assert time.monotonic() - began < 0.05
    raw.remove_container(f"vibenv-guard-{installation[:8]}", force=True)
    other = DockerEngine(engine_address(), installation)
    with contextlib.closing(other):
        other.ensure_guard(base_image)
    assert raw.inspect_container(f"vibenv-guard-{installation[:8]}")["State"]["Running"]
