"""An agent on a card in a real session: its task, its surroundings, its end, and what survives."""

from __future__ import annotations

from tests.product import Product, docker, wait_for
from tests.terminal_client import TerminalClient


def with_agent(product: Product, command: str, title: str = "An agent's", description: str = "Do *it*.") -> dict:
    body = {"title": title, "description": description, "column": product.column("active")}
    answer = product.api.post(f"/boards/{product.board()['id']}/cards", json=body | {"agent": {"command": command}})
    assert answer.status_code == 201, answer.text
    return answer.json()


def agent_is(product: Product, card: dict, *states: str) -> dict:
    def reached() -> dict | None:
        agent = product.card(card["id"])["agent"]
        return agent if agent["state"] in states else None

    return wait_for(reached, 40, f"the agent to be {states}")


def printed(product: Product, card: dict, number: int, text: str) -> None:
    url = f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminals/{number}"
    client = TerminalClient(url, product.token)
    client.until(text)
    client.close()


def test_an_agent_finds_its_task_and_surroundings_and_its_exit_code_is_told(product: Product) -> None:
    card = with_agent(
        product, 'sh -c \'head -3 "$VIBENV_TASK_FILE"; echo "$VIBENV_CARD,$VIBENV_TASK,$VIBENV_API,$PWD"; exit 3\''
    )
    agent = agent_is(product, card, "finished")
    assert agent["exit_code"] == 3
    expected = f"{card['id']},An agent's,http://127.0.0.1:7717,/workspace"
    printed(product, card, agent["terminal"], expected)
    history = product.api.get(f"/cards/{card['id']}/history").json()
    assert [each["detail"]["what"] for each in history if each["kind"] == "agent"] == ["finished", "started"]


def test_a_program_that_is_missing_is_told_with_what_to_do(product: Product) -> None:
    card = with_agent(product, "")
    product.api.put(f"/cards/{card['id']}/agent", json={"template": "claude"})
    product.until(card["id"], "running")
    product.api.post(f"/cards/{card['id']}/agent/start")
    agent = agent_is(product, card, "failed")
    assert agent["words"].startswith("claude is not installed in this session.")
    assert "npm install -g @anthropic-ai/claude-code" in agent["words"]
    assert product.card(card["id"])["session"]["status"] == "running"


def test_one_that_is_stopped_leaves_nothing_running_and_starts_again(product: Product) -> None:
    card = with_agent(product, "sh -c 'sleep 987654'")
    agent_is(product, card, "working")
    container = product.card(card["id"])["session"]["container"]
    assert product.api.post(f"/cards/{card['id']}/agent/stop").status_code == 202
    assert product.card(card["id"])["agent"]["state"] == "ended"
    wait_for(lambda: "987654" not in docker("top", container), 20, "its program to end")
    assert product.api.post(f"/cards/{card['id']}/agent/start").status_code == 202
    agent_is(product, card, "working")
    assert len(product.card(card["id"])["session"]["terminals"]) == 1


def test_with_its_session_it_ends_and_says_so_after_the_session_is_back(product: Product) -> None:
    card = with_agent(product, "sleep 987654")
    agent_is(product, card, "working")
    product.api.post(f"/cards/{card['id']}/sleep", json={"how": "stop"})
    product.until(card["id"], "asleep")
    assert agent_is(product, card, "ended")["words"] == "The session was stopped, and the agent with it."
    product.api.post(f"/cards/{card['id']}/start")
    product.until(card["id"], "running")
    assert product.card(card["id"])["agent"]["state"] == "ended"


def test_one_that_rings_waits_until_somebody_types_in_its_terminal(product: Product) -> None:
    card = with_agent(product, 'sh -c \'printf "\\a"; read line; echo "got $line"; read more\'')
    waits = agent_is(product, card, "waiting")
    assert waits["words"] == "The bell rang."
    client = TerminalClient(
        f"ws://127.0.0.1:{product.port}/ws/cards/{card['id']}/terminals/{waits['terminal']}?as=human", product.token
    )
    client.type("yes\r")
    client.until("got yes")
    agent_is(product, card, "working")
    client.type("\r")
    assert agent_is(product, card, "finished")["exit_code"] == 0
    client.close()


def test_what_it_writes_for_itself_is_nothing_to_commit(product: Product) -> None:
    card = product.running_card("In git")
    container = product.card(card["id"])["session"]["container"]
    docker("exec", container, "git", "init", "-q", "/workspace")
    product.api.put(f"/cards/{card['id']}/agent", json={"command": "true"})
    product.api.post(f"/cards/{card['id']}/agent/start")
    assert agent_is(product, card, "finished")["exit_code"] == 0
    assert docker("exec", container, "git", "-C", "/workspace", "status", "--porcelain") == ""


def test_neither_the_web_process_nor_the_worker_takes_an_agent_with_it(breakable: Product) -> None:
    card = with_agent(breakable, "sh -c 'until [ -e /tmp/go ]; do sleep 0.2; done; exit 4'")
    agent_is(breakable, card, "working")
    for process in ("web", "worker"):
        breakable.kill(process)
    breakable.healthy()
    assert breakable.card(card["id"])["agent"]["state"] == "working"
    docker("exec", breakable.card(card["id"])["session"]["container"], "touch", "/tmp/go")
    assert agent_is(breakable, card, "finished")["exit_code"] == 4
