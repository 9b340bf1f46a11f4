"""A loop inside sessions that reads a toolchain all the while, and counts what it could not read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.bare import Engine
from bench.layer_board import TOOLCHAIN

# By path each time, as a shell looks up a program: the whole of two files, and that the program starts.
LOOP = """
cd /tmp; n=0; failed=0
while [ ! -e stop ]; do
  n=$((n + 1))
  a=$(cat {path}/who) && b=$({path}/bin/bench-tool) && c=$(head -c 65536 {path}/data/1 | wc -c) && [ -n "$a$b" ] \
    && [ "$c" = 65536 ] || failed=$((failed + 1))
  echo "$n $failed" > reads
done
mv reads done
"""


@dataclass
class Reads:
    number: int = 0
    failed: int = 0


@contextlib.contextmanager
def reading(engine: Engine, containers: Sequence[str], toolchain: str) -> Iterator[Reads]:
    """What was read while the body ran is known when it has ended."""
    found = Reads()
    script = LOOP.format(path=f"{TOOLCHAIN}/{toolchain}")
    for name in containers:
        engine.sh(name, "rm -f /tmp/stop /tmp/done")
        made = engine.api.exec_create(name, ["sh", "-c", script])["Id"]
        engine.api.exec_start(made, detach=True)
    for name in containers:
        engine.sh(name, "until [ -s /tmp/reads ]; do sleep 0.1; done")
    yield found
    for name in containers:
        engine.sh(name, "touch /tmp/stop; until [ -e /tmp/done ]; do sleep 0.1; done")
        numbers = engine.api.exec_start(engine.api.exec_create(name, ["cat", "/tmp/done"])["Id"]).split()
        found.number += int(numbers[0])
        found.failed += int(numbers[1])
