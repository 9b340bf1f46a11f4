"""A pytest plugin (`-p tests.database_only`): keep only the tests whose outcome can depend on the database."""

from __future__ import annotations

import pytest

# Streams, screens, and what is built and frozen, never touch the database meanwhile: SQLite's run has shown all there is to see.
ELSEWHERE = {"test_terminal.py", "test_screens.py", "test_readymade.py", "test_rebase.py"}
FIXTURES = {"db", "transactional_db", "live_server", "product", "breakable"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if _uses_database(item)]
    dropped = [item for item in items if not _uses_database(item)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    if item.path.name in ELSEWHERE:
        return False
    return item.get_closest_marker("django_db") is not None or bool(FIXTURES & set(getattr(item, "fixturenames", ())))
