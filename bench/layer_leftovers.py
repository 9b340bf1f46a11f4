"""What layers take and leave on the engine: counted before and after, and removed at the end, however it comes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from docker.errors import APIError

from bench.bare import Engine
from tests.product import Product

LAYERS = "vibenv-layer-"


@dataclass(frozen=True, slots=True)
class Count:
    """What a session's swaps could leave. `containers` are the installation's, helpers included; `product_fds` the worker's.

    The last two are the whole machine's: whatever else runs on it counts, too. 0 for who may not look.
    """

    mounts: int
    containers: int
    processes: int
    session_fds: int
    product_fds: int
    volumes: int
    host_mounts: int
    engine_fds: int


SHARED = ("volumes", "host_mounts", "engine_fds")


def count(engine: Engine, product: Product, container: str) -> Count:
    pid = int(engine.api.inspect_container(container)["State"]["Pid"])
    inside = engine.api.top(container)["Processes"]
    worker = product.processes()["worker"]
    installation = (product.data_dir / "installation-id").read_text().strip()
    daemons = [p for p in psutil.process_iter(["name"]) if p.info["name"] == "dockerd"]
    return Count(
        mounts=_lines(f"/proc/{pid}/mountinfo"),
        containers=len(engine.api.containers(all=True, filters={"label": f"vibenv.installation={installation}"})),
        processes=len(inside),
        session_fds=sum(_fds(int(row[1])) for row in inside),
        product_fds=sum(_fds(p.pid) for p in [worker, *worker.children(recursive=True)]),
        volumes=len(engine.api.volumes()["Volumes"] or []),
        host_mounts=_lines("/proc/self/mountinfo"),
        engine_fds=sum(_fds(p.pid) for p in daemons),
    )


def _lines(path: str) -> int:
    return len(Path(path).read_text().splitlines())


def _fds(pid: int) -> int:
    """0 for who may not look."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def written_bytes(engine: Engine, containers: list[str]) -> int:
    """By these containers in all, beyond their images."""
    found = engine.api.containers(all=True, size=True)
    return sum(int(c.get("SizeRw") or 0) for c in found if set(containers) & {name.lstrip("/") for name in c["Names"]})


def layer_volumes(engine: Engine, tag: str) -> set[str]:
    """Of what was built of recipes with `tag` in their names."""
    digests = {name.rpartition(":")[2] for name in _names(engine.api.images(), tag)}
    names = [str(volume["Name"]) for volume in engine.api.volumes()["Volumes"] or []]
    return {name for name in names if name.startswith(LAYERS) and name.removeprefix(LAYERS)[:12] in digests}


def _names(images: list[dict[str, Any]], tag: str) -> list[str]:
    return [name for image in images for name in image["RepoTags"] or () if f"-{tag}:" in name]


@contextlib.contextmanager
def removed(engine: Engine, tag: str) -> Iterator[None]:
    """At the end remove what recipes with `tag` in their names left on the engine. The product has ended by then."""
    try:
        yield
    finally:
        remove(engine, tag)


def remove(engine: Engine, tag: str) -> None:
    images: list[dict[str, Any]] = engine.api.images()
    ours = _names(images, tag)
    digests = {name.rpartition(":")[2] for name in ours}
    for volume in layer_volumes(engine, tag):
        with contextlib.suppress(APIError):  # what keeps it, a container of its name
            engine.api.remove_container(volume, force=True)
        with contextlib.suppress(APIError):
            engine.api.remove_volume(volume, force=True)
    composed = [image["Id"] for image in images if digests & _parts(image)]
    for image in [*composed, *ours]:
        with contextlib.suppress(APIError):
            engine.api.remove_image(image, force=True)


def _parts(image: dict[str, Any]) -> set[str]:
    return {part[:12] for part in (image["Labels"] or {}).get("vibenv.parts", "").split()}


def remove_sessions(engine: Engine, installation: str) -> None:
    """Containers and networks of an installation that has ended."""
    label = {"label": f"vibenv.installation={installation}"}
    for container in engine.api.containers(all=True, filters=label):
        with contextlib.suppress(APIError):
            engine.api.remove_container(container["Id"], force=True, v=True)
    for network in engine.api.networks(filters=label):
        with contextlib.suppress(APIError):
            engine.api.remove_network(network["Id"])
