"""What the page says of a session's sleep, its line, its history and its family: by the page's own modules, in Node.js."""

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
NOW = "2026-11-25T12:00:00Z"
MEMBERS = [{"username": "ada", "name": "Ada Lovelace"}]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("life") / "module.mjs"
    source = 'export * from "./life"; export * from "./history"; export * from "./family"; export * from "../ui/time";'
    command = ["node_modules/.bin/esbuild", "--bundle", "--format=esm", "--log-level=error", f"--outfile={made}"]
    where = ROOT / "static" / "src" / "model"
    found = {**os.environ, **node.find().environ()}
    subprocess.run([ROOT / command[0], *command[1:]], input=source, text=True, check=True, cwd=where, env=found)
    return made


def ask(module: Path, expression: str, **given: Any) -> Any:
    names = ", ".join(given)
    load = f"import * as m from {json.dumps(module.as_uri())}; const {{{names}}} = {json.dumps(given)};"
    script = f"{load} console.log(JSON.stringify({expression}))"
    done = subprocess.run(
        [node.find().node, "--input-type=module", "-e", script], text=True, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_a_place_in_the_line_is_told_as_people_count(module):
    told = ask(module, "places.map(m.placeWords)", places=[1, 2, 3, 4, 11, 12, 13, 21, 112])
    expected = ["2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th"]
    assert told == ["Next in line", *(f"{each} in line" for each in expected)]


def test_time_left_is_rounded_to_what_one_can_plan_with(module):
    spans = [0, 1, 59, 60, 61, 720, 3600, 3 * 3600 + 60, 23 * 3600, 24 * 3600, 6 * 86400]
    told = ask(module, "spans.map((seconds) => m.countdown(seconds * 1000))", spans=spans)
    assert told == ["0 s", "1 s", "59 s", "1 min", "2 min", "12 min", "1 h", "3 h", "23 h", "1 day", "6 days"]


def session(status: str, what: str | None) -> Json:
    return {"status": status, "next": {"what": what, "at": NOW} if what else None}


def test_a_running_session_says_what_comes_only_when_it_is_near_and_a_sleeping_one_always(module):
    sessions = [
        session("running", "pause"),
        session("running", "expire"),
        session("paused", "stop"),
        session("asleep", None),
    ]
    expression = "sessions.map(m.ahead).map((each) => each && each.shownFrom && Date.parse(each.at) - each.shownFrom)"
    assert ask(module, expression, sessions=sessions) == [900_000, 900_000, 0, None]


def entry(**given: Any) -> Json:
    empty = {"id": 1, "at": NOW, "kind": "state", "old": "", "new": "", "reason": "", "actor": "vibenv", "detail": {}}
    return {**empty, **given}


def told(module: Path, *entries: Json) -> list[str]:
    expression = "entries.map((each) => m.told(each, members)).map(({by, words}) => `${by} ${words}`.trim())"
    return list(ask(module, expression, entries=entries, members=MEMBERS))


def test_the_timeline_names_who_did_it_and_nobody_where_it_came_by_itself(module):
    assert told(
        module,
        entry(old="new", new="preparing", actor="ada"),
        entry(old="archived", new="preparing", actor="ada"),
        entry(old="running", new="paused", reason="Idle for 30 min."),
        entry(kind="snapshot", actor="ada", detail={"note": "works"}),
        entry(kind="snapshot", detail={"note": "no matter", "made": "vanish"}),
        entry(kind="snapshot", actor="ada", reason="The registry is away."),
        entry(kind="fork", actor="ada", detail={"title": "Another try"}),
        entry(kind="joined", actor="Guest Bob"),
    ) == [
        "Ada Lovelace started it",
        "Ada Lovelace resumed it",
        "Paused; programs kept",
        "Ada Lovelace took a snapshot “works”",
        "Snapshot kept: before its container went",
        "Ada Lovelace couldn\u2019t take a snapshot",
        "Ada Lovelace forked it into “Another try”",
        "Guest Bob came into the terminal",
    ]


def test_what_a_newer_server_tells_is_shown_by_its_own_name(module):
    assert told(module, entry(kind="teleported", actor="ada")) == ["Ada Lovelace teleported"]


def card(card_id: str, parent: str | None) -> Json:
    return {"id": card_id, "title": card_id, "forked_from": parent, "stands_on": None}


def test_a_family_is_a_tree_in_which_each_card_is_once_even_where_a_parent_is_gone(module):
    lineage = {"cards": [card("a", None), card("b", "a"), card("c", "b"), card("d", "gone")], "snapshots": []}
    names = "(function names(all) { return all.map((each) => [each.card.id, names(each.forks)]) })"
    shape = ask(module, f"{names}(m.family(lineage))", lineage=lineage)
    assert shape == [["a", [["b", [["c", []]]]]], ["d", []]]


def test_a_fork_is_told_with_the_snapshot_that_it_began_with_also_once_it_stands_on_its_own(module):
    kept = [{"id": "s1", "card": "a", "parent": None}, {"id": "s2", "card": "b", "parent": "s1"}]
    cards = [card("a", None), card("b", "a") | {"stands_on": "s2"}]
    expression = "m.family(lineage)[0].forks.map((each) => [each.from.id, each.on.id])"
    assert ask(module, expression, lineage={"cards": cards, "snapshots": kept}) == [["s1", "s2"]]
