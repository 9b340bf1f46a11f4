"""`vibenv check`: every check that needs no engine and no browser."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass

import click
from rich.table import Table

from vibenv_site.cli import testing
from vibenv_site.cli.show import Screen
from vibenv_site.setup import assets, node
from vibenv_site.setup.paths import CACHE, ROOT


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    check: Check
    passed: bool
    seconds: float
    output: str


def checks() -> list[Check]:
    python = (sys.executable, "-m")
    return [
        Check("ruff check", (*python, "ruff", "check", ".")),
        Check("ruff format", (*python, "ruff", "format", "--check", ".")),
        Check("import-linter", (sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()")),
        Check("mypy", (*python, "mypy")),
        Check("TypeScript", (*node.find().npm, "run", "--silent", "check")),
        Check("unit tests", (*python, "pytest", "-q", "tests/unit")),
    ]


def run() -> int:
    """1 when any check failed."""
    screen = Screen()
    with testing.temporary_data_dir():
        with screen.step("npm packages") as step:
            assets.ensure_modules(CACHE / "logs", step.say)
        outcomes = [_one(screen, check) for check in checks()]
    for outcome in outcomes:
        if not outcome.passed:
            click.echo(f"\n{outcome.check.name}\n{outcome.output.rstrip()}")
    _summary(screen, outcomes)
    return 0 if all(o.passed for o in outcomes) else 1


def _one(screen: Screen, check: Check) -> Outcome:
    begun = time.monotonic()
    with screen.step(check.name, quiet=True):
        done = subprocess.run(
            check.argv,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return Outcome(check, done.returncode == 0, time.monotonic() - begun, done.stdout)


def _summary(screen: Screen, outcomes: list[Outcome]) -> None:
    table = Table.grid(padding=(0, 2))
    for outcome in outcomes:
        mark = "[green]✓[/]" if outcome.passed else "[red]✗[/]"
        table.add_row(mark, outcome.check.name, f"[dim]{outcome.seconds:.1f} s[/]")
    screen.console.print(table)
