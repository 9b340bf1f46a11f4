"""Layers in sight on the board: what sessions run, what is newer, and what people do about it without leaving it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser import pages
from tests.browser.layer_bench import Bench
from tests.browser.test_people import invite, join
from tests.product import Product, wait_for

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def test_one_click_brings_a_newer_toolchain_into_running_sessions_and_another_takes_it_back(
    bench: Bench, product: Product, person: Callable[..., Page]
) -> None:
    recipe = bench.toolchain("one")
    card, other = product.running_card("Works"), product.running_card("Works, too")
    page = person()
    pages.card(page, card["id"]).click()
    pages.live(page)
    pages.type_line(page, "hello; sleep 3600 & echo started")
    pages.shows(page, "one")
    bench.renew(recipe, "two")
    page.get_by_role("banner").get_by_role("button", name="2 behind · Update all").click()
    expect(page.get_by_test_id("announcer")).to_have_text("Updating 2 sessions.")
    wait_for(lambda: bench.runs(card, recipe) == bench.runs(other, recipe) == 2)
    pages.type_line(page, "hello; jobs")
    pages.shows(page, "two")
    pages.shows(page, "Running                 sleep 3600")
    toast = page.get_by_test_id("toast").filter(has_text="2 sessions updated.")
    toast.get_by_role("button", name="Undo").click()
    wait_for(lambda: bench.runs(card, recipe) == bench.runs(other, recipe) == 1)
    expect(page.get_by_role("banner").get_by_role("button", name="2 behind")).to_be_visible()


def test_beside_a_terminal_one_word_brings_what_its_session_lacks(
    bench: Bench, product: Product, person: Callable[..., Page]
) -> None:
    card = product.running_card("Works")
    recipe = bench.toolchain("new")
    page = person(**PHONE)
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    chip = pages.panel(page).get_by_role("button", name="1 behind · Update")
    words = f"Layers: base debian 1; profile default 1; toolchain {recipe['name']} is new in the stack"
    expect(chip).to_have_attribute("title", words)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    chip.click()
    wait_for(lambda: bench.runs(card, recipe) == 1)
    expect(chip).to_have_count(0)


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
    expect(page.locator(".layers-section .slab-kind")).to_have_text(
        ["Session", "Profile", "Toolchain", "Project", "Base"]
    )
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
    expect(toolchain).to_have_text("Toolchainnone")
    expect(page.get_by_role("button", name="Update", exact=True)).to_have_count(0)  # taken away, and not missed
    page.get_by_role("button", name="Add toolchain…").click()
    page.get_by_role("button", name=f"{recipe['name']} 2").click()
    wait_for(lambda: bench.runs(card, recipe) == 2)


def test_a_card_gets_a_stack_of_its_own_that_keeps_to_a_version_and_then_the_boards_again(
    bench: Bench, product: Product, person: Callable[..., Page]
) -> None:
    recipe = bench.toolchain("one")
    card = product.running_card("Works")
    bench.renew(recipe, "two")
    page = person()
    page.goto(f"{product.url}/c/{card['id']}#details={card['id']}")
    sheet = page.get_by_test_id("card-sheet")
    expect(sheet.locator(".slab-behind")).to_have_text("1 behind")
    sheet.get_by_role("button", name="Stack of its own…").click()
    page.get_by_label(f"Version of {recipe['name']}").select_option("1, always")
    page.get_by_role("radio", name="When somebody says so").check()
    page.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("button", name="Its own stack…")).to_be_visible()
    expect(sheet.locator(".slab-behind")).to_have_count(0)
    sheet.get_by_role("button", name="Its own stack…").click()
    expect(page.get_by_label(f"Version of {recipe['name']}")).to_have_value("1")
    page.get_by_role("button", name="stack again").click()
    expect(sheet.locator(".slab-behind")).to_have_text("1 behind")


def test_what_waits_for_the_next_start_is_seen_by_all_and_brought_by_whoever_may(
    bench: Bench, product: Product, person: Callable[..., Page], chromium: Browser
) -> None:
    card = product.running_card("Works")
    recipe = bench.project({"hello.txt": "from the project"})
    page, guests = person(), chromium.new_context()
    viewer = guests.new_page()
    join(viewer, invite(product, "viewer"), "Vera", product)
    address = f"{product.url}/c/{card['id']}#details={card['id']}"
    page.goto(address)
    project = page.locator('.slab[data-kind="project"]')
    expect(project).to_contain_text("new in the stack")
    page.locator(".layers-section").get_by_role("button", name="Update", exact=True).click()
    expect(project).to_contain_text("1 comes at the next start")
    viewer.goto(address)
    expect(viewer.locator('.slab[data-kind="project"]')).to_contain_text("1 comes at the next start")
    expect(viewer.locator(".layers-section button, .update-chip, .layer-chip")).to_have_count(0)
    guests.close()
    member = next(each for each in product.board()["members"] if each["name"] == "Vera")
    product.api.delete(f"/boards/{bench.board}/members/{member['id']}").raise_for_status()
    page.get_by_role("button", name="Restart now…").click()
    page.get_by_role("button", name="Restart now", exact=True).click()
    wait_for(lambda: bench.runs(card, recipe) == 1, 40)
    page.keyboard.press("Escape")
    pages.live(page)
    pages.type_line(page, "cat /workspace/hello.txt")
    pages.shows(page, "from the project")
