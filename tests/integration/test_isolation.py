"""From inside a running session: what it must not reach, and whom it must not hurt."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from engines.docker import DockerEngine
from engines.errors import EngineError
from engines.protocol import Limits, Observed
from tests.integration.engine_fixtures import Running, clean, engine_address, eventually, spec

pytest_plugins = ["tests.integration.engine_fixtures"]

METADATA = "169.254.169.254"
OUTSIDE = "198.51.100.2"  # of a range kept for documentation
LISTEN = "import socket,sys; s=[socket.create_server(('0.0.0.0',int(p)),backlog=64) for p in sys.argv[1:]]; input()"
PERL_LISTEN = (
    "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die; "
    "while (my $c = $s->accept) { close $c }"
)


def takes_connections(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def session(base_image: str) -> Iterator[Running]:
    """One for all that only look, or try in vain."""
    installation = uuid.uuid4().hex
    engine, wanted = DockerEngine(engine_address(), installation), spec(base_image)
    engine.ensure_guard(base_image)
    engine.create(wanted)
    engine.start(wanted.name)
    yield Running(engine, wanted)
    engine.close()
    clean(installation)


@pytest.fixture
def host_listener() -> Iterator[int]:
    """The port of a real listener on all addresses of the host."""
    with socket.create_server(("0.0.0.0", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def outside() -> Iterator[None]:
    """Another machine, played by a network namespace: it listens at `OUTSIDE` and `METADATA` on ports 53 and 80."""
    key = secrets.token_hex(3)
    space, near, far = f"vbt-{key}", f"vbn{key}", f"vbf{key}"
    inside = ["ip", "netns", "exec", space]
    with contextlib.ExitStack() as stack:

        def run(*command: str, undo: tuple[str, ...] = ()) -> None:
            subprocess.run(command, check=True)
            if undo:
                stack.callback(subprocess.run, undo, check=False)

        run("ip", "netns", "add", space, undo=("ip", "netns", "del", space))
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", space)
        stack.callback(subprocess.run, ["ip", "link", "del", near], check=False, stderr=subprocess.DEVNULL)
        run("ip", "addr", "add", "198.51.100.1/30", "dev", near)
        run("ip", "link", "set", near, "up")
        run("ip", "route", "add", f"{METADATA}/32", "dev", near)
        run(*inside, "ip", "addr", "add", f"{OUTSIDE}/30", "dev", far)
        run(*inside, "ip", "addr", "add", f"{METADATA}/32", "dev", far)
        run(*inside, "ip", "link", "set", far, "up")
        run(*inside, "ip", "route", "add", "default", "via", "198.51.100.1")
        listener = subprocess.Popen([*inside, sys.executable, "-c", LISTEN, "53", "80"], stdin=subprocess.PIPE)
        stack.callback(listener.wait)
        stack.callback(listener.kill)
        eventually(lambda: takes_connections(METADATA, 80))
        yield


# the engine and the host's files ------------------------------------------------------------------------
def test_no_engine_socket(session: Running) -> None:
    found = session.sh("find / -xdev -type s; ls /var/run/docker.sock /run/docker.sock /run/containerd 2>/dev/null")
    assert found.stdout == b""


def test_no_host_file(session: Running, tmp_path: Path) -> None:
    marker = tmp_path / f"marker-{secrets.token_hex(8)}"
    marker.write_text("the host's")
    assert session.sh(f"find / -name {marker.name} 2>/dev/null").stdout == b""
    # Of the host's disk only the three files that the engine makes for every container are mounted.
    mounted = session.sh("grep -o ' /[^ ]* /[^ ]* ' /proc/self/mountinfo | grep /containers/ | awk '{print $2}'")
    assert set(mounted.stdout.split()) == {b"/etc/resolv.conf", b"/etc/hostname", b"/etc/hosts"}


def test_no_host_processes(session: Running) -> None:
    seen = session.sh("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout.decode()
    assert "dockerd" not in seen
    assert "pytest" not in seen
    assert session.sh("tr '\\0' ' ' < /proc/1/cmdline").stdout.startswith(b"/sbin/docker-init")


# the kernel ---------------------------------------------------------------------------------------------
def test_no_capabilities_and_filters_in_force(session: Running) -> None:
    for process in ("self", "1"):
        lines = session.sh(f"cat /proc/{process}/status").stdout.decode().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind], 16) == 0, kind
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"


@pytest.mark.parametrize(
    "attempt",
    [
        "mount -t tmpfs none /mnt",
        "mount --bind /etc /mnt",
        "unshare --user --map-root-user true",
        "unshare --mount true",
        "mknod /tmp/disk b 254 0",
        "echo 1 > /proc/sys/kernel/panic",
        "echo b > /proc/sysrq-trigger",
        "nsenter --target 1 --net ip link add dummy0 type dummy",
        "ip link set lo down",
        "iptables -S",
        "chroot / true",
        "date -s 2001-01-01",
        "hostname other",
    ],
)
def test_it_cannot(session: Running, attempt: str) -> None:
    assert session.sh(attempt).exit_code != 0


# the network --------------------------------------------------------------------------------------------
def test_the_host_is_not_reachable(session: Running, host_listener: int) -> None:
    gateway = session.sh("ip route | awk '/default/ {print $3}'").stdout.decode().strip()
    listed = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    eventually(lambda: takes_connections(gateway, host_listener))
    addresses = [address for address in listed if "." in address]
    with ThreadPoolExecutor(32) as pool:
        answers = pool.map(lambda address: takes_connections(address, host_listener), addresses)
        own = [address for address, answered in zip(addresses, answers, strict=True) if answered]
    assert reached(session, {gateway, *own}, host_listener) == []


def reached(session: Running, addresses: Collection[str], port: int) -> list[str]:
    """Those of which a TCP connection from inside is taken, all asked at once."""
    ask = f"timeout 3 bash -c 'exec 3<>/dev/tcp/'$address/{port} 2> /dev/null && echo $address"
    done = session.sh(f"for address in {' '.join(addresses)}; do ({ask}) & done; wait")
    return done.stdout.decode().split()


def test_another_session_is_not_reachable(run_session: Callable[..., Running]) -> None:
    listening, session = run_session(("perl", "-e", PERL_LISTEN)), run_session()
    eventually(lambda: listening.reaches("127.0.0.1", 8080))
    assert takes_connections(listening.address, 8080)
    assert listening.reaches(listening.address, 8080)
    assert not session.reaches(listening.address, 8080)


def test_metadata_is_not_reachable_but_the_outside_is(session: Running, outside: None) -> None:
    assert takes_connections(METADATA, 80)
    assert session.reaches(OUTSIDE, 80)
    assert not session.reaches(METADATA, 80)
    assert session.reaches(METADATA, 53), "some clouds answer DNS there"


def test_a_network_made_later_does_not_open_the_way(run_session: Callable[..., Running], outside: None) -> None:
    first = run_session()
    run_session()  # dockerd puts new accepting rules in front of ours
    assert not first.reaches(METADATA, 80)


def test_metadata_on_the_host_itself_is_not_reachable(session: Running) -> None:
    address = "169.254.170.2"
    subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
    try:
        with socket.create_server((address, 0), backlog=16) as server:
            port = server.getsockname()[1]
            assert takes_connections(address, port)
            assert not session.reaches(address, port)
    finally:
        subprocess.run(["ip", "addr", "del", f"{address}/32", "dev", "lo"], check=True)


def test_no_ipv6_beyond_itself(session: Running) -> None:
    assert session.sh("grep -v ' lo$' /proc/net/if_inet6").stdout == b""


# limits: nobody else is hurt ----------------------------------------------------------------------------
def answers_quickly(session: Running) -> bool:
    began = time.monotonic()
    return session.sh("echo fine").stdout == b"fine\n" and time.monotonic() - began < 5


def test_a_fork_bomb_stays_in_its_session(run_session: Callable[..., Running]) -> None:
    bomb = ("bash", "-c", "f() { f | f & sleep 1; }; while :; do f; done 2>/dev/null")
    neighbour, bombed = run_session(), run_session(bomb, Limits(pids=64, cpus=0.5))
    eventually(lambda: len(bombed.engine.processes(bombed.name)) >= 50)
    assert answers_quickly(neighbour)
    assert len(bombed.engine.processes(bombed.name)) <= 64
    bombed.engine.stop(bombed.name, timeout_s=0)
    assert bombed.engine.inspect(bombed.name).state is Observed.EXITED


def test_a_memory_hog_is_ended_alone(run_session: Callable[..., Running]) -> None:
    neighbour, hog = run_session(), run_session(limits=Limits(memory_bytes=96 * 1024**2))
    assert hog.sh('perl -e \'$x = "x" x (1 << 30); print "had it"\'').exit_code == 137
    assert answers_quickly(neighbour)
    assert answers_quickly(hog)


def test_a_log_flood_stays_within_its_bound(run_session: Callable[..., Running]) -> None:
    limits = Limits(log_bytes=256 * 1024)
    flood = run_session(("sh", "-c", "yes a line of the flood | head -c 20000000"), limits)
    eventually(lambda: flood.engine.inspect(flood.name).state is Observed.EXITED, timeout_s=60)
    with contextlib.closing(docker.APIClient(base_url=engine_address().url, version="auto")) as raw:
        log = Path(raw.inspect_container(flood.name)["LogPath"])
    if not os.access(log.parent, os.R_OK):
        pytest.skip("the engine's own files can be read by root on its host only")
    written = sum(file.stat().st_size for file in log.parent.glob(f"{log.name}*"))
    assert 0 < written <= limits.log_bytes
    assert "a line of the flood" in flood.engine.logs(flood.name, tail=3)


def test_a_cpu_hog_leaves_the_rest_its_share(run_session: Callable[..., Running]) -> None:
    neighbour = run_session()
    run_session(("sh", "-c", "while :; do :; done"), Limits(cpus=0.5))
    assert answers_quickly(neighbour)


def test_an_engine_call_that_waits_blocks_no_other(run_session: Callable[..., Running]) -> None:
    session = run_session()

    def wait() -> None:
        with contextlib.suppress(EngineError):
            session.sh("sleep 30", timeout_s=2)

    waiting = [threading.Thread(target=wait) for _ in range(8)]
    for thread in waiting:
        thread.start()
    assert answers_quickly(session)
    for thread in waiting:
        thread.join()
