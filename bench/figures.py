"""What a bench prints: a table for people, and one last line of JSON for programs."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `met` is None where there is no goal."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None


def at_most(name: str, value: float, unit: str, limit: float, goal: str = "") -> Figure:
    return Figure(name, value, unit, goal or f"<= {limit:g} {unit}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float, goal: str = "") -> Figure:
    return Figure(name, value, unit, goal or f">= {limit:g} {unit}", value >= limit)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def percentile_of_rounds(rounds: Sequence[Sequence[float]], percent: int) -> float:
    """The median of the rounds' percentiles: one disturbed round does not decide."""
    return statistics.median(percentile(values, percent) for values in rounds)


def show(title: str, figures: Sequence[Figure], notes: Sequence[str], as_json: bool) -> None:
    """Print everything; `as_json` adds the line for programs, last."""
    table = Table(title=title, title_justify="left")
    table.add_column("measured")
    for heading in ("value", "unit", "goal", ""):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    marks = {None: "", True: "met", False: "MISSED"}
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:.4g}", figure.unit, figure.goal, marks[figure.met])
    console = Console(width=140)
    console.print(table)
    for note in notes:
        console.print(f"- {note}", highlight=False, markup=False)
    if as_json:
        print(json.dumps({"figures": [asdict(figure) for figure in figures]}))
