"""The registry that layers are kept in: the one that answers, else one that is started here."""

from __future__ import annotations

import http.client
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engines.errors import EngineError
from vibenv_site import environment
from vibenv_site.setup import paths, ports, programs
from vibenv_site.setup.commands import run
from vibenv_site.setup.needs import REGISTRY

if TYPE_CHECKING:
    from engines.protocol import Engine

OFF = "off"
IMAGE = "registry:2"
CONTAINER = "registry"
PORT = 5000
PROBE_TIMEOUT_S = 2
START_TIMEOUT_S = 10
BLOBS_LEFT = "registry-blobs-left"  # as `layers.collect` leaves it
LOCAL = re.compile(r"^(?:http://)?(?:localhost|127\.0\.0\.1):(\d+)$")


@dataclass(frozen=True, slots=True)
class Choice:
    """`config` is of one that runs as our child; `found` is for people. An empty address: there is none."""

    address: str
    found: str
    config: Path | None = None


def settled(data_dir: Path) -> Choice | None:
    """What needs no start: one that answers, none at all, or one that is somebody else's to start."""
    address = environment.registry(data_dir)
    if address.lower() == OFF:
        return Choice("", "none: VIBENV_REGISTRY says so")
    if answers(address):
        return Choice(address, f"at {address}")
    if not LOCAL.match(address):
        return Choice("", f"none answers at {address} (VIBENV_REGISTRY); the engine does without")
    return None


def in_container(data_dir: Path, engine: Engine, pull: bool, say: Callable[[str], None]) -> Choice | None:
    """One in a container of the engine: of an image that is there, or may be pulled. None where that is not to be had."""
    address = environment.registry(data_dir)
    if environment.text("VIBENV_REGISTRY") or not _free(PORT) or not address.endswith(f":{PORT}"):
        return None
    try:
        if not engine.has_image(IMAGE):
            if not pull:
                return None
            say(f"looking for {IMAGE}")
            for line in engine.pull_image(IMAGE):
                say(f"pulling {IMAGE}: {line}")
        engine.run_service(CONTAINER, IMAGE, PORT)
    except EngineError as error:
        say(str(error))
        return None
    if not _comes_up(address):
        say(f"the container {CONTAINER} does not answer at {address}: `docker logs {CONTAINER}` says why")
        return None
    return Choice(address, f"at {address}, in the container {CONTAINER}")


def _comes_up(address: str) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not answers(address):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def as_child(data_dir: Path) -> Choice | None:
    """One that the supervisor runs, on the wanted port or, where something else has that, a free one."""
    wanted = LOCAL.match(environment.registry(data_dir))
    if programs.find(REGISTRY.program) is None or wanted is None:
        return None
    port = int(wanted[1])
    if not _free(port):
        if environment.text("VIBENV_REGISTRY"):
            return Choice("", f"none: port {port} is taken by {ports.holder(port) or 'something else'}")
        port = ports.require_free("127.0.0.1", 0)
    address = f"localhost:{port}"
    path = data_dir / "registry.yml"
    path.write_text(config(data_dir / "registry", port))
    environment.registry_file(data_dir).write_text(address + "\n")
    return Choice(address, f"at {address}, of our own", path)


def config(storage: Path, port: int) -> str:
    """Of Debian's registry. No cache of what it has: that would be wrong once blobs are collected."""
    return "\n".join(
        [
            "version: 0.1",
            "log: {level: warn, accesslog: {disabled: true}}",
            "storage:",
            f"  filesystem: {{rootdirectory: '{str(storage).replace(chr(39), chr(39) * 2)}'}}",
            "  delete: {enabled: true}",
            f"http: {{addr: '127.0.0.1:{port}'}}",
            "",
        ]
    )


def answers(address: str) -> bool:
    """Whether a registry answers; one that wants a login does, too."""
    plain, host = address.startswith("http://") or LOCAL.match(address), address.rpartition("://")[2]
    kind = http.client.HTTPConnection if plain else http.client.HTTPSConnection
    connection = kind(host, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", "/v2/")
        answer = connection.getresponse()
        known = answer.getheader("Docker-Distribution-Api-Version")
        return bool(known) or (answer.status == 200 and answer.read(16).strip() == b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def collect_blobs(data_dir: Path, say: Callable[[str], None]) -> None:
    """Remove the blobs that no image of our own registry has; only while it does not run. Raises `CommandFailed`."""
    left = data_dir / BLOBS_LEFT
    path = data_dir / "registry.yml"
    if left.exists() and path.exists() and programs.find(REGISTRY.program):
        say("removing blobs that no image has")
        argv = [programs.find(REGISTRY.program) or "", "garbage-collect", "--delete-untagged", str(path)]
        log = paths.logs(data_dir) / "registry-collect.log"
        run(argv, log, lambda _: None, "The registry could not collect its blobs")
    left.unlink(missing_ok=True)


def stored_bytes(data_dir: Path) -> int:
    """What our own registry keeps on the disk."""
    return sum(path.stat().st_size for path in (data_dir / "registry").rglob("data") if path.is_file())


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(PROBE_TIMEOUT_S)
        return probe.connect_ex(("127.0.0.1", port)) != 0
