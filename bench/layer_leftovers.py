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
    """What a session's swaps could leave. `product_fds` are the worker's, `engine_fds` the daemon's where it can be seen."""

    mounts: int
    host_mounts: int
    volumes: int
    containers: int
    processes: int
    session_fds: int
    product_fds: int
    engine_fds: int


def count(engine: Engine, product: Product, container: str) -> Count:
    pid = int(engine.api.inspect_container(container)["State"]["Pid"])
    inside = engine.api.top(container)["Processes"]
    worker = product.processes()["worker"]
    daemons = [p for p in psutil.process_iter(["name"]) if p.info["name"] == "dockerd"]
    return Count(
        mounts=_lines(f"/proc/{pid}/mountinfo"),
        host_mounts=_lines("/proc/self/mountinfo"),
        volumes=len(engine.api.volumes()["Volumes"] or []),
        containers=len(engine.api.containers(all=True)),
        processes=len(inside),
        session_fds=sum(_fds(int(row[1])) for row in inside),
        product_fds=sum(_fds(p.pid) for p in [worker, *worker.children(recursive=True)]),
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


def layer_volumes(engine: Engine) -> set[str]:
    return {v["Name"] for v in engine.api.volumes()["Volumes"] or [] if v["Name"].startswith(LAYERS)}


@contextlib.contextmanager
def removed(engine: Engine, tag: str) -> Iterator[None]:
    """At the end remove what recipes with `tag` in their names left on the engine. The product has ended by then."""
    try:
        yield
    finally:
        remove(engine, tag)


def remove(engine: Engine, tag: str) -> None:
    images: list[dict[str, Any]] = engine.api.images()
    ours = [name for image in images for name in image["RepoTags"] or () if f"-{tag}:" in name]
    digests = {name.rpartition(":")[2] for name in ours}
    volumes = [v for v in layer_volumes(engine) if v.removeprefix(LAYERS)[:12] in digests]
    for volume in volumes:
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
