"""How long it takes until a session that slept, or a fork, can be typed into; and the bare engine calls beside it."""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.bare import Engine
from bench.figures import Figure, at_most
from tests.product import Product, wait_for
from tests.terminal_client import TerminalClient

PROMPT = b"\x1b]133;B"  # the default profile's mark: from here on people type
PAUSE_S, STOP_S, ARCHIVE_S, FORK_S, FROZEN_S = 0.3, 0.8, 1.5, 2.0, 1.0
CHANGED_MB = 100
TIMEOUT_S = 60
# Prints the longest time, in seconds, for which it was not let run.
WATCH = """use Time::HiRes qw(time sleep);
my ($last, $most) = (time, 0);
open(my $out, ">", "/tmp/gap");
open(my $pid, ">", "/tmp/gap.pid"); print $pid $$; close($pid);
while (1) {
  sleep 0.005;
  my $now = time;
  if ($now - $last > $most) { $most = $now - $last; seek($out, 0, 0); printf $out "%.4f\\n", $most; $out->flush; }
  $last = $now;
}"""


@contextlib.contextmanager
def terminal(product: Product, card: str) -> Iterator[TerminalClient]:
    client = TerminalClient(f"ws://127.0.0.1:{product.port}/ws/cards/{card}/terminal", product.token)
    try:
        yield client
    finally:
        client.close()


def shown(client: TerminalClient, text: bytes, after: int = 0) -> None:
    """Read until `text` is shown beyond `after` bytes."""
    end = time.monotonic() + TIMEOUT_S
    while client.shown.find(text, min(after, len(client.shown))) < 0:
        if time.monotonic() > end:
            raise TimeoutError(f"{text!r} was not shown; shown: {bytes(client.shown[-300:])!r}")
        client.read()


def sleep(product: Product, card: str, how: str, status: str) -> None:
    product.api.post(f"/cards/{card}/sleep", json={"how": how}).raise_for_status()
    product.until(card, status, timeout_s=TIMEOUT_S)


def resumed_s(product: Product, card: str, client: TerminalClient, how: str, status: str) -> float:
    """From asking for the session that slept until a prompt; of a paused one, until it echoes a key."""
    sleep(product, card, how, status)
    while client.read(0.05):
        pass
    before, told = len(client.shown), len(client.messages)
    began = time.perf_counter()
    product.api.post(f"/cards/{card}/start").raise_for_status()
    if status == "paused":
        _until_running(client, told)
        key = secrets.token_hex(4)
        client.type(key)
        shown(client, key.encode(), before)
    else:
        shown(client, PROMPT, before)
    return time.perf_counter() - began


def _until_running(client: TerminalClient, told: int) -> None:
    while not any(
        m["type"] == "session" and m["session"] and m["session"]["status"] == "running" for m in client.messages[told:]
    ):
        client.read()


# the floor ----------------------------------------------------------------------------------------------
def _prompt(engine: Engine, container: str) -> None:
    """Attach, as we do, until a prompt: one that came before us is lost, so another is asked for."""
    response, sock = engine.attach(container)
    sock.sendall(b"\r")
    seen = b""
    while PROMPT not in seen:
        ready, _, _ = select.select([sock], [], [], TIMEOUT_S)
        if not ready:
            raise TimeoutError(f"no prompt came; shown: {seen[-300:]!r}")
        part = sock.recv(65536)
        if not part:  # the socket was not there yet
            _close(response, sock)
            response, sock = engine.attach(container)
            sock.sendall(b"\r")
        seen += part
    _close(response, sock)


