"""An agent in a person's terminal: seen at a glance, held back by a key, and never in the middle of a line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.terminal_client import TerminalClient


@pytest.fixture
def card(product):
    return product.running_card("With an agent")


@pytest.fixture
def agent(product, card):
    made = TerminalClient(f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminal", product.agent_token())
    yield made
    made.close()


@pytest.fixture
def owner(product, person, card) -> Page:
    page: Page = person()
    page.goto(f"{product.url}/c/{card['id']}")
    pages.live(page)
    return page


def test_an_agent_is_known_by_its_shape_and_sign_and_waits_for_the_line_of_a_person(owner, agent):
    face = owner.locator(".people .face[data-kind=agent]")
    expect(face.locator("[data-sign=prompt]")).to_be_visible()
    agent.until("# ")
    owner.locator(".xterm-helper-textarea").focus()
    owner.keyboard.type("echo hu''man")
    agent.type("echo ag''ent\r")
    expect(owner.get_by_test_id("foot")).to_have_text(re.compile("waits for you to finish the line"))
    owner.keyboard.press("Enter")
    agent.until("agent\r\n")
    assert re.search(rb"human\r\n.*agent\r\n", bytes(agent.shown), re.DOTALL)


def test_keys_take_control_and_pause_agents_and_everybody_sees_it(owner, agent):
    controls = owner.get_by_test_id("floor")
    owner.locator(".xterm-helper-textarea").focus()
    owner.keyboard.press("Control+Shift+KeyH")
    expect(controls.get_by_role("button", name="Hand over control")).to_have_text("You have control")
    agent.type("ls\r")
    assert "has taken control" in agent.until_message("refused")["reason"]
    owner.keyboard.press("Control+Shift+KeyH")
    expect(controls.get_by_role("button", name="Take control")).to_be_visible()
    owner.keyboard.press("Control+Shift+Space")
    expect(controls.get_by_role("button", name="Let the agents go on")).to_have_text("Agents paused")
    assert agent.until_message("floor", agents_paused=True)["paused_by"]
    controls.get_by_role("button", name="Let the agents go on").click()
    expect(controls.get_by_role("button", name="Pause the agents")).to_be_visible()
