"""A pytest plugin (`-p tests.database_only`): keep only the tests whose outcome can depend on the database."""

from __future__ import annotations

from typing import Final

import pytest

# Streams, screens, sockets that close, files, images and a registry have nothing to do with the database: SQLite's run has
# shown all there is to see of them, and the rules behind them are unit tests, which run on both. What is named here does.
ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "integration/test_access.py": (),
    "integration/test_collect.py": (),
    "integration/test_engine_down.py": (),
    "integration/test_files.py": (),
    "integration/test_links.py": (),
    "integration/test_operations.py": (),
    "integration/test_registry.py": (),
    "integration/test_worker_builds.py": (),
    "integration/test_relay.py": (),
    "integration/test_mcp_stdio.py": (),
    "integration/test_mcp.py": (
        "test_a_card_is_made_changed_and_finished",
        "test_ten_clients_work_at_once",
        "test_a_token_of_one_card_has_that_card_and_no_other",
    ),
    "integration/test_terminal.py": (),
    "integration/test_screens.py": (),
    "integration/test_base_build.py": (),
    "integration/test_builders.py": (
        "test_two_requests_at_once_build_once",
        "test_an_image_that_the_engine_lost_is_built_again",
    ),
    "integration/test_compose.py": (),
    "integration/test_readymade.py": (),
    "integration/test_layer_sources.py": (),
    "integration/test_rebase.py": (),
    "integration/test_exports.py": (),
    "integration/test_up.py": (
        "test_one_ready_line_and_nothing_else_on_standard_output",
        "test_a_link_logs_in_once",
        "test_the_owners_token_and_the_data_directory_are_private",
    ),
}
FIXTURES: Final = {"db", "transactional_db", "live_server", "product", "breakable"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if _uses_database(item)]
    dropped = [item for item in items if not _uses_database(item)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    file = f"{item.path.parent.name}/{item.path.name}"
    if file in ELSEWHERE and getattr(item, "originalname", item.name) not in ELSEWHERE[file]:
        return False
    return item.get_closest_marker("django_db") is not None or bool(FIXTURES & set(getattr(item, "fixturenames", ())))
