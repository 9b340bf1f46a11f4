"""MCP as agents use it: the SDK's own client against the real product and real sessions."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.product import ROOT, wait_for

MODES = ("legacy", "auto")  # with the handshake that all agents know, and as the newest ones speak


@asynccontextmanager
async def connected(product, token=None, mode="auto"):
    """A client that has begun."""
    headers = {"Authorization": f"Bearer {token or product.token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{product.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


async def use(client, tool, **arguments):
    """What a tool answers; it must not fail."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


async def refused(client, tool, **arguments):
    """What a tool says that fails."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error, answer.structured_content
    return answer.content[0].text


@pytest.mark.parametrize("mode", MODES)
async def test_an_agent_is_told_what_there_is_and_how_to_behave(product, mode):
    async with connected(product, mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {"list_cards", "launch", "ask_human", "api"} <= tools.keys()
        assert tools["list_cards"].annotations.read_only_hint
        assert tools["restore"].annotations.destructive_hint
        assert all(tool.description and tool.output_schema for tool in tools.values())
        assert "While a person types" in client.instructions
        boards = (await use(client, "list_boards"))["boards"]
        assert [column["role"] for column in boards[0]["columns"]] == ["backlog", "active", "done"]


async def test_a_card_is_made_changed_and_finished(product):
    async with connected(product) as client:
        made = await use(client, "create_card", title="By an agent", description="Do *it*.")
        assert (made["column_role"], made["status"]) == ("backlog", "new")
        await use(client, "edit_card", card=made["id"], title="By the agent", due_on="2026-12-01")
        await use(client, "comment", card="By the agent", text="Done.")
        read = await use(client, "read_card", card=f"{product.url}/c/{made['id']}")
        assert (read["title"], read["due_on"], read["comments"][0]["text"]) == ("By the agent", "2026-12-01", "Done.")
        listed = await use(client, "list_cards", text="by the agent", column="backlog")
        assert [card["id"] for card in listed["cards"]] == [made["id"]]
        task = await client.read_resource(f"vibenv://card/{made['id']}/task")
        assert task.contents[0].text == "# By the agent\n\nDo *it*.\n"
        assert (await use(client, "done", card=made["id"]))["column_role"] == "done"
        assert "give one of them" in await refused(client, "launch", card=made["id"], title="x")
        assert "no such card" in await refused(client, "read_card", card="nowhere")


async def test_everything_else_is_there_by_the_general_tool(product):
    async with connected(product) as client:
        made = await use(client, "api", method="POST", path="/boards", body={"name": "Another"})
        assert made["status"] == 201
        missing = await use(client, "api", method="GET", path="/boards/none")
        assert (missing["status"], missing["body"]["status"]) == (404, 404)
        assert (await use(client, "api", method="DELETE", path=f"/boards/{made['body']['id']}"))["status"] == 204
        assert "stream" in await refused(client, "api", method="GET", path=f"/boards/{product.board()['id']}/events")
        assert "no path of the API" in await refused(client, "api", method="GET", path="/../../healthz")


def test_nobody_gets_in_without_a_token_or_from_another_site(product):
    url, mine = f"{product.url}/mcp", {"Authorization": f"Bearer {product.token}"}
    without = httpx.post(url, json={})
    assert (without.status_code, without.headers["www-authenticate"]) == (401, "Bearer")
    assert httpx.post(url, json={}, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert httpx.post(url, json={}, headers=mine | {"Origin": "https://elsewhere.example"}).status_code == 403
    assert httpx.get(url, headers=mine).status_code == 405
    assert httpx.post(url, content=b"no json", headers=mine).status_code in {400, 406}
    assert httpx.post(url, content=b"x" * (33 * 1024**2), headers=mine).status_code == 413
    assert product.api.get("/boards").status_code == 200


async def test_a_session_is_launched_and_put_to_sleep_while_progress_is_told(product):
    told = []

    async def progress(done, total, message):  # as the SDK calls it
        told.append(message)

    async with connected(product) as client:
        answer = await client.call_tool("launch", {"title": "launched"}, progress_callback=progress)
        card = answer.structured_content
        assert card["status"] == "running", (card, product.logs())
        assert card["session"].startswith("vibenv-launched")
        slept = await use(client, "sleep", card=card["id"])
        assert slept["status"] in {"stopping", "paused"}
        await asyncio.to_thread(product.until, card["id"], "paused")
        assert (await use(client, "exec", card=card["id"], command="echo awake"))["stdout"] == "awake\n"
        assert "nobody took a snapshot" in (await refused(client, "restore", card=card["id"])).lower()


async def test_a_question_waits_for_the_answer_of_a_person(product):
    async with connected(product) as client:
        card = await use(client, "create_card", title="asks")
        first = await use(client, "ask_human", card=card["id"], text="Which?", options=["A", "B"], timeout_s=0)
        assert (first["answer"], first["options"]) == (None, ["A", "B"])
        waiting = asyncio.create_task(use(client, "ask_human", question=first["id"], timeout_s=30))
        answered = await asyncio.to_thread(product.api.post, f"/questions/{first['id']}/answer", json={"answer": "B"})
        assert answered.status_code in {200, 201}, answered.text
        assert (await waiting)["answer"] == "B"


async def test_a_call_ends_with_the_token_that_it_came_by(product):
    made = product.api.post("/tokens", json={"name": "short-lived"}).json()
    async with connected(product, made["token"]) as client:
        card = await use(client, "create_card", title="asked in vain")
        waiting = asyncio.create_task(refused(client, "ask_human", card=card["id"], text="?", timeout_s=600))
        questions = f"/cards/{card['id']}/questions"
        await asyncio.to_thread(wait_for, lambda: product.api.get(questions).json())
        assert (await asyncio.to_thread(product.api.delete, f"/tokens/{made['id']}")).status_code == 204
        assert "revoked" in await asyncio.wait_for(waiting, 20)


async def test_ten_clients_work_at_once(product):
    async def work(number):
        async with connected(product, mode=MODES[number % 2]) as client:
            card = await use(client, "create_card", title=f"client {number}")
            for _ in range(3):
                assert (await use(client, "read_card", card=card["id"]))["title"] == f"client {number}"
            return card["id"]

    made = await asyncio.gather(*(work(number) for number in range(10)))
    assert len(set(made)) == 10


async def test_a_token_of_one_card_has_that_card_and_no_other(product):
    mine, other = product.new_card("mine"), product.new_card("other")
    made = product.api.post(
        "/tokens", json={"name": "agent", "card": mine["id"], "verbs": ["look", "cards"], "kind": "agent"}
    )
    assert made.status_code == 201, made.text
    async with connected(product, made.json()["token"]) as client:
        assert (await use(client, "read_card"))["id"] == mine["id"]
        assert [card["id"] for card in (await use(client, "list_cards"))["cards"]] == [mine["id"]]
        assert (await use(client, "list_boards"))["boards"] == []
        assert "no such card" in await refused(client, "read_card", card=other["id"])
        assert "no such card" in await refused(client, "comment", card="other", text="x")
        assert "“sessions”" in await refused(client, "launch")
        hidden = await use(client, "api", method="GET", path=f"/cards/{other['id']}")
        assert hidden["status"] == 404


@pytest.fixture(scope="module")
def card(product):
    """One that runs, with a shell that marks its commands as the default profile's does."""
    card = product.running_card("worked on")
    shown = f"/cards/{card['id']}/file?path=/tmp/integration.sh"
    product.api.put(shown, content=(ROOT / "layers/readymade/integration.sh").read_bytes()).raise_for_status()
    typed = {"text": ". /tmp/integration.sh", "enter": True}
    product.api.post(f"/cards/{card['id']}/type", json=typed).raise_for_status()
    return card


