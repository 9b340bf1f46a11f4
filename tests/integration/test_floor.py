"""People and agents at the keys of one terminal: no line mixes with another, and people decide."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from tests.product import docker, wait_for

PAUSE_S = 0.03  # between a person's keys
SEQUENCE = re.compile(r"\x1b\].*?(?:\x07|\x1b\\)|\x1b\[[?0-9;]*[A-Za-z]", re.DOTALL)


@pytest.fixture(scope="module")
def card(product):
    return product.running_card("on one floor")


@pytest.fixture(scope="module")
def cookie(product):
    """Of a person's page."""
    browser = httpx.Client(base_url=product.url, follow_redirects=True)
    browser.get(product.new_login_url())
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


@pytest.fixture(scope="module")
def agent_token(product):
    return product.agent_token()


@pytest.fixture
def both(product, card, cookie, agent_token, terminal):
    """A person and an agent in the same terminal, at a prompt."""
    person = terminal(product, card, cookie=cookie, origin=product.url)
    agent = terminal(product, card, token=agent_token)
    person.until("# ")
    agent.until("# ")
    assert person.until_message("welcome")["you"]["kind"] == "human"
    assert agent.until_message("welcome")["you"]["kind"] == "agent"
    return person, agent


def test_a_persons_and_an_agents_lines_never_mix(both):
    person, agent = both
    for turn in range(2):
        for at, key in enumerate(f"echo hu''man-{turn}.\r"):
            if at in {3, 9}:
                agent.type(f"echo ag''ent-{turn}-{at}.\r")
            person.type(key)
            time.sleep(PAUSE_S)
    agent.until("agent-1-9.\r\n")
    shown = SEQUENCE.sub("", bytes(agent.shown).decode())
    assert re.findall(r"[\r\n]((?:human|agent)\S*)\r\n", shown) == [
        *("human-0.", "human-1."),
        *("agent-0-3.", "agent-0-9.", "agent-1-3.", "agent-1-9."),
    ]


def test_a_line_that_somebody_left_behind_is_no_part_of_an_agents(both):
    person, agent = both
    person.type("echo ")
    agent.until_message("floor", open_line=person.last("welcome")["you"]["id"])
    person.close()
    agent.type("echo wh''ole\r")
    agent.until("whole\r\n")
    assert b"echo whole" not in agent.shown


def test_an_agent_is_refused_with_the_reason_while_a_person_has_control(both):
    person, agent = both
    name = person.last("welcome")["you"]["name"]
    person.send(type="control", take=True)
    agent.until_message("floor", holder=person.last("welcome")["you"]["id"])
    agent.type("echo no''t-now\r")
    assert agent.until_message("refused")["reason"].startswith(f"{name} has taken control")
    person.send(type="control", take=False)
    wait_for(lambda: agent.read() or agent.last("floor")["holder"] is None, what="control handed over")
    agent.type("echo n''ow\r")
    agent.until("now\r\n")
    assert b"not-now" not in agent.shown


def test_people_pause_agents_in_all_terminals_until_they_let_them_go_on_and_it_is_noted(product, card, both):
    person, agent = both
    person.send(type="pause", agents=True)
    agent.until_message("floor", agents_paused=True)
    agent.send(type="pause", agents=False)
    assert agent.until_message("refused", about="floor")
    agent.type("ls\r")
    assert "has paused the agents" in agent.until_message("refused", about=None)["reason"]
    person.send(type="pause", agents=False)
    wait_for(lambda: agent.read() or not agent.last("floor")["agents_paused"], what="agents let go on")
    noted = product.api.get(f"/cards/{card['id']}/history").json()
    assert [each["detail"]["paused"] for each in noted if each["kind"] == "agents"] == [False, True]


def test_who_typed_is_in_the_history_and_what_is_not(product, card, both):
    person, agent = both
    agent.type("echo by-the-a''gent\r")
    agent.until("by-the-agent")
    time.sleep(1.6)
    person.type("echo by-a-per''son\r")
    person.until("by-a-person")
    person.close()
    agent.close()

    def noted():
        found = product.api.get(f"/cards/{card['id']}/history").json()
        typed = [each["detail"] for each in found if each["kind"] == "typed"]
        return {each["kind"]: each for each in typed} if len({each["kind"] for each in typed}) == 2 else None

    by = wait_for(noted, 20, "entries of both")
    assert by["human"]["lines"] >= 1
    assert by["agent"]["keys"] >= len("echo by-the-a''gent\r")
    assert "echo" not in str(by)


def test_a_paused_agents_program_is_held_where_it_is(product, card):
    def ticks():
        return docker("exec", card["session"]["container"], "sh", "-c", "wc -c </tmp/ticks 2>/dev/null || echo 0")

    api, path = product.api, f"/cards/{card['id']}/agent"
    api.put(path, json={"command": "while :; do printf . >>/tmp/ticks; sleep 0.05; done"}).raise_for_status()
    api.post(f"{path}/start").raise_for_status()
    wait_for(lambda: int(ticks()) > 2, 20, "the agent at work")
    assert api.post(f"{path}/pause").json()["agent"]["paused"] is True
    held = ticks()
    time.sleep(0.4)
    assert ticks() == held
    api.post(f"{path}/resume").raise_for_status()
    wait_for(lambda: int(ticks()) > int(held), 20, "the agent at work again")
    api.post(f"{path}/stop").raise_for_status()
