"""`vibenv mcp`: the SDK's own client starts it as agents do."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.product import ROOT

COMMAND = ["-P", "-m", "vibenv_site.cli.main", "mcp"]


@asynccontextmanager
async def started(mode="auto", *arguments, **environment):
    env = {k: v for k, v in os.environ.items() if not k.startswith("VIBENV_")} | environment
    program = StdioServerParameters(command=sys.executable, args=[*COMMAND, *arguments], env=env, cwd=str(ROOT))
    async with Client(stdio_client(program), mode=mode) as client:
        yield client


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_an_agent_that_starts_it_has_all_tools_of_the_vibenv_that_runs_here(product, mode):
    async with started(mode, "--data-dir", str(product.data_dir)) as client:
        assert "ask_human" in {tool.name for tool in (await client.list_tools()).tools}
        made = (await client.call_tool("create_card", {"title": f"ünï {mode}"})).structured_content
        listed = await client.call_tool("list_cards", {"text": f"ünï {mode}"})
        assert [card["id"] for card in listed.structured_content["cards"]] == [made["id"]]
        task = await client.read_resource(f"vibenv://card/{made['id']}/task")
        assert task.contents[0].text.startswith(f"# ünï {mode}")
        wrong = await client.call_tool("read_card", {"card": "none"})
        assert wrong.is_error
        with pytest.raises(MCPError):
            await client.read_resource("vibenv://nothing")


async def test_a_long_call_tells_its_progress_and_holds_up_no_other(product):
    told = []

    async def progress(done, total, message):
        told.append(message)

    async with started("auto", "--data-dir", str(product.data_dir)) as client:
        made = (await client.call_tool("create_card", {"title": "asks"})).structured_content
        question = {"card": made["id"], "text": "?", "timeout_s": 5.5}
        waiting = asyncio.create_task(client.call_tool("ask_human", question, progress_callback=progress))
        assert not (await client.call_tool("list_boards", {})).is_error
        assert not waiting.done()
        assert (await waiting).structured_content["answer"] is None
        assert told == ["Nobody has answered yet."]


async def test_a_server_that_is_away_for_a_while_is_waited_for(breakable):
    async with started("auto", VIBENV_API=breakable.url, VIBENV_TOKEN=breakable.token) as client:
        assert not (await client.call_tool("list_boards", {})).is_error
        await asyncio.to_thread(breakable.kill, "web")
        assert not (await client.call_tool("list_boards", {})).is_error


def test_a_token_that_is_worth_nothing_is_told_with_what_to_do(product):
    asked = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}
    done = subprocess.run(
        [sys.executable, *COMMAND],
        input=f"no json\n{json.dumps(asked)}\n",
        env=os.environ | {"VIBENV_API": product.url, "VIBENV_TOKEN": "wrong"},
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0]["error"]["code"] == -32700
    assert answers[1]["id"] == 7
    assert "vibenv login" in answers[1]["error"]["message"]
