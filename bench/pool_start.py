"""A new card's start with a container that was made ahead, without one, and the bare engine calls beside them."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from bench import resume
from bench.bare import Engine
from bench.figures import Figure, at_most, percentile
from tests.product import Product, docker, wait_for
from tests.product import product as running_product

MEDIAN_S, P95_S = 0.25, 0.5
TIMES_FLOOR, PLUS_S = 1.5, 0.3
SETTLED_S = 1.0  # after a container was made ahead, so that its making is not measured


def measured(engine: Engine, repetitions: int) -> list[Figure]:
    """By two products of its own."""
    with _product(VIBENV_POOL_SIZE="2") as hits, _product() as misses:
        return starts(hits, misses, engine, repetitions)


@contextlib.contextmanager
def _product(**environment: str) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="vibenv-bench-") as directory:
        yield from running_product(Path(directory), **environment)


def starts(hits: Product, misses: Product, engine: Engine, repetitions: int) -> list[Figure]:
    """`hits` is a product with a pool, `misses` one without. From the drop's request until the terminal shows a prompt."""
    found, made, bare = [], [], []
    for number in range(repetitions):
        _ready(hits)
        found.append(_start(hits, f"hit {number}"))
        made.append(_start(misses, f"miss {number}", lambda container: bare.append(_floor(engine, container))))
    floor = statistics.median(bare)
    return [
        at_most("drop to prompt with a pool hit, median", statistics.median(found), "s", MEDIAN_S),
        at_most("drop to prompt with a pool hit, p95", percentile(found, 95), "s", P95_S),
        at_most("drop to prompt without, median", statistics.median(made), "s", TIMES_FLOOR * floor + PLUS_S),
        Figure("bare network, container, start, attach to the prompt, median", floor, "s"),
        Figure("pool hits of these starts", _hits(hits), ""),
    ]


def _floor(engine: Engine, container: str) -> float:
    return resume.bare_run_s(engine, container)


def _start(product: Product, title: str, then: Callable[[str], None] = lambda _: None) -> float:
    """As the page does it: the move is sent, and the terminal opened in the same moment."""
    card = product.new_card(title)["id"]
    column = product.column("active")
    moving = threading.Thread(target=lambda: product.api.post(f"/cards/{card}/move", json={"column": column}))
    began = time.perf_counter()
    moving.start()
    with resume.terminal(product, card) as client:
        resume.shown(client, resume.PROMPT)
        taken = time.perf_counter() - began
    moving.join()
    then(product.until(card, "running")["container"])
    product.api.delete(f"/cards/{card}")
    return taken


def _ready(product: Product) -> None:
    """Wait for a container that is nobody's."""
    with httpx.Client(follow_redirects=True) as page:
        page.get(product.new_login_url())  # a board that is opened wants one
    wait_for(lambda: _members(product) > 0, 60, "a container that was made ahead")
    time.sleep(SETTLED_S)


def _members(product: Product) -> int:
    label = f"label=vibenv.installation={(product.data_dir / 'installation-id').read_text().strip()}"
    running = docker("ps", "-q", "--filter", label, "--filter", "name=^/vibenv-pool-")
    return min(len(running.split()), int(_metric(product, "vibenv_pool_members")))


def _hits(product: Product) -> float:
    return _metric(product, 'vibenv_pool_claims_total{result="hit"}')


def _metric(product: Product, name: str) -> float:
    lines = httpx.get(f"{product.url}/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0)
