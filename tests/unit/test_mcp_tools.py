"""The tools that MCP offers, against the table of verbs, and what agents read of them."""

from __future__ import annotations

from boards import verbs
from vibenv_site.mcp import tools  # noqa: F401  (adds them)
from vibenv_site.mcp.server import server

WITHOUT_A_VERB = {"api", "done"}  # the general one asks for its callers' verbs itself; `done` counts as `move_card`


async def test_the_tools_are_those_of_the_table_of_verbs():
    offered = {tool.name for tool in await server.list_tools()}
    assert offered - WITHOUT_A_VERB == {verb.tool for verb in verbs.VERBS if verb.tool}


async def test_each_tool_says_what_it_does_what_it_answers_and_whether_it_changes_anything():
    for tool in await server.list_tools():
        assert tool.description, tool.name
        assert tool.output_schema, tool.name
        assert tool.annotations is not None, tool.name
        verb = verbs.of_tool(tool.name)
        assert tool.annotations.read_only_hint == (verb is not None and verb.group == "look"), tool.name


async def test_the_general_tool_tells_every_path_by_its_group():
    described = next(tool.description for tool in await server.list_tools() if tool.name == "api") or ""
    for group, of in verbs.grouped():
        line = next((line for line in described.splitlines() if line.startswith(f"- {group}: ")), "")
        assert all(operation in line for verb in of for operation in verb.operations), group
