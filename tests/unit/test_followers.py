"""What a program that follows a board is told, and what it is told when it comes back."""

from __future__ import annotations

import asyncio
import json

from boards.followers import QUEUE, Follower
from boards.sequence import Sequence


class FeedOf:
    """A feed's memory: the events of these numbers."""

    def __init__(self, *numbers):
        self._numbers = numbers

    def between(self, version, latest):
        found = [number for number in self._numbers if version < number <= latest]
        return [card(number) for number in found] if len(found) == latest - version else None


def card(version, pk="a"):
    return json.dumps({"type": "card", "version": version, "card": {"id": pk, "version": version}})


def told(follower, *texts):
    """The events that a client makes of what it is sent: (id, event, data)."""

    async def tell():
        for text in texts:
            await follower.tell(text if isinstance(text, str) else json.dumps(text))

    asyncio.run(tell())
    events = []
    while not follower.frames.empty():
        frame = follower.frames.get_nowait()
        if frame is None:
            events.append(None)
            continue
        fields = dict(line.split(": ", 1) for line in frame.decode().strip().split("\n"))
        number = int(fields["id"]) if "id" in fields else None
        events.append((number, fields.get("event"), json.loads(fields.get("data", "null"))))
    return events


def kinds(events):
    return [event and event[:2] for event in events]


def follower(**more):
    return Follower({"id": "1", "name": "x", "colour": "blue", "initials": "X"}, **more)


HELLO = {"type": "hello", "version": 7}


def test_it_begins_with_the_version_and_goes_on_by_number():
    assert kinds(told(follower(), HELLO, card(8), card(9))) == [(7, "hello"), (8, "card"), (9, "card")]


def test_events_of_one_frame_are_told_one_by_one():
    together = {"type": "events", "versions": [8, 9, 10], "events": [json.loads(card(9)), json.loads(card(10, "b"))]}
    assert kinds(told(follower(), HELLO, together)) == [(7, "hello"), (10, "card"), (10, "card")]


def test_what_came_before_the_greeting_is_told_after_it_and_not_twice():
    assert kinds(told(follower(), card(7), card(8), HELLO)) == [(7, "hello"), (8, "card")]


def test_who_comes_back_is_told_what_happened_meanwhile():
    back = follower(came_from=5, feed=FeedOf(4, 5, 6, 7))
    assert kinds(told(back, HELLO, card(8))) == [(None, "card"), (None, "card"), (7, None), (8, "card")]
    assert kinds(told(follower(came_from=7, feed=FeedOf()), HELLO, card(8))) == [(8, "card")]


def test_who_was_away_too_long_is_told_to_begin_anew():
    for came_from in (2, 9):
        back = follower(came_from=came_from, feed=FeedOf(6, 7))
        assert told(back, HELLO) == [(7, "reset", {"version": 7})]


def test_an_event_that_got_lost_is_noticed_at_the_second_look():
    looks = ({"type": "version", "version": 9},) * 2
    events = told(follower(), HELLO, card(9), *looks, card(10))
    assert kinds(events) == [(7, "hello"), (7, "card"), (9, "reset"), (10, "card")]


def test_of_one_card_nothing_else_is_told_and_the_number_goes_on():
    mine = follower(card="a")
    others = (card(8, "b"), {"type": "board", "version": 9}, {"type": "layers"}, {"type": "presence"})
    assert kinds(told(mine, HELLO, *others, card(10))) == [(7, "hello"), (10, "card")]
    assert mine.heartbeat() == b": still here\nid: 10\n\n"
    gone = ({"type": "card_deleted", "version": 11, "id": "b"}, {"type": "card_deleted", "version": 12, "id": "a"})
    assert kinds(told(mine, *gone)) == [(12, "card_deleted"), None]


def test_a_client_that_does_not_keep_up_costs_no_memory_and_is_told():
    slow = follower()
    events = told(slow, HELLO, *(card(8 + n) for n in range(QUEUE + 10)))
    assert len(events) <= QUEUE
    assert events[0][1] == "reset"
    assert events[-1][0] == 8 + QUEUE + 9


def test_numbers_in_any_order_are_none_lost():
    sequence = Sequence(3)
    sequence.came([5, 6])
    assert (sequence.upto, sequence.lost(6)) == (3, False)
    sequence.came([4, 7])
    assert (sequence.upto, sequence.lost(7), sequence.lost(7)) == (7, False, False)
    sequence.came([9])
    assert (sequence.lost(9), sequence.lost(9)) == (False, True)
