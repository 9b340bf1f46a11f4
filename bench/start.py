"""How long a start takes: from the drop in a real browser to the first prompt in that page's terminal, and where it goes.

Run: `.venv/bin/python bench/start.py [--quick] [--json]`. A bare `docker run` is measured in turn with it.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import bare_start, target
from bench.bare import Engine
from bench.figures import Figure, at_most, percentile, show
from bench.page import Board, Dropped, board
from tests.product import Product, docker_names, wait_for

REPETITIONS, QUICK_REPETITIONS = 20, 3
MEDIAN_S, P95_S = 0.7, 1.2
NOTES = (
    "drop and prompt are the page's own performance marks, steps are the card's; one machine, one clock",
    "bare: `docker run` with the session's image and security options, on the engine's default network",
)


@dataclass(frozen=True, slots=True)
class Start:
    """One start, milliseconds: the whole, its parts in their order, and the bare runs beside it."""

    total: float
    parts: dict[str, float]
    detached: float
    prompt: float


def _epoch_ms(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() * 1000


def parts_of(dropped: Dropped, session: dict[str, Any]) -> dict[str, float]:
    """How the time from drop to prompt divides; what no step accounts for is `between steps`."""
    wanted = _epoch_ms(session["wanted_at"])
    steps = {s["name"]: (_epoch_ms(s["started_at"]), _epoch_ms(s["finished_at"])) for s in session["steps"]}
    running = max(end for _, end in steps.values())
    found = {"drop to request": wanted - dropped.drop}
    found |= {f"step {name}": end - begin for name, (begin, end) in steps.items()}
    found["between steps"] = running - wanted - sum(end - begin for begin, end in steps.values())
    return found | {"running to prompt": dropped.prompt - running}


def _one(product: Product, page: Board, engine: Engine) -> Start:
    card = product.new_card()
    dropped = page.start(card["id"])
    session = product.until(card["id"], "running")
    model = bare_start.model_of(engine, session["container"])
    product.api.delete(f"/cards/{card['id']}")
    page.gone(card["id"])
    wait_for(lambda: session["container"] not in docker_names(), 30, "the container gone")
    return Start(
        dropped.prompt - dropped.drop,
        parts_of(dropped, session),
        bare_start.detached_ms(model),
        bare_start.prompt_ms(model),
    )


def figures(starts: Sequence[Start]) -> list[Figure]:
    totals = [start.total / 1000 for start in starts]
    found = [
        at_most("drop to prompt, median", statistics.median(totals), "s", MEDIAN_S),
        at_most("drop to prompt, p95", percentile(totals, 95), "s", P95_S),
        Figure("drop to prompt, slowest", max(totals), "s"),
    ]
    for part in starts[0].parts:
        times = [start.parts[part] for start in starts if part in start.parts]
        found.append(Figure(f"{part}, median", statistics.median(times), "ms"))
        found.append(Figure(f"{part}, p95", percentile(times, 95), "ms"))
    detached, prompts = [s.detached / 1000 for s in starts], [s.prompt / 1000 for s in starts]
    return [
        *found,
        Figure("bare docker run -d, median", statistics.median(detached), "s"),
        Figure("bare docker run -it to its prompt, median", statistics.median(prompts), "s"),
    ]


def main() -> None:
    arguments = target.parser((__doc__ or "").partition("\n")[0]).parse_args()
    engine = Engine()
    starts = []
    repetitions = QUICK_REPETITIONS if arguments.quick else REPETITIONS
    with target.product(arguments) as product, board(product.new_login_url()) as page:
        for number in range(repetitions):
            starts.append(_one(product, page, engine))
            print(f"start {number + 1} of {repetitions}: {starts[-1].total:.0f} ms", file=sys.stderr, flush=True)
    show(f"start, {repetitions} times", figures(starts), NOTES, arguments.json)


if __name__ == "__main__":
    main()
