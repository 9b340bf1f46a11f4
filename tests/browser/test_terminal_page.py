"""The terminal in real browsers: shared, resumed, pasted into, deep-linked, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import pages
from tests.product import docker, wait_for


@pytest.fixture
def card(product):
    return product.running_card("Shared")


def opened(product, page, card, full=False):
    page.goto(f"{product.url}/c/{card['id']}" + ("/full" if full else ""))
    pages.live(page)
    return page


def test_two_browsers_type_in_one_shell_at_once(product, person, card):
    one, two = opened(product, person(), card), opened(product, person(), card)
    pages.type_line(one, "echo from-o''ne")
    pages.shows(two, "from-one")
    pages.type_line(two, "echo from-t''wo")
    pages.shows(one, "from-two")


def test_a_link_opens_the_card_and_back_closes_it(product, person, card):
    page = person()
    pages.card(page, card["id"]).click()
    pages.live(page)
    assert page.url.endswith(f"/c/{card['id']}")
    page.go_back()
    expect(page.locator('[data-testid="panel"][data-attached="true"]')).to_have_count(0)


def test_the_terminal_alone_fills_the_window(product, person, card):
    page = opened(product, person(), card, full=True)
    box = page.locator(".xterm").bounding_box()
    assert box["width"] > 1100
    assert box["height"] > 600


def test_a_late_joiner_sees_the_screen(product, person, card):
    one = opened(product, person(), card)
    pages.type_line(one, "echo before-you-ca''me")
    pages.shows(one, "before-you-came")
    two = person()
    two.goto(f"{product.url}/c/{card['id']}")
    pages.shows(two, "before-you-came")


def test_the_terminal_comes_back_by_itself_when_the_web_process_dies(product, person, card):
    page = opened(product, person(), card)
    pages.type_line(page, "echo before-the-cr''ash")
    pages.shows(page, "before-the-crash")
    product.kill("web")
    expect(page.get_by_test_id("banner")).to_be_visible()
    product.healthy()
    expect(page.locator('[data-testid="panel"][data-attached="true"]')).to_be_visible(timeout=30_000)
    pages.type_line(page, "echo after-the-cr''ash")
    pages.shows(page, "after-the-crash")
    assert "before-the-crash" in pages.screen(page)


def test_a_program_that_asks_the_terminal_gets_one_answer(product, person, card):
    """DA1 asked with two viewers present: exactly one answer arrives, and a replay of the question gives none."""
    one, two = opened(product, person(), card), opened(product, person(), card)
    ask = r"stty raw -echo min 0 time 10; printf '\033[c'; cat | od -c | head -3; stty sane; echo as''ked"
    pages.type_line(one, ask)
    pages.shows(one, "asked")
    dump = [line for line in pages.screen(one).splitlines() if line.lstrip().startswith("0000000")]
    assert len(dump) == 1
    assert dump[0].count("033") == 1
    pages.shows(two, "asked")
    before = pages.screen(one)
    three = opened(product, person(), card)
    pages.type_line(three, "echo qu''iet")
    pages.shows(three, "quiet")
    assert "[?" not in pages.screen(three)[len(before) :]


def test_a_paste_of_a_megabyte_arrives_whole(product, person, card):
    page = opened(product, person(), card)
    pages.type_line(page, "stty -echo; cat > /tmp/pasted; wc -c < /tmp/pasted; stty echo")
    page.wait_for_timeout(300)
    page.evaluate("() => window.vibenv.terminal.paste('0123456789abcde\\n'.repeat(65536))")
    wait_for(lambda: size_of(card, "/tmp/pasted") == 1024 * 1024, 60, "the whole paste in the file")
    page.locator(".xterm-helper-textarea").focus()
    page.keyboard.press("Control+d")
    pages.shows(page, "1048576", 60_000)


def size_of(card, path):
    return int(docker("exec", card["session"]["container"], "sh", "-c", f"stat -c %s {path} 2>/dev/null || echo 0"))


def test_full_screen_programs_behave(product, person, card):
    page = opened(product, person(), card)
    pages.type_line(page, "seq 1 200 > /tmp/n; vi /tmp/n")
    page.wait_for_function("() => window.vibenv.terminal.buffer.active.type === 'alternate'")
    pages.shows(page, "20")
    late = opened_alternate(product, person(), card)
    assert "12" in pages.screen(late)
    page.keyboard.type(":q!\n")
    page.wait_for_function("() => window.vibenv.terminal.buffer.active.type === 'normal'")


def opened_alternate(product, page, card):
    page.goto(f"{product.url}/c/{card['id']}")
    page.wait_for_function("() => window.vibenv?.terminal?.buffer.active.type === 'alternate'")
    pages.shows(page, "12")
    return page


def test_colours_and_wide_characters_come_through(product, person, card):
    page = opened(product, person(), card)
    pages.type_line(page, r"printf '\033[38;2;1;2;3mtrue\033[0m 日本 é 👩‍🚀\n'; echo sh''own")
    pages.shows(page, "shown")
    assert "日本 é" in pages.screen(page)
    colour = page.evaluate("""() => {
      const buffer = window.vibenv.terminal.buffer.active;
      for (let y = 0; y < buffer.length; y++) {
        const line = buffer.getLine(y);
        if (line.translateToString(true).startsWith("true")) return line.getCell(0).getFgColor();
      }
    }""")
    assert colour == 0x010203


def test_the_grid_follows_who_typed_last(product, person, card):
    wide = opened(product, person(viewport={"width": 1600, "height": 900}), card, full=True)
    narrow = opened(product, person(viewport={"width": 700, "height": 600}), card, full=True)
    pages.type_line(wide, "echo wi''de")
    pages.shows(wide, "wide")
    size = "() => window.vibenv.terminal.cols"
    cols = wide.evaluate(size)
    narrow.wait_for_function(f"(cols) => ({size})() === cols", arg=cols)
    pages.type_line(narrow, "echo nar''row")
    pages.shows(narrow, "narrow")
    wide.wait_for_function(f"(cols) => ({size})() < cols", arg=cols)
    assert wide.evaluate(size) == narrow.evaluate(size)


def test_search_finds_what_scrolled_away(product, person, card):
    page = opened(product, person(), card)
    pages.type_line(page, "echo nee''dle; seq 1 300; echo at-the-e''nd")
    pages.shows(page, "at-the-end")
    page.keyboard.press("Control+Shift+F")
    box = page.get_by_role("searchbox", name="Search the terminal")
    box.fill("needle")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.vibenv.terminal.getSelection() === 'needle'")


def test_a_phone_is_enough(product, person, card):
    page = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    page.locator(f'[data-card="{card["id"]}"]').tap()
    pages.live(page)
    box = pages.panel(page).bounding_box()
    assert box["width"] == 360
    pages.type_line(page, "echo on-a-ph''one")
    pages.shows(page, "on-a-phone")
