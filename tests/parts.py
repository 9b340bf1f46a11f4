"""A pytest plugin (`-p tests.parts --part=…`): keep a part of the tests, so that two lanes can share what is slow."""

from __future__ import annotations

import pytest

PRODUCT = {"product", "breakable"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part", choices=("product", "others"), help="tests that share one running product, or the others"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--part") == "product"
    parts: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        parts[bool(PRODUCT & set(getattr(item, "fixturenames", ())))].append(item)
    config.hook.pytest_deselected(items=parts[not wanted])
    items[:] = parts[wanted]
