"""Events of one moment in one frame: none of them is missed, and none is sent that a later one replaces."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from boards.gathering import Gathering


def card(version: int, of: str = "a") -> tuple[int, str, str]:
    return version, of, json.dumps({"type": "card", "version": version, "card": {"id": of}})


def frame(*events: tuple[int, str, str]) -> dict[str, object]:
    gathering = Gathering()
    for event in events:
        gathering.add(*event)
    told: dict[str, object] = json.loads(gathering.take())
    assert not gathering
    return told


def test_a_lone_event_is_sent_as_it_is():
    assert frame(card(7)) == {"type": "card", "version": 7, "card": {"id": "a"}}


def test_events_about_different_cards_share_a_frame():
    told = frame(card(1, "a"), card(2, "b"))
    assert told["type"] == "events"
    assert told["versions"] == [1, 2]
    assert told["events"] == [json.loads(card(1, "a")[2]), json.loads(card(2, "b")[2])]


def test_of_one_cards_events_the_latest_goes_and_all_versions_do_whatever_their_order():
    told = frame(card(3), card(5), card(4))
    assert told["versions"] == [3, 5, 4]
    assert told["events"] == [json.loads(card(5)[2])]


@given(st.lists(st.tuples(st.integers(1, 50), st.sampled_from("abc")), min_size=1, unique_by=lambda each: each[0]))
def test_a_page_that_takes_the_frame_ends_where_one_does_that_takes_every_event(changes):
    told = frame(*(card(version, of) for version, of in changes))
    events = told["events"] if told["type"] == "events" else [told]
    seen = {event["card"]["id"]: event["version"] for event in events}
    assert seen == {of: max(v for v, each in changes if each == of) for _, of in changes}
    assert sorted(told.get("versions", [told.get("version")])) == sorted(version for version, _ in changes)
