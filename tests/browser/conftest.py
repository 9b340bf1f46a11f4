from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from tests.browser.layer_bench import Bench
from tests.browser.quiet_network import QuietNetwork
from tests.product import Product
from tests.product import product as running_product

LIVE = '[data-testid="connection"][data-connection="live"]'

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuietNetwork]:
    made = QuietNetwork(tmp_path_factory.mktemp("network"))
    yield made
    made.end()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, network: QuietNetwork) -> Iterator[Product]:
    for made in running_product(tmp_path_factory.mktemp("vibenv")):
        network.pass_on(made.port)
        yield made


@pytest.fixture(scope="session")
def chromium(network: QuietNetwork) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=network.chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def logged_in(product: Product, chromium: Browser) -> StorageState:
    """What a browser has once its owner has come in by a link: the product's own command makes one, in seconds."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(product.new_login_url())
    page.locator(LIVE).wait_for()
    cookies = context.storage_state()["cookies"]
    context.close()
    return {"cookies": cookies, "origins": []}


@pytest.fixture
def person(
    product: Product, chromium: Browser, logged_in: StorageState, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """`person()` is the owner, logged in, in a browser of their own; options are Playwright's for a context."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def arrive(**options: object) -> Page:
        usual = {"viewport": {"width": 1280, "height": 800}, "storage_state": logged_in}
        context = chromium.new_context(**{**usual, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(product.url)
        page.locator(LIVE).wait_for()
        return page

    yield arrive
    for number, context in enumerate(contexts):
        if getattr(request.node, "failed", False):
            for page in context.pages:
                page.screenshot(path=str(Path(product.data_dir) / f"{request.node.name}-{number}.png"))
        context.close()
    assert not faults, faults


@pytest.fixture
def bench(product: Product) -> Iterator[Bench]:
    made = Bench(product)
    yield made
    product.api.put(f"/boards/{made.board}/stack", json={"policy": "at_start", "layers": made.stack["layers"]})


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if call.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
        used = getattr(item, "funcargs", {}).get("product")
        if isinstance(used, Product):
            report.sections.append(("logs of the product", used.logs()))


@pytest.fixture(autouse=True)
def tidy(product: Product) -> Iterator[None]:
    """Every test begins and ends with an empty board."""
    product.remove_all()
    yield
    product.remove_all()