def _close(response: Any, sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    response.close()


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare_unpause_s(engine: Engine, twin: str) -> float:
    engine.api.pause(twin)
    return _timed(lambda: engine.api.unpause(twin))


def bare_start_s(engine: Engine, twin: str) -> float:
    engine.api.stop(twin, timeout=2)

    def again() -> None:
        engine.api.start(twin)
        _prompt(engine, twin)

    return _timed(again)


def bare_run_s(engine: Engine, model: str, image: str = "", commit: str = "") -> float:
    """A network, a container like `model`, its start, until the prompt; of an image of `commit` first, where one is named."""
    name = f"vibenv-bench-{secrets.token_hex(4)}"
    details = engine.api.inspect_container(model)
    wanted = {key: details["Config"][key] for key in ("Image", "Cmd", "Env", "WorkingDir", "Entrypoint")}

    def run() -> None:
        if commit:
            wanted["Image"] = engine.api.commit(commit, repository=name)["Id"]
        elif image:
            wanted["Image"] = image
        network = engine.api.create_network(name, options={"com.docker.network.bridge.name": name[-12:]})["Id"]
        wanted["HostConfig"] = details["HostConfig"] | {"NetworkMode": network}
        engine.api.create_container_from_config(wanted, name)  # type: ignore[no-untyped-call]
        engine.api.start(name)
        _prompt(engine, name)

    try:
        return _timed(run)
    finally:
        engine.api.remove_container(name, force=True, v=True)
        engine.api.remove_network(name)
        if commit:
            engine.api.remove_image(name, force=True)


# what is measured ---------------------------------------------------------------------------------------
def resumes(product: Product, engine: Engine, repetitions: int) -> list[Figure]:
    card = product.running_card("sleeps")["id"]
    container = product.card(card)["session"]["container"]
    times: dict[str, list[float]] = {"pause": [], "stop": [], "archive": []}
    bare: dict[str, list[float]] = {"pause": [], "stop": [], "archive": []}
    with terminal(product, card) as client, engine.twin(container) as twin:
        shown(client, PROMPT)
        _prompt(engine, twin)
        for _ in range(repetitions):
            for how, status in (("pause", "paused"), ("stop", "asleep"), ("archive", "archived")):
                times[how].append(resumed_s(product, card, client, how, status))
            bare["pause"].append(bare_unpause_s(engine, twin))
            bare["stop"].append(bare_start_s(engine, twin))
            bare["archive"].append(bare_run_s(engine, container))
    product.api.delete(f"/cards/{card}")
    found = []
    for how, goal in (("pause", PAUSE_S), ("stop", STOP_S), ("archive", ARCHIVE_S)):
        found.append(at_most(f"resume from {how}, median", statistics.median(times[how]), "s", goal))
        found.append(Figure(f"resume from {how}, slowest", max(times[how]), "s"))
        found.append(Figure(f"bare engine calls for it, median ({how})", statistics.median(bare[how]), "s"))
    return found


def forks(product: Product, engine: Engine, repetitions: int) -> list[Figure]:
    """With `CHANGED_MB` that do not shrink when packed, in files of 10 MB."""
    card = product.running_card("parent")
    container = card["session"]["container"]
    write = f"for n in $(seq {CHANGED_MB // 10}); do head -c 10000000 /dev/urandom >/root/file-$n; done; sync"
    engine.sh(container, write)
    times, frozen, bare = [], [], []
    for _ in range(repetitions):
        engine.sh(container, "! [ -e /tmp/gap.pid ] || kill $(cat /tmp/gap.pid); rm -f /tmp/gap /tmp/gap.pid")
        engine.api.exec_start(engine.api.exec_create(container, ["perl", "-e", WATCH])["Id"], detach=True)
        engine.sh(container, "until [ -s /tmp/gap ]; do sleep 0.05; done")
        began = time.perf_counter()
        made = product.api.post(f"/cards/{card['id']}/fork", json={}).json()["id"]
        with terminal(product, made) as client:
            shown(client, PROMPT)
            times.append(time.perf_counter() - began)
        frozen.append(float(product_reads(engine, container, "/tmp/gap")))
        wait_for(lambda: _settled(product, card["id"]), TIMEOUT_S, "the snapshot is kept")
        bare.append(bare_run_s(engine, container, commit=container))
        product.api.delete(f"/cards/{made}")
    product.api.delete(f"/cards/{card['id']}")
    return [
        at_most(
            f"fork with {CHANGED_MB} MB of changes, until its prompt, median", statistics.median(times), "s", FORK_S
        ),
        Figure("fork, slowest", max(times), "s"),
        Figure("bare engine calls for it, median (fork)", statistics.median(bare), "s"),
        at_most("parent frozen meanwhile, longest", max(frozen), "s", FROZEN_S),
    ]


def product_reads(engine: Engine, container: str, path: str) -> str:
    made = engine.api.exec_create(container, ["cat", path])["Id"]
    return str(engine.api.exec_start(made).decode().strip())


def _settled(product: Product, card: str) -> bool:
    found = product.api.get(f"/cards/{card}/snapshots").json()
    return all(each["state"] in {"ready", "failed"} for each in found)
