"""No view of the product breaks a rule of accessibility that a machine can check: in light and dark, on a desk and a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe, pages
from tests.product import Product, wait_for

LIVE = '[data-testid="connection"][data-connection="live"]'
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DEVICES: dict[str, dict[str, Any]] = {"desk": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}


class Stage:
    """A full board, an empty one, and the links that lead to the other pages."""

    def __init__(self, product: Product) -> None:
        self.product = product
        board = product.board()
        self.full, self.url = str(board["id"]), product.url
        self.empty = str(product.api.post("/boards", json={"name": "Nothing here"}).json()["id"])
        for column in product.api.get(f"/boards/{self.empty}").json()["columns"]:
            for card in column["cards"]:
                product.api.delete(f"/cards/{card['id']}")
        label = product.api.post(f"/boards/{self.full}/labels", json={"name": "Bug", "colour": "red"}).json()["id"]
        self.planned = product.new_card(
            "Plan the week", description="About **this**, see [that](https://example.com)."
        )["id"]
        me = product.api.get(f"/boards/{self.full}").json()["members"][0]["id"]
        changes = {"labels": [label], "assignees": [me], "due_on": date.today().isoformat()}
        product.api.patch(f"/cards/{self.planned}", json=changes).raise_for_status()
        product.api.post(f"/cards/{product.new_card('Old')['id']}/archive").raise_for_status()
        self.runs = product.running_card("Runs")["id"]
        self._with_agent(self.runs)
        self.rests = product.running_card("Rests")["id"]
        product.move(self.rests, "done")
        product.until(self.rests, "archived")
        self.fork = product.api.post(f"/cards/{self.rests}/fork", json={"title": "Another way"}).json()["id"]
        self.held = product.running_card("Held")["id"]
        product.api.post(f"/cards/{self.held}/sleep", json={"how": "pause"}).raise_for_status()
        product.until(self.held, "paused")
        link = product.api.post(f"/cards/{self.runs}/links", json={"role": "type"})
        self.guest = httpx.URL(link.json()["url"]).path

    def _with_agent(self, card: str) -> None:
        """It works in a terminal of its own, beside one more, and has asked something."""
        post = self.product.api.post
        post(f"/cards/{card}/terminals", json={"name": "Logs"}).raise_for_status()
        named = {"template": "custom", "command": "echo '# at work'; sleep 3000"}
        self.product.api.put(f"/cards/{card}/agent", json=named).raise_for_status()
        post(f"/cards/{card}/agent/start").raise_for_status()
        post(f"/cards/{card}/questions", json={"text": "Which one?", "options": ["This", "That"]}).raise_for_status()
        wait_for(lambda: self.product.card(card)["agent"]["state"] == "working", what="the agent at work")


def at(path: str, ready: str = LIVE) -> Callable[[Page, Stage], None]:
    def show(page: Page, stage: Stage) -> None:
        page.goto(stage.url + path.format(**vars(stage)))
        page.locator(ready).first.wait_for(state="attached")

    return show


def then(first: Callable[[Page, Stage], None], *acts: Callable[[Page], object]) -> Callable[[Page, Stage], None]:
    def show(page: Page, stage: Stage) -> None:
        first(page, stage)
        for act in acts:
            act(page)

    return show


def press(*keys: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return act


def click(name: str, where: str = "body") -> Callable[[Page], object]:
    return lambda page: page.locator(where).get_by_role("button", name=name).first.click()


def seen(text: str) -> Callable[[Page], object]:
    return lambda page: expect(page.get_by_text(text).first).to_be_visible()


def shown(selector: str) -> Callable[[Page], object]:
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def focus(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.focus()


def cut_off(page: Page) -> None:
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")


def version_of_a_layer(page: Page) -> None:
    page.locator(".layers-section").get_by_role("button", name="What can be done with").first.click()
    page.get_by_role("button", name="Another version…").click()
    page.get_by_role("radio").first.wait_for()


board, dialog = at("/b/{full}"), lambda page: page.get_by_role("dialog").wait_for()
boards_menu = click("Boards")
layers = at("/c/{runs}#details={runs}", ".layers-section .slab")
VIEWS: dict[str, Callable[[Page, Stage], None]] = {
    "board": board,
    "empty board": at("/b/{empty}"),
    "filtered to nothing": at("/b/{full}?q=nothing-has-this-name"),
    "adding a card": then(board, press("n")),
    "board menu": then(board, boards_menu),
    "card with terminal": then(at("/c/{runs}"), pages.live),
    "card that rests": at("/c/{rests}"),
    "card that is paused": at("/c/{held}", ".overlay[data-rest]"),
    "snapshots, forks and history": then(
        at("/c/{rests}#details={rests}", ".lineage-tree"), shown(".snapshot"), shown(".history-entry")
    ),
    "terminal search": then(at("/c/{runs}"), pages.live, click("Search the terminal")),
    "terminal alone": then(at("/c/{runs}/full", '[data-testid="panel"]'), pages.live),
    "card sheet": then(board, focus("[data-card]"), press("e"), dialog),
    "layers of a card": layers,
    "version of a layer": then(layers, version_of_a_layer),
    "stack": then(board, boards_menu, click("Stack", ".menu"), seen("Stack of this board")),
    "sleep of a card": then(layers, lambda page: page.locator(".rules-more summary").click()),
    "sleep of the board": then(board, boards_menu, click("Sleep…", ".menu"), dialog),
    "secrets of the board": then(board, boards_menu, click("Secrets…", ".menu"), seen("Every session of this board")),
    "share": then(at("/c/{runs}"), pages.live, click("Share"), seen("Works for")),
    "palette": then(board, press("Control+k"), dialog),
    "keys": then(board, press("?"), dialog),
    "archive": then(
        board,
        boards_menu,
        click("Archived cards"),
        lambda page: page.get_by_role("button", name="Restore Old").wait_for(),
    ),
    "labels": then(board, boards_menu, click("Labels"), dialog),
    "members": then(board, boards_menu, click("Members", ".menu"), dialog),
    "access tokens": then(
        board, click("You:"), click("Access tokens", ".menu"), shown('[data-testid="access-tokens"] .member-list')
    ),
    "command line that is let in": at("/device", "h1"),
    "new column": then(board, lambda page: page.get_by_test_id("add-column").click(), dialog),
    "wall": at("/b/{full}/wall", "canvas[data-drawn]"),
    "empty wall": at("/b/{empty}/wall"),
    "no such card": at("/c/nothing", "h1"),
    "no such page": at("/nothing", "h1"),
}
OUTSIDE: dict[str, Callable[[Page, Stage], None]] = {
    "login": at("/login/", "h1"),
    "used login link": at("/login/used", "h1"),
    "gone link": at("/s/gone", "h1"),
    "gone invite": at("/i/gone", "h1"),
    "name of a guest": at("{guest}", "h1"),
}


@pytest.fixture(scope="module")
def stage(product: Product) -> Iterator[Stage]:
    product.remove_all()
    made = Stage(product)
    yield made
    product.remove_all()
    product.api.delete(f"/boards/{made.empty}")


@pytest.fixture
def tidy() -> None:
    """The boards are this module's."""


