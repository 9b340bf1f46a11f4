"""The database: reachable, copied before it is changed, and of this version's shape. Needs Django set up."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from vibenv_site.setup.errors import SetupError

COPIES_KEPT = 5


def ensure(data_dir: Path, say: Callable[[str], None]) -> str:
    """Migrate if needed; what was done, for people. Raises `SetupError` when the database cannot be used."""
    try:
        steps, fresh = _plan()
        if steps:
            if connection.vendor == "sqlite" and not fresh:
                say("copying the database")
                copy(Path(str(connection.settings_dict["NAME"])), data_dir / "backups")
            say(f"{steps} migrations")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    except DatabaseError as error:
        raise SetupError(_refusal(connection.settings_dict, connection.vendor, error)) from error
    finally:
        connection.close()
    name = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    return f"{name}, {steps} migrations" if steps else name


def _plan() -> tuple[int, bool]:
    """How many migrations are to be applied, and whether the database is empty."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return len(plan), not executor.loader.applied_migrations


def copy(database: Path, to: Path) -> Path:
    """A consistent copy of a SQLite database, also while it is written to. Older copies beyond five are removed."""
    to.mkdir(mode=0o700, exist_ok=True)
    target = to / f"{database.stem}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}.sqlite3"
    draft = target.with_suffix(".draft")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(draft)) as into:
        source.backup(into)
    draft.replace(target)
    for old in sorted(to.glob(f"{database.stem}-*.sqlite3"))[:-COPIES_KEPT]:
        old.unlink()
    return target


def _refusal(settings: dict[str, object], vendor: str, error: Exception) -> str:
    why = str(error).strip().replace("\n", " ")
    if vendor == "sqlite":
        return f"The database {settings['NAME']} cannot be used: {why}. Check its disk and its owner."
    where = f"{settings['NAME']} at {settings['HOST'] or 'its local socket'}"
    return (
        f"The PostgreSQL database {where} cannot be used: {why}. "
        "Start it, or mend VIBENV_DATABASE_URL (postgresql://user:password@host/name)."
    )
