"""One table of verbs: the API has exactly what is in it."""

from __future__ import annotations

from collections import Counter

from boards import verbs
from boards.api import api
from vibenv_site.cli.main import cli
from vibenv_site.mcp import tools  # noqa: F401  (adds them)
from vibenv_site.mcp.server import server

PREFIX = "/api/v1"
OPERATIONS = {
    f"{method.upper()} {path.removeprefix(PREFIX)}"
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method in methods
}
ENTERED = Counter(operation for verb in verbs.VERBS for operation in verb.operations)


def test_every_operation_of_the_api_belongs_to_one_verb():
    assert set(ENTERED) >= OPERATIONS, "enter it in boards/verbs.py: under a verb, in a group"
    assert [operation for operation, times in ENTERED.items() if times > 1] == []


def test_every_operation_of_a_verb_is_in_the_api():
    assert set(ENTERED) <= OPERATIONS


def test_no_two_verbs_have_a_name_or_a_tool_in_common():
    for of in (lambda verb: verb.name, lambda verb: verb.tool):
        named = Counter(of(verb) for verb in verbs.VERBS if of(verb))
        assert [name for name, times in named.items() if times > 1] == []


def test_a_verb_is_found_by_a_route_of_django_and_by_a_path_of_the_document():
    for written in ("/boards/{board_id}/cards", "/boards/<board_id>/cards", "/boards/<slug:any>/cards"):
        found = verbs.of_operation("post", written)
        assert found is not None
        assert found.name == "create card"
    assert verbs.of_operation("POST", "/no/such/path") is None
    assert verbs.of_tool("") is None


def test_each_group_is_told_in_words_and_has_verbs():
    assert set(verbs.IN_WORDS) == set(verbs.GROUPS)
    groups = dict(verbs.grouped())
    assert {group for group, has in groups.items() if has} >= {"look", "cards", "sessions", "share", "layers", "admin"}


async def test_rest_the_command_line_and_mcp_offer_the_same_verbs():
    """By a name of their own, or by the general command and tool, which take every operation."""
    offered = {tool.name: tool.description or "" for tool in await server.list_tools()}
    by_rest = {verb.name for verb in verbs.VERBS if set(verb.operations) <= OPERATIONS and verb.operations}
    by_command = {verb.name for verb in verbs.VERBS if (verb.cli.split() or ["api"])[0] in cli.commands}
    by_tool = {
        verb.name
        for verb in verbs.VERBS
        if verb.tool in offered or all(operation in offered["api"] for operation in verb.operations)
    }
    assert by_rest == by_command == by_tool == {verb.name for verb in verbs.VERBS}
