"""The page of a board's layers: logs while they grow, addresses that last, forms that lose nothing, and who may what."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import axe
from tests.browser.test_people import join
from tests.layers_client import Layers
from tests.product import Product, wait_for

LIVE = '[data-testid="connection"][data-connection="live"]'


@pytest.fixture(scope="module")
def layers(product: Product) -> Layers:
    return Layers(product)


@pytest.fixture(scope="module")
def tool(layers: Layers) -> int:
    """A toolchain of two versions."""
    recipe = int(layers.recipe("toolchain", f"t{secrets.token_hex(4)}", "one"))
    layers.new_version(recipe, "three")
    return recipe


def at(product: Product, layers: Layers, place: str = "") -> str:
    return f"{product.url}/b/{layers.board['id']}/layers{place}"


def slow(layers: Layers) -> int:
    """A build of a minute and a half, that has begun."""
    new = {"script": "echo '\x1b[31mhello\x1b[0m'; for i in $(seq 1 900); do echo line $i of it; sleep 0.1; done"}
    name = f"s{secrets.token_hex(4)}"
    fields = {"kind": "toolchain", "name": name, "spec": new, "build": True}
    return int(layers.api.post(f"/boards/{layers.board['id']}/recipes", json=fields).json()["id"])


def lines(log: Locator) -> int:
    return int(log.evaluate("e => e.textContent.split('\\n').length"))


def test_a_log_grows_while_it_builds_outlives_a_reload_and_says_that_it_was_cancelled(
    product: Product, layers: Layers, person: Callable[..., Page]
) -> None:
    recipe, page = slow(layers), person()
    page.goto(at(product, layers, f"#{recipe}/1"))
    log = page.locator(".build-log")
    expect(log).to_contain_text("line 3 of it")
    expect(log).to_contain_text("hello\n")
    wait_for(lambda: log.evaluate("e => e.scrollTop > 60 && e.scrollTop + e.clientHeight > e.scrollHeight - 25"))
    log.press("Home")
    wait_for(lambda: log.evaluate("e => e.scrollTop === 0"))
    seen = lines(log)
    wait_for(lambda: lines(log) > seen + 10)
    assert log.evaluate("e => e.scrollTop") == 0  # who reads above is left there
    page.reload()
    expect(log).to_contain_text(f"line {seen} of it")
    page.get_by_role("button", name="Cancel build").click()
    expect(page.locator(".version", has_text="Cancelled")).to_be_visible()
    with page.expect_download() as given:
        page.get_by_role("button", name="Download").click()
    assert "line 1 of it\nline 2 of it" in given.value.path().read_text()


def test_back_leads_through_what_was_looked_at_and_a_form_loses_nothing_unasked(
    product: Product, layers: Layers, tool: int, person: Callable[..., Page]
) -> None:
    name, page = layers.api.get(f"/recipes/{tool}").json()["name"], person()
    page.goto(at(product, layers))
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Script.").fill("echo mine")
    page.go_back()
    page.get_by_role("heading", name="Versions").wait_for()
    page.go_forward()
    expect(page.get_by_label("Script.")).to_have_value("echo mine")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Script.")).to_have_value("echo mine")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog", name="Leave it out?").get_by_role("button", name="Leave it out").click()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Script.")).not_to_have_value("echo mine")
    page.get_by_label("Name").fill("default" * 9)
    assert page.get_by_label("Name").input_value() == ("default" * 9)[:40]
    page.get_by_text("More", exact=True).click()
    page.get_by_label("At most so many seconds").fill("7777777")
    page.get_by_role("button", name="Save", exact=True).click()
    field = page.get_by_label("At most so many seconds")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert layers.api.get(f"/recipes/{tool}").json()["name"] == name


def test_two_versions_are_chosen_and_their_files_filtered(
    product: Product, layers: Layers, tool: int, person: Callable[..., Page]
) -> None:
    page = person()
    page.goto(at(product, layers, f"#{tool}/2/1"))
    files = page.locator(".file-changes tr")
    expect(files).to_have_count(2)
    page.get_by_label("Filter the files").fill("WHO")
    expect(files).to_have_count(1)
    expect(files).to_contain_text("/who")
    page.get_by_label("From version").select_option("2")
    expect(page.locator(".build-log")).to_be_visible()


def test_a_viewer_looks_only(product: Product, layers: Layers, tool: int, chromium: Browser) -> None:
    made = product.api.post(f"/boards/{layers.board['id']}/invites", json={"role": "viewer"}).json()["url"]
    context = chromium.new_context()
    page = context.new_page()
    join(page, made, f"Viewer {secrets.token_hex(2)}", product)
    page.goto(at(product, layers, f"#{tool}"))
    page.locator(".version").first.wait_for()
    for button in ("New layer", "Edit", "Build", "Put into the stack"):
        expect(page.get_by_role("button", name=button)).to_have_count(0)
    page.get_by_role("button", name="vibenv.toml").click()
    expect(page.get_by_role("button", name="Apply and build")).to_have_count(0)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    context.close()


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_no_place_of_it_breaks_a_rule_of_accessibility(
    product: Product, layers: Layers, tool: int, person: Callable[..., Page], device: str
) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    page = person(**(phone if device == "phone" else {}))
    page.emulate_media(reduced_motion="reduce")
    wrong = []
    places = {
        "": ".recipe",
        f"#{tool}/2": ".log-chunk",
        f"#{tool}/2/1": ".file-changes tr",
        "#new": ".ready p, .ready span",
        f"#{tool}/edit": "form",
    }
    for place, ready in places.items():
        page.goto(at(product, layers, place))
        page.reload()
        page.locator(ready).first.wait_for(state="attached")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            wrong += [f"{place} {scheme}: {each}" for each in axe.violations(page)]
        assert page.evaluate("document.documentElement.scrollWidth") <= (360 if device == "phone" else 1280)
    assert not wrong, "\n".join(wrong)
