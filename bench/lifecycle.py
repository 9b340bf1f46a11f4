"""A session's life: how soon one is there, new, from sleep or as a fork, beside the bare engine calls; then a crowd of them.

Run: `.venv/bin/python -m bench.lifecycle [--quick] [--json]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import crowd, pool_start, resume, target
from bench.bare import Engine
from bench.figures import show

REPETITIONS, QUICK_REPETITIONS = 10, 2
NOTES = (
    "drop: from the move's request, with the terminal being opened in the same moment, until it shows a prompt",
    "resume: from the request until the terminal, which was open all the time, shows a prompt or echoes a key",
    "bare: the same calls by hand on the same engine, in turn, with an attach until the prompt",
    *crowd.NOTES,
)


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    repetitions = QUICK_REPETITIONS if arguments.quick else REPETITIONS
    engine = Engine()
    with target.product(arguments) as product:
        found = resume.resumes(product, engine, repetitions)
        found += resume.forks(product, engine, max(2, repetitions // 2))
    if not arguments.running:
        found = pool_start.measured(engine, 2 * repetitions) + found
    with target.product(arguments) as product:
        found += crowd.measure(product, crowd.QUICK if arguments.quick else crowd.FULL)
    show(f"lifecycle, {repetitions} times", found, NOTES, arguments.json)


if __name__ == "__main__":
    main()