async def test_a_client_that_vanishes_in_the_middle_of_a_run_holds_up_nobody(product, card, terminal):
    watching = terminal(product, card)
    async with connected(product) as client:
        hanging = asyncio.create_task(
            client.call_tool("run", {"card": card["id"], "command": "echo be''gun; sleep 600"})
        )
        await asyncio.to_thread(watching.until, "begun")
        hanging.cancel()
    async with connected(product) as client:
        busy = await refused(client, "run", card=card["id"], command="true", wait_s=0)
        assert "sleep" in busy
        await use(client, "type", card=card["id"], keys=["C-c"])
        after = await use(client, "run", card=card["id"], command="echo af''ter")
        assert (after["output"].strip(), after["exit_code"]) == ("after", 0)


async def test_a_program_on_the_screen_is_steered_by_keys_and_read_as_text(product, card):
    async with connected(product) as client:
        mine = {"card": card["id"]}
        typed = await use(client, "type", text="cat -n", keys=["Enter"], **mine)
        await use(client, "type", text="first line", keys=["Enter"], **mine)
        came = await use(client, "wait_for", text="1\tfirst line", since=typed["seq"], timeout_s=20, **mine)
        assert came["what"] == "text"
        screen = await use(client, "read_screen", **mine)
        assert "     1  first line" in screen["text"]
        await use(client, "type", keys=["C-d"], **mine)
        ended = await use(client, "wait_for", prompt=True, since=screen["seq"], timeout_s=20, **mine)
        assert ended["what"] == "prompt"
        changed = await use(client, "read_screen", since=screen["seq"], **mine)
        assert changed["text"] is None
        assert changed["changed"]
        shown = await client.read_resource(f"vibenv://card/{card['id']}/screen")
        assert "first line" in shown.contents[0].text
        assert (await use(client, "wait_for", text="never", timeout_s=0.2, **mine))["what"] == "timeout"


async def test_an_agent_does_a_whole_task(product, card, terminal):
    watching = terminal(product, card)
    async with connected(product) as client:
        mine = {"card": card["id"]}
        ran = await use(
            client, "run", command="git init -q . 2>/dev/null; cd /workspace; echo se''en; (exit 3)", **mine
        )
        assert (ran["output"].strip(), ran["exit_code"]) == ("seen", 3)
        await asyncio.to_thread(watching.until, "seen")
        await use(client, "write_file", path="notes.txt", text="one\ntwo\n", **mine)
        patch = "--- a/notes.txt\n+++ b/notes.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
        assert (await use(client, "apply_patch", patch=patch, **mine))["files"] == ["notes.txt"]
        assert (await use(client, "read_file", path="/workspace/notes.txt", **mine))["text"] == "one\nthree\n"
        assert "does not fit" in await refused(client, "apply_patch", patch=patch, **mine)
        assert "+three" in (await use(client, "diff", **mine))["diff"]
        looked = await use(client, "exec", command="cat notes.txt; echo err >&2; exit 4", **mine)
        assert (looked["stdout"], looked["stderr"], looked["exit_code"]) == ("one\nthree\n", "err\n", 4)
        asking = asyncio.create_task(use(client, "ask_human", text="Good?", options=["Yes"], timeout_s=60, **mine))
        asked = await asyncio.to_thread(wait_for, lambda: product.api.get(f"/cards/{card['id']}/questions").json())
        await asyncio.to_thread(product.api.post, f"/questions/{asked[0]['id']}/answer", json={"answer": "Yes"})
        assert (await asking)["answer"] == "Yes"
        assert (await use(client, "done", **mine))["column_role"] == "done"