@pytest.fixture(scope="module", params=DEVICES)
def visitors(
    product: Product, chromium: Browser, stage: Stage, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, Page]]:
    """Somebody who is logged in, and a stranger."""
    contexts = [chromium.new_context(**DEVICES[request.param]) for _ in range(2)]
    inside, outside = (context.new_page() for context in contexts)
    inside.goto(product.new_login_url())
    inside.locator(LIVE).wait_for()
    yield inside, outside
    for context in contexts:
        context.close()


@pytest.mark.parametrize("view", [*VIEWS, *OUTSIDE])
def test_no_view_breaks_a_rule(visitors: tuple[Page, Page], stage: Stage, view: str):
    page = visitors[0] if view in VIEWS else visitors[1]
    (VIEWS | OUTSIDE)[view](page, stage)
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        wrong += [f"{scheme}: {each}" for each in axe.violations(page)]
    assert not wrong, "\n".join(wrong)


def test_a_guest_s_terminal_breaks_no_rule(visitors: tuple[Page, Page], stage: Stage):
    page = visitors[1]
    OUTSIDE["name of a guest"](page, stage)
    page.get_by_label("Your name").fill("Grace")
    page.keyboard.press("Enter")
    pages.live(page)
    assert axe.violations(page) == []
    page.context.clear_cookies()


def test_a_page_that_lost_its_network_breaks_no_rule(visitors: tuple[Page, Page], stage: Stage):
    page = visitors[0]
    board(page, stage)
    cut_off(page)
    try:
        page.get_by_test_id("cut-off").wait_for()
        assert axe.violations(page) == []
    finally:
        page.context.set_offline(False)
