"""`vibenv doctor`: a table of what is there and what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from vibenv_site.cli import environ
from vibenv_site.setup import findings

MARKS = {"ok": "[green]✓[/]", "optional": "[yellow]![/]", "missing": "[red]✗[/]"}


def run(data_dir: str | None, as_json: bool) -> int:
    """1 when something is missing without which vibenv cannot run."""
    found = findings.all_of(environ.chosen_data_dir(data_dir))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        show(found)
    return 1 if any(finding.status == "missing" for finding in found) else 0


def show(found: list[findings.Finding]) -> None:
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2), collapse_padding=True)
    for finding in found:
        text = finding.found
        if finding.status != "ok":
            text += f"\n[dim]costs:[/] {finding.cost}\n[dim]mend:[/]  {finding.mend}"
        table.add_row(MARKS[finding.status], finding.name, text)
    console.print(table)
    lacking = sum(finding.status == "missing" for finding in found)
    console.print("[red]vibenv cannot run yet.[/]" if lacking else "[green]vibenv can run here.[/]")
