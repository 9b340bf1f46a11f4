"""Layers in the page: made, built, compared, and brought into sessions while they run."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.product import Product, wait_for

Json = dict[str, Any]


def script(word: str) -> str:
    hello = f"printf '#!/bin/sh\\necho {word}\\n' > $PREFIX/bin/hello"
    return f"mkdir -p $PREFIX/bin; {hello}; chmod +x $PREFIX/bin/hello; echo made {word}"


class Bench:
    """The board's layers, by the API."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.board = product.board()["id"]
        self.stack = product.api.get(f"/boards/{self.board}/stack").json()
        self.url = f"{product.url}/b/{self.board}/layers"

    def recipes(self) -> list[Json]:
        found: list[Json] = self.product.api.get(f"/boards/{self.board}/recipes").json()
        return found

    def of(self, name: str) -> Json:
        return next(recipe for recipe in self.recipes() if recipe["name"] == name)

    def ready(self, name: str, number: int) -> Json:
        return wait_for(lambda: (found := self.of(name))["latest"] == number and found)

    def toolchain(self, word: str) -> Json:
        """A new one, built and in the board's stack."""
        name = f"t{secrets.token_hex(4)}"
        new = {"kind": "toolchain", "name": name, "spec": {"script": script(word)}}
        self.product.api.post(f"/boards/{self.board}/recipes", json=new).raise_for_status()
        recipe = self.ready(name, 1)
        layers = [*self.stack["layers"], {"recipe": recipe["id"]}]
        self.product.api.put(f"/boards/{self.board}/stack", json={"layers": layers}).raise_for_status()
        return recipe

    def renew(self, recipe: Json, word: str) -> None:
        changes = {"spec": {"script": script(word)}, "build": True}
        self.product.api.patch(f"/recipes/{recipe['id']}", json=changes).raise_for_status()
        self.ready(recipe["name"], recipe["latest"] + 1)

    def runs(self, card: Json, recipe: Json) -> int | None:
        layers = self.product.api.get(f"/cards/{card['id']}").json()["session"]["layers"]
        return next((layer["runs"] for layer in layers if layer["recipe"] == recipe["id"]), None)


@pytest.fixture
def bench(product: Product) -> Iterator[Bench]:
    made = Bench(product)
    yield made
    product.api.put(f"/boards/{made.board}/stack", json={"policy": "at_start", "layers": made.stack["layers"]})


def test_a_toolchain_is_written_built_and_its_log_read_in_the_page(bench: Bench, person: Callable[..., Page]) -> None:
    page, name = person(), f"t{secrets.token_hex(4)}"
    page.goto(bench.url)
    page.get_by_role("button", name="New layer").click()
    page.get_by_role("button", name="A script of my own").click()
    page.get_by_label("Name").fill("Not a name")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Script.").fill("echo first line; exit 4")
    page.get_by_role("button", name="Save and build").click()
    expect(page.get_by_role("alert")).to_contain_text("status 4")
    expect(page.locator(".build-log")).to_contain_text("first line")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Script.").fill(script("fine"))
    page.reload()  # what was typed is not lost
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Script.")).to_have_value(script("fine"))
    page.get_by_role("button", name="Save and build").click()
    page.locator(".version", has_text="Ready").get_by_role("link").first.click()
    expect(page.locator(".build-log")).to_contain_text("made fine")
    page.get_by_role("button", name="Put into the stack").click()
    expect(page.locator(".recipe[aria-current]")).to_contain_text("in the board")
    assert bench.of(name)["in_stack"]


def test_one_click_brings_a_newer_toolchain_into_running_sessions_and_another_takes_it_back(
    bench: Bench, product: Product, person: Callable[..., Page]
) -> None:
    recipe = bench.toolchain("one")
    card = product.running_card("Works")
    page = person()
    pages.card(page, card["id"]).click()
    pages.live(page)
    pages.type_line(page, "hello; sleep 3600 & echo started")
    pages.shows(page, "one")
    bench.renew(recipe, "two")
    page.get_by_role("button", name="1 behind").click()
    wait_for(lambda: bench.runs(card, recipe) == 2)
    pages.type_line(page, "hello; jobs")
    pages.shows(page, "two")
    pages.shows(page, "Running                 sleep 3600")
    page.get_by_role("button", name="Undo").click()
    wait_for(lambda: bench.runs(card, recipe) == 1)
    expect(page.get_by_role("button", name="1 behind")).to_be_visible()


def test_the_sheet_shows_the_slabs_and_adds_removes_and_goes_back(
    bench: Bench, product: Product, person: Callable[..., Page]
) -> None:
    recipe = bench.toolchain("one")
    card = product.running_card("Works")
    bench.renew(recipe, "two")
    page = person()
    mark = pages.card(page, card["id"]).get_by_role("img", name="Layers:")
    expect(mark).to_have_attribute(
        "aria-label", f"Layers: base debian 1; toolchain {recipe['name']} 1, 1 behind; profile default 1"
    )
    page.goto(f"{product.url}/c/{card['id']}#details={card['id']}")
    slabs = page.locator(".layers-section .slab")
    expect(slabs).to_have_count(4)
    toolchain = page.locator('.slab[data-kind="toolchain"]')
    toolchain.get_by_role("button").click()
    page.get_by_role("button", name="Update", exact=True).last.click()
    wait_for(lambda: bench.runs(card, recipe) == 2)
    toolchain.get_by_role("button").click()
    page.get_by_role("button", name="Another version…").click()
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="Use it").click()
    wait_for(lambda: bench.runs(card, recipe) == 1)
    toolchain.get_by_role("button").click()
    page.get_by_role("button", name="Remove from this session").click()
    expect(toolchain).to_have_count(0)  # although the stack has it
    page.get_by_role("button", name="Add toolchain…").click()
    page.get_by_role("button", name=f"{recipe['name']} 2").click()
    wait_for(lambda: bench.runs(card, recipe) == 2)


def test_two_versions_are_compared(bench: Bench, person: Callable[..., Page]) -> None:
    recipe = bench.toolchain("one")
    bench.renew(recipe, "three")
    page = person()
    page.goto(f"{bench.url}#{recipe['id']}")
    page.get_by_role("button", name="More for version 2").click()
    page.get_by_role("button", name="Compare with 1").click()
    expect(page.locator(".spec-changes")).to_contain_text("echo three")
    expect(page.locator(".file-changes")).to_contain_text(f"/opt/vibenv/toolchain/{recipe['name']}/bin/hello")
    page.go_back()
    expect(page.locator(".version-diff")).to_have_count(0)


def test_a_file_that_is_wrong_says_where_and_a_good_one_says_what_it_changes(
    bench: Bench, person: Callable[..., Page]
) -> None:
    page = person()
    page.goto(bench.url)
    page.get_by_role("button", name="vibenv.toml…").click()
    field = page.get_by_label("vibenv.toml", exact=True)
    expect(field).not_to_have_value("")
    field.fill('[base]\n\n[toolchain.x]\nuse = "pyhton"\n')
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("alert")).to_contain_text("line 4: toolchain.x.use")
    field.fill(f"[toolchain.x]\nscript = '''{script('x')}'''\n")
    page.get_by_role("button", name="See what changes").click()
    expect(page.locator(".toml-changes")).to_contain_text("new Toolchain x")
    assert "x" not in [recipe["name"] for recipe in bench.recipes()]
