"""Who is on a board: over pages, processes and terminals."""

from __future__ import annotations

from typing import Any

import pytest

from boards.people import PersonJson
from boards.presence import FORGOTTEN_S, Here, Presence


def person(name: str) -> PersonJson:
    return {"id": name.lower(), "name": name, "colour": "teal", "initials": name[:2].upper()}


def guest(name: str) -> dict[str, Any]:
    return {"id": "x", "name": name, "kind": "guest", "user": None}


@pytest.fixture
def presence() -> Presence:
    return Presence()


def seen(presence: Presence, now_s: float = 0) -> dict[str, tuple[list[str], bool]]:
    return {p["name"]: (p["cards"], p["idle"]) for p in presence.everywhere(now_s)["people"]}


def elsewhere(*names: str, **terminals: list[dict[str, Any]]) -> Here:
    return {"people": [{**person(n), "cards": [], "idle": False} for n in names], "terminals": terminals}


def test_a_person_with_three_pages_is_one_person_at_all_of_their_cards(presence):
    for page, card in (("1", "a"), ("2", "b"), ("3", None)):
        presence.came(page, person("Ada"))
        presence.looks(page, card, idle=False)
    assert seen(presence) == {"Ada": (["a", "b"], False)}


def test_a_person_is_idle_only_where_all_their_pages_are(presence):
    for page in "12":
        presence.came(page, person("Ada"))
        presence.looks(page, None, idle=True)
    assert seen(presence) == {"Ada": ([], True)}
    presence.looks("2", None, idle=False)
    assert seen(presence) == {"Ada": ([], False)}


def test_who_closes_the_last_page_is_gone(presence):
    presence.came("1", person("Ada"))
    presence.came("2", person("Ada"))
    presence.left("1")
    assert list(seen(presence)) == ["Ada"]
    presence.left("2")
    assert not seen(presence)
    assert presence.nobody


def test_people_of_other_processes_are_here_until_these_are_silent_for_too_long(presence):
    presence.came("1", person("Bo"))
    presence.told("other", elsewhere("Ada", "Bo"), now_s=0)
    assert list(seen(presence, FORGOTTEN_S - 1)) == ["Ada", "Bo"]
    assert list(seen(presence, FORGOTTEN_S + 1)) == ["Bo"]


def test_what_a_process_says_replaces_what_it_said(presence):
    presence.told("other", elsewhere("Ada"), now_s=0)
    presence.told("other", elsewhere("Bo"), now_s=1)
    assert list(seen(presence, 2)) == ["Bo"]


def test_terminals_are_told_wherever_they_are_read(presence):
    presence.in_terminal("mine", [guest("Gil")])
    presence.told("other", elsewhere(theirs=[guest("Hedy")]), now_s=0)
    terminals = presence.everywhere(1)["terminals"]
    assert {card: [p["name"] for p in there] for card, there in terminals.items()} == {
        "mine": ["Gil"],
        "theirs": ["Hedy"],
    }
    presence.in_terminal("mine", [])
    assert list(presence.everywhere(1)["terminals"]) == ["theirs"]


def test_pages_of_nobody_are_not_looked_after(presence):
    presence.looks("gone", "a", idle=False)
    presence.left("gone")
    assert presence.nobody
