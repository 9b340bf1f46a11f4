"""How the command line shows what it does: one line for each step, on standard error.

On a terminal a running step is a live line; elsewhere steps are plain lines without control characters.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

NAME_WIDTH = 14
PLAIN_EVERY_S = 5.0


class Step:
    """A step while it runs. `say` replaces its live text; `result` stands in its last line."""

    def __init__(self, name: str, write: Callable[[Text], None], live: bool) -> None:
        self.name = name
        self.result = ""
        self.failed = False
        self.percent: float | None = None
        self.begun = time.monotonic()
        self._detail = ""
        self._print = write
        self._live = live
        self._shown_at = self.begun
        self._spinner = Spinner("dots", style="cyan")

    def say(self, detail: str, percent: float | None = None) -> None:
        self._detail, self.percent = detail, percent
        now = time.monotonic()
        if not self._live and now - self._shown_at >= PLAIN_EVERY_S:
            self._shown_at = now
            self._print(Text(f"  {self.name:<{NAME_WIDTH}}{detail}"))

    def __rich__(self) -> Table:
        row = Table.grid(padding=(0, 1))
        cells: list[RenderableType] = [self._spinner, Text(f"{self.name:<{NAME_WIDTH - 1}}")]
        if self.percent is not None:
            cells.append(ProgressBar(total=100, completed=self.percent, width=24))
        cells += [Text(self._detail, style="dim", no_wrap=True, overflow="ellipsis"), Text(self.elapsed(), style="dim")]
        row.add_row(*cells)
        return row

    def elapsed(self) -> str:
        seconds = time.monotonic() - self.begun
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


class Screen:
    """Where steps, notes and errors go."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.live = self.console.is_terminal and not self.console.is_dumb_terminal
        self._running: Live | None = None

    def print(self, line: Text) -> None:
        """A line; nobody who reads on is no reason to stop (rich would exit on a broken pipe)."""
        with contextlib.suppress(OSError, SystemExit):
            self.console.print(line)

    @contextlib.contextmanager
    def step(self, name: str, quiet: bool = False) -> Iterator[Step]:
        """Show a step from its start to its tick, or to its cross when it raises. `quiet`: nothing stays."""
        step = Step(name, self.print, self.live)
        live = Live(step, console=self.console, transient=True, refresh_per_second=12) if self.live else None
        self._running = live
        try:
            with live or contextlib.nullcontext():
                yield step
        except Exception:
            self._finish("✗", "red", step)
            raise
        except BaseException:  # somebody stops us: nothing went wrong
            self._finish("•", "yellow", step)
            raise
        finally:
            self._running = None
        if step.failed:
            self._finish("✗", "red", step)
        elif not quiet:
            self._finish("✓", "green", step)

    def _finish(self, mark: str, style: str, step: Step) -> None:
        line = Text.assemble((mark, style), f" {step.name:<{NAME_WIDTH}}", step.result)
        line.append(f"  {step.elapsed()}", style="dim")
        self.print(line)

    def note(self, text: str) -> None:
        self.print(Text.assemble(("• ", "yellow"), text))

    def error(self, text: str) -> None:
        self.print(Text(f"vibenv: {text}", style="bold red"))

    def asker(self, yes: bool) -> Callable[[str], bool]:
        """A question with yes as its default; answered by itself with `--yes` or when nobody is there."""

        def agreed(question: str) -> bool:
            if yes or not (sys.stdin is not None and sys.stdin.isatty() and self.console.is_terminal):
                return True
            if self._running:
                self._running.stop()
            answer = click.confirm(question, default=True, err=True)
            if self._running:
                self._running.start()
            return answer

        return agreed
