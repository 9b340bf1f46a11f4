"""Layers in the page: made, built, compared, and brought into sessions while they run."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.layer_bench import Bench, script


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
    expect(page.get_by_label("Script.")).to_have_value(script("fine"))
    page.get_by_role("button", name="Save and build").click()
    page.locator(".version", has_text="Ready").get_by_role("link").first.click()
    expect(page.locator(".build-log")).to_contain_text("made fine")
    page.get_by_role("button", name="Put into the stack").click()
    expect(page.locator(".recipe[aria-current]")).to_contain_text("in the board")
    assert bench.of(name)["in_stack"]


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
