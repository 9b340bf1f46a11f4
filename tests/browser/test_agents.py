"""An agent on a card, with people looking: the whole loop, and how it is put there."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.product import docker, wait_for

SCRIPT = Path(__file__).with_name("scripted_agent.pl")


def state_of(page: Page, card: dict) -> None:
    return pages.card(page, card["id"]).get_by_test_id("agent")


def test_an_agent_works_by_mcp_asks_a_person_gets_the_answer_and_finishes(product, person):
    card = product.running_card("Bake a cake")
    container = product.card(card["id"])["session"]["container"]
    docker("cp", str(SCRIPT), f"{container}:/workspace/agent.pl")
    page = person()
    put = product.api.put(f"/cards/{card['id']}/agent", json={"command": "perl /workspace/agent.pl"})
    assert put.json()["agent"]["state"] is None
    pages.card(page, card["id"]).click()
    pages.live(page)
    product.api.post(f"/cards/{card['id']}/agent/start")
    expect(state_of(page, card)).to_have_attribute("data-agent", "waiting", timeout=40_000)
    expect(pages.card(page, card["id"])).to_contain_text("perl asks: Shall I go on with: Bake a cake?")
    expect(page.get_by_role("tab", name=re.compile("^perl, agent: waits"))).to_be_visible()
    assert docker("exec", container, "cat", "/workspace/plan.txt") == "Bake a cake\n"
    page.get_by_role("button", name="Go on").click()
    expect(state_of(page, card)).to_have_attribute("data-agent", "finished", timeout=20_000)
    agent = product.card(card["id"])["agent"]
    assert (agent["exit_code"], agent["words"]) == (0, "")
    assert docker("exec", container, "cat", "/workspace/done.txt") == "Go on\n"
    told = product.api.get(f"/cards/{card['id']}/history").json()
    kinds = [each["kind"] for each in told if each["kind"] in {"agent", "question", "answer"}]
    assert kinds == ["agent", "answer", "question", "agent"]
    wait_for(lambda: not [each for each in product.api.get("/tokens").json() if each["kind"] == "agent"])


def test_an_agent_is_put_on_a_card_started_stopped_and_removed_in_the_details(product, person):
    card = product.running_card("By hand")
    page = person()
    pages.card(page, card["id"]).press("e")
    section = page.get_by_role("region", name="Agent", exact=True)
    section.get_by_role("button", name="Put an agent on it…").click()
    section.get_by_role("combobox").select_option("Codex")
    expect(section.get_by_role("textbox", name="Command")).to_have_value(re.compile("^codex "))
    expect(section).to_contain_text("OPENAI_API_KEY")
    section.get_by_role("combobox").select_option("Another command")
    section.get_by_role("textbox", name="Command").fill("sleep 98765")
    section.get_by_role("button", name="Save and start").click()
    expect(section.get_by_test_id("agent")).to_have_attribute("data-agent", "working", timeout=20_000)
    section.get_by_role("button", name="Stop").click()
    expect(section).to_contain_text("Stopped by")
    section.get_by_role("button", name="Remove").click()
    expect(section.get_by_role("button", name="Remove")).to_have_count(0)
