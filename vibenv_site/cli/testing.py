"""`vibenv test`: set-up for all tests, then pytest on SQLite and, for what depends on the database, on PostgreSQL."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType

import click

from vibenv_site.cli import base_image, environ, lanes, preparing
from vibenv_site.cli.lanes import Lane
from vibenv_site.cli.show import Screen
from vibenv_site.setup import engine, paths

DATABASES = ("sqlite", "postgresql", "both")
NO_TESTS = 5
ON_POSTGRESQL = ("-p", "tests.database_only")
PART = ("-p", "tests.parts")
PLACES = ("tests/unit", "tests/integration")
SELECTING = ("-k", "-m", "--lf", "--last-failed", "--ff", "--failed-first", "--sw", "--deselect", "--collect-only")


def run(arguments: list[str]) -> int:
    """pytest's exit code; of several runs the worst one."""
    signal.signal(signal.SIGTERM, _interrupt)
    everything = not any(_selects(a) or a.startswith("--database=") for a in arguments)
    arguments, databases = choose(arguments)
    screen = Screen()
    with temporary_data_dir() as path:
        set_up(screen, path)
    if everything:
        return max(all_lanes(screen, arguments))
    codes = []
    if databases in {"sqlite", "both"}:
        screen.note("Tests on SQLite")
        codes.append(pytest(arguments, {}))
    if databases in {"postgresql", "both"}:
        codes.append(on_postgresql(screen, arguments))
    return max(codes)


def all_lanes(screen: Screen, arguments: list[str]) -> list[int]:
    """Everything on SQLite, the longest first, and what depends on the database on PostgreSQL."""
    screen.note("All tests: on SQLite, and those that depend on the database also on PostgreSQL")
    return lanes.run(
        [
            Lane("product", [*PART, "--part=product", *arguments, *PLACES]),
            Lane("browser", [*arguments, "tests/browser"]),
            Lane("others", [*PART, "--part=others", *arguments, *PLACES]),
            Lane("postgresql", [*ON_POSTGRESQL, *arguments, *PLACES], postgresql_server()),
        ]
    )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def choose(arguments: Sequence[str]) -> tuple[list[str], str]:
    """pytest's arguments, and on which databases: both, unless somebody works on a few tests."""
    rest = [a for a in arguments if not a.startswith("--database=")]
    named = [a.removeprefix("--database=") for a in arguments if a.startswith("--database=")]
    if named and named[-1] not in DATABASES:
        raise click.UsageError(f"--database takes {', '.join(DATABASES)}.")
    selects = any(_selects(a) for a in rest)
    return rest, named[-1] if named else "sqlite" if selects else "both"


def _selects(argument: str) -> bool:
    if argument.startswith("-"):
        return argument.startswith(SELECTING)
    return (paths.ROOT / argument.partition("::")[0]).exists()


@contextlib.contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A fresh data directory with a short path, in force for this process and its children until the end."""
    path = Path(tempfile.mkdtemp(prefix="vibenv-test-"))
    environ.chosen_data_dir(str(path))
    try:
        paths.logs(path).mkdir()
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def set_up(screen: Screen, path: Path) -> None:
    """System packages, engine, front end and base image."""
    there = engine.answers(engine.find())
    found = preparing.situation(there, own_redis=True, base_there=False, tests=True)
    preparing.packages(screen, path, False, found)
    preparing.ensure_engine(screen, path)
    preparing.front_end(screen, path)
    preparing.ensure_database(screen, path)
    base_image.ensure(screen)


def postgresql_server() -> AbstractContextManager[str]:
    from vibenv_site.setup import postgresql

    return postgresql.throwaway()


def on_postgresql(screen: Screen, arguments: list[str]) -> int:
    with contextlib.ExitStack() as stack:
        with screen.step("PostgreSQL") as step:
            url = stack.enter_context(postgresql_server())
            step.result = "a server of its own"
        screen.note("Tests that depend on the database, on PostgreSQL")
        where = () if any(_selects(a) for a in arguments) else PLACES
        code = pytest([*ON_POSTGRESQL, *arguments, *where], {"VIBENV_DATABASE_URL": url})
    return 0 if code == NO_TESTS else code


def pytest(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run pytest with a data directory of its own; its exit code."""
    with temporary_data_dir() as path:
        process = lanes.start(arguments, {**environment, "VIBENV_DATA_DIR": str(path)})
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)  # pytest tears its fixtures down on it
            process.wait()
            raise
