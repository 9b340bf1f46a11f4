"""A project on a new base: composed in the product's registry, beside a plain build of the same content.

The product's own code is called in this process, on its database, registry and engine: at a start it does just that.
"""

from __future__ import annotations

import base64
import contextlib
import io
import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import django
from docker.errors import ImageNotFound

from bench.bare import Engine
from bench.layer_board import LayerBoard
from tests.product import Product, wait_for
from vibenv_site.cli import environ

# A working copy as a person has it: many files, each with content of its own, and its history.
SETUP = """
perl -e '
  srand({seed}); mkdir "src";
  for my $d (1 .. {directories}) {{ mkdir "src/$d"; for my $f (1 .. 100) {{
    open my $o, ">", "src/$d/$f.txt"; print $o join(" ", map {{ int rand 1e9 }} 1 .. 800), "\\n"; }} }}'
git init -q . && git config gc.auto 0 && git add -A && git -c user.name=b -c user.email=b@example.org commit -qm all
"""


@dataclass
class Composed:
    """Seconds of each round. `compose`: the image is in the registry; `pull`: the engine has it, too."""

    compose: list[float] = field(default_factory=list)
    pull: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    rebuild: list[float] = field(default_factory=list)
    project_bytes: int = 0


def connect(product: Product) -> None:
    """Have Django in this process be the product's."""
    os.environ.update({k: v for k, v in product.environment.items() if k.startswith("VIBENV_")})
    environ.chosen_data_dir(str(product.data_dir))
    environ.of_running(product.data_dir)
    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)


def measure(board: LayerBoard, rounds: int, directories: int) -> Composed:
    from layers import compose, registry  # noqa: PLC0415  (settings are the product's, known by now)
    from layers.models import Build  # noqa: PLC0415

    setup = SETUP.format(seed=secrets.randbits(30), directories=directories)
    spec = {"files": board.upload({"readme.md": b"A project.\n"}), "setup": setup, "network": False}
    project = Build.objects.get(digest=board.newest(board.recipe("project", "project", spec))["digest"])
    base_recipe = board.recipe("base", "base", {"setup": "echo 0 > /etc/bench"})
    where = registry.current()
    if where is None:
        raise RuntimeError(registry.missing())
    found = Composed(project_bytes=project.size_bytes or 0)
    for number in range(1, rounds + 1):
        version = board.version(base_recipe, {"setup": f"echo {number} {secrets.token_hex(4)} > /etc/bench"})
        base = Build.objects.get(digest=version["digest"])
        for build in (base, project):  # the worker pushes what it built: the builds' time, not composing's
            wait_for(lambda b=build: where.find(*registry.split(b.image)), 300, f"{build.image} in the registry")
        parts = [compose.part_of(base), compose.part_of(project)]
        image = f"{compose.STACKS}:{compose.key(parts)}"
        found.compose.append(_timed(partial(compose.publish, where, parts, image)))
        found.pull.append(_timed(partial(compose.pull, where, image)))
        found.again.append(_timed(partial(compose.image_for, base, project)))
        found.rebuild.append(_rebuild_s(base.image, setup))
    return found


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _rebuild_s(base: str, setup: str) -> float:
    """What a Dockerfile would do: the same set-up once more, on the new base, which is built already."""
    api, name = Engine().api, f"vibenv-bench-rebuild:{secrets.token_hex(4)}"
    script = f"mkdir -p /workspace; cd /workspace; echo 'A project.' > readme.md\n{setup}"
    run = f"RUN echo {base64.b64encode(script.encode()).decode()} | base64 -d | sh -eu"
    words = io.BytesIO(f"FROM {base}\n{run}\n".encode())
    began = time.monotonic()
    try:
        for line in api.build(fileobj=words, tag=name, nocache=True, rm=True, forcerm=True, decode=True):
            if "error" in line:
                raise RuntimeError(line["error"])
        return time.monotonic() - began
    finally:
        with contextlib.suppress(ImageNotFound):
            api.remove_image(name, force=True)
