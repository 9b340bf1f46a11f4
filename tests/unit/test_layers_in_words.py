"""What the page says of layers and of an update, by the page's own modules: run in Node.js, no browser needed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from vibenv_site.settings import ROOT
from vibenv_site.setup import node

Json = dict[str, Any]
BASE = {"recipe": 1, "kind": "base", "name": "debian", "runs": 1, "wants": 1}
KEEPS_TO_2 = "base debian 1; toolchain python 3, the stack keeps to 2"
GOES = "base debian 1; toolchain python 1, to be removed"
TOOLS = {"recipe": 2, "kind": "toolchain", "name": "python", "runs": 1, "wants": 1}
USUAL = {"size_bytes": 5, "held": False, "pinned": None, "problem": "", "conflicts": []}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("layers") / "module.mjs"
    source = 'export * from "./layers"; export * from "./update-run";'
    command = ["node_modules/.bin/esbuild", "--bundle", "--format=esm", "--log-level=error", f"--outfile={made}"]
    where = ROOT / "static" / "src" / "model"
    found = {**os.environ, **node.find().environ()}  # a new machine has the one in the virtual environment alone
    subprocess.run([ROOT / command[0], *command[1:]], input=source, text=True, check=True, cwd=where, env=found)
    return made


def ask(module: Path, expression: str, board: Json, card: Json, **more: Any) -> Any:
    given = json.dumps({"board": board, "card": card, **more})
    load = f"import * as m from {json.dumps(module.as_uri())}; const {{board, card, later}} = {given};"
    script = f"{load} console.log(JSON.stringify({expression}))"
    done = subprocess.run(
        [node.find().node, "--input-type=module", "-e", script], text=True, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def a_card(*layers: Json, stack: int = 7, status: str = "running", without: tuple[int, ...] = ()) -> Json:
    session = {"status": status, "layers": [{**USUAL, **layer} for layer in layers], "without": list(without)}
    return {"id": "c", "title": "Card", "stack": stack, "session": session}


def a_board(card: Json, *in_stack: tuple[int, int | None], latest: int = 3) -> Json:
    recipes = [
        {"id": 1, "kind": "base", "name": "debian", "latest": 1, "state": "ready"},
        {"id": 2, "kind": "toolchain", "name": "python", "latest": latest, "state": "ready"},
    ]
    layers = [{"recipe": recipe, "pinned": pinned} for recipe, pinned in in_stack]
    return {
        "recipes": recipes,
        "stack": {"id": 7, "policy": "manual", "layers": layers},
        "columns": [{"cards": [card]}],
    }


WORDS = "m.stackWords(board, card)"


@pytest.mark.parametrize(
    ("card", "in_stack", "said"),
    [
        (a_card(BASE, TOOLS), [(1, None), (2, None)], "base debian 1; toolchain python 1, 2 behind"),
        (a_card(BASE, TOOLS), [(1, None), (2, 1)], "base debian 1; toolchain python 1"),
        (
            a_card(BASE, {**TOOLS, "runs": 3, "wants": 3}),
            [(1, None), (2, 2)],
            "base debian 1; toolchain python 3, the stack keeps to 2",
        ),
        (a_card(BASE, TOOLS), [(1, None)], "base debian 1; toolchain python 1, not in the stack any more"),
        (
            a_card(BASE, {**TOOLS, "wants": 3, "held": True}),
            [(1, None)],
            "base debian 1; toolchain python 1, 3 updating",
        ),
        (a_card({**BASE, "wants": 2}), [(1, 2)], "base debian 1, 2 at next start"),
        (a_card(BASE), [(1, None), (2, None)], "base debian 1; toolchain python is new in the stack"),
        (a_card(BASE, without=(2,)), [(1, None), (2, None)], "base debian 1"),
        (a_card(BASE, {**TOOLS, "pinned": 1}, stack=8), [], "base debian 1; toolchain python 1"),
        (
            a_card(BASE, {**TOOLS, "wants": None}, status="asleep"),
            [(1, None)],
            "base debian 1; toolchain python 1, to be removed",
        ),
    ],
)
def test_a_stack_is_said_in_words(module: Path, card: Json, in_stack: list[tuple[int, int | None]], said: str):
    assert ask(module, WORDS, a_board(card, *in_stack), card) == said


@pytest.mark.parametrize(
    ("tools", "state"),
    [
        ({"wants": 1}, "going"),  # the wish has not come yet
        ({"wants": 3}, "going"),
        ({"wants": 3, "problem": "There is no room."}, "failed"),
        ({"wants": 3, "runs": 3}, "done"),
        ({"wants": 2, "runs": 1}, "going"),
        ({"wants": 2, "runs": 2}, "done"),  # somebody else chose that one meanwhile
    ],
)
def test_an_update_ends_for_a_session_when_its_layers_have_come_or_cannot(module: Path, tools: Json, state: str):
    before, now = a_card(BASE, TOOLS), a_card(BASE, {**TOOLS, **tools})
    board = a_board(before, (1, None), (2, None))
    later = {**board, "columns": [{"cards": [now]}]}
    progress = ask(module, "m.progressOf(later, m.planned(board, [card]))", board, before, later=later)
    assert [(each["id"], each["state"]) for each in progress] == [("c", state)]


def test_what_waits_for_the_next_start_does_not_hold_an_update_up(module: Path):
    before, now = a_card(BASE), a_card({**BASE, "wants": 2})
    board = a_board(before, (1, 2))
    later = {**board, "columns": [{"cards": [now]}]}
    progress = ask(module, "m.progressOf(later, m.planned(board, [card]))", board, before, later=later)
    assert progress[0]["state"] == "waits"
