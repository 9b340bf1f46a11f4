from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.product import Product
from tests.product import product as running_product
from tests.terminal_client import TerminalClient

ALIVE: list[Product] = []


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One real product for all tests that do not break it."""
    yield from _shared(tmp_path_factory.mktemp("vibenv"))


@pytest.fixture(scope="session")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One whose parts may be killed, as long as it runs in the end."""
    yield from _shared(tmp_path_factory.mktemp("breakable"))


def _shared(data_dir: Path) -> Iterator[Product]:
    for made in running_product(data_dir):
        ALIVE.append(made)
        yield made
        ALIVE.remove(made)


@pytest.fixture(scope="module", autouse=True)
def tidy() -> Iterator[None]:
    """No test has the sessions of another file's tests beside it: they would only take the machine's time."""
    yield
    for made in ALIVE:
        made.remove_all(wait=False, boards_too=True)


@pytest.fixture
def terminal() -> Iterator[Callable[..., TerminalClient]]:
    """`terminal(product, card, …)` opens a card's terminal; all are closed at the end."""
    opened: list[TerminalClient] = []

    def open_terminal(product: Product, card: dict[str, Any], **options: Any) -> TerminalClient:
        number = options.pop("number", 0)
        which = f"terminals/{number}" if number else "terminal"
        url = f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/{which}"
        opened.append(TerminalClient(url, options.pop("token", product.token), **options))
        return opened[-1]

    yield open_terminal
    for client in opened:
        client.close()


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Show the product's logs with a failure."""
    failed = call.excinfo is not None and call.when == "call"
    used = getattr(item, "funcargs", {})
    for name in ("product", "breakable"):
        if failed and isinstance(used.get(name), Product):
            item.add_report_section("call", "logs of the product", used[name].logs())
