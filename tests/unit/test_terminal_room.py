"""What people tell each other beside a terminal."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest

from sessions.protocol import CHAT_KEPT, CHAT_RATE, CHAT_TEXT, HAND_RATE
from sessions.terminal import beacon as beacons
from sessions.terminal import typist as typists
from sessions.terminal.beacon import Beacon
from sessions.terminal.chat_log import ChatLog
from sessions.terminal.room import Room
from sessions.terminal.typist import Typist
from sessions.terminal.viewer import Viewer


class Told(Viewer):
    """A viewer that keeps what it is told."""

    def __init__(self, name, role="type", user=None, colour="red"):
        who = {"id": name, "user": user, "name": name, "kind": "human", "role": role, "colour": colour, "initials": "X"}
        super().__init__(who, None, None)
        self.heard = []

    def tell(self, message):
        self.heard.append(json.loads(json.dumps(message)))

    def of(self, kind):
        return [message for message in self.heard if message["type"] == kind]


@pytest.fixture
def made(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    (tmp_path / "terminals").mkdir()

    def make(*viewers):
        here = {viewer.participant["id"]: viewer for viewer in viewers}
        room = Room("s", here, lambda: room.tell_participants())  # noqa: PLW0108  (it is not there yet)
        return room

    return make


def test_a_raised_hand_is_told_to_all_and_lowered_by_whoever_may_type(made):
    anna, bob = Told("Anna"), Told("Bob", "watch")
    room = made(anna, bob)
    room.hand(bob, True, None)
    assert [p.get("hand") for p in anna.of("participants")[-1]["participants"]] == [None, True]
    room.hand(anna, False, "Bob")
    assert [p.get("hand") for p in bob.of("participants")[-1]["participants"]] == [None, False]


def test_who_watches_lowers_no_hand_but_his_own_in_any_window(made):
    anna, bob, again = Told("Anna", user="1"), Told("Bob", "watch", user="2"), Told("Bob 2", "watch", user="2")
    room = made(anna, bob, again)
    room.hand(anna, True, None)
    room.hand(bob, False, "Anna")
    assert bob.of("refused")[0]["about"] == "hand"
    assert anna.participant["hand"] is True
    room.hand(bob, True, None)
    room.hand(again, False, "Bob")
    assert bob.participant["hand"] is False


def test_nobody_raises_the_hand_of_somebody_else(made):
    anna, bob = Told("Anna"), Told("Bob")
    made(anna, bob).hand(anna, True, "Bob")
    assert not bob.participant.get("hand")
    assert anna.of("refused")


def test_a_hand_that_goes_up_and_down_too_often_is_refused(made):
    bob = Told("Bob")
    room = made(bob)
    for _ in range(HAND_RATE[0]):
        room.hand(bob, True, None)
        room.hand(bob, False, None)
    room.hand(bob, True, None)
    assert not bob.participant["hand"]
    assert bob.of("refused")


def test_a_hand_is_unseen_while_nobody_is_there_who_may_type(made):
    bob, anna = Told("Bob", "watch"), Told("Anna")
    alone = made(bob)
    assert alone.unseen_hand() == ""
    alone.hand(bob, True, None)
    assert alone.unseen_hand() == "Bob raises a hand"
    assert made(bob, anna).unseen_hand() == ""


def test_what_is_said_reaches_all_and_whoever_comes_later(made):
    anna, bob, later = Told("Anna", user="7"), Told("Bob", "watch"), Told("Later")
    room = made(anna, bob)
    room.say(bob, "  look\nat   this\u202e ")
    said = anna.of("chat")[0]
    assert (said["id"], said["from"], said["name"], said["text"]) == (1, "Bob", "Bob", "look at this")
    room.say(anna, "yes")
    assert [line["id"] for line in bob.of("chat")] == [1, 2]
    room.joined(later)
    assert [line["text"] for line in later.of("chat_history")[0]["messages"]] == ["look at this", "yes"]


@pytest.mark.parametrize(("text", "words"), [(" \n ", "empty"), ("x" * (CHAT_TEXT + 1), "at most 500")])
def test_a_message_of_a_bad_length_is_refused_with_the_reason(made, text, words):
    bob = Told("Bob")
    made(bob).say(bob, text)
    assert words in bob.of("refused")[0]["reason"]
    assert not bob.of("chat")


def test_many_messages_at_once_are_refused_for_a_while_and_only_to_who_sent_them(made, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    anna, bob = Told("Anna"), Told("Bob")
    room = made(anna, bob)
    for n in range(CHAT_RATE[0] + 1):
        room.say(bob, f"message {n}")
    assert len(anna.of("chat")) == CHAT_RATE[0]
    assert bob.of("refused")[0]["about"] == "chat"
    room.say(anna, "calm")
    now[0] += CHAT_RATE[1]
    room.say(bob, "again")
    assert [line["text"] for line in anna.of("chat")][-2:] == ["calm", "again"]


def line(number):
    return {"id": number, "from": "p", "user": None, "name": "N", "kind": "human", "colour": "red", "initials": "N"} | {
        "text": f"message {number}",
        "at": "2026-01-01T00:00:00Z",
    }


def test_the_chat_outlives_its_hub_in_a_private_file_of_bounded_size(tmp_path):
    path = tmp_path / "s.chat"
    kept = ChatLog(path)
    for number in range(1, 5 * CHAT_KEPT):
        kept.add(line(number))
    assert len(path.read_text().splitlines()) <= 2 * CHAT_KEPT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("a") as half:
        half.write('{"id": 1')
    again = ChatLog(path)
    assert again.lines == kept.lines
    assert len(again.lines) == CHAT_KEPT
    assert again.next_id == 5 * CHAT_KEPT
    again.add(line(again.next_id))
    assert ChatLog(path).lines == again.lines


def test_a_colour_that_somebody_has_is_not_given_again(made):
    room = made(Told("Anna", colour="red"), Told("Bob", colour="blue"))
    assert room.free_colour(["red", "blue", "teal"]) == "teal"
    assert room.free_colour(["red", "blue"]) == "red"


async def test_who_types_is_told_once_and_that_he_stopped(monkeypatch):
    monkeypatch.setattr(typists, "BEGAN_AFTER_S", 0.001)
    monkeypatch.setattr(typists, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(typists, "STOPPED_AFTER_S", 0.02)
    news = asyncio.Queue()
    typist = Typist(lambda: news.put_nowait(typist.who))
    for _ in range(50):
        typist.typed("anna")
    assert await news.get() == "anna"
    typist.typed("bob")
    assert await news.get() == "bob"
    assert await news.get() is None
    typist.typed("anna")
    await news.get()
    typist.left("anna")
    assert typist.who is None
    typist.close()


async def test_the_board_is_told_the_latest_word_about_a_hand_and_nothing_twice(monkeypatch):
    told, writing = [], asyncio.Event()

    async def mark(_session, shell, words):
        await writing.wait()
        told.append((shell, words))

    async def clear(_session):
        told.append(None)

    monkeypatch.setattr(beacons, "_mark", mark)
    monkeypatch.setattr(beacons, "_clear", clear)
    monkeypatch.setattr(beacons.attention, "marked", lambda _session: False)
    beacon = Beacon("s")
    beacon.hands("shell", "")
    beacon.hands("shell", "Bob raises a hand")
    await asyncio.sleep(0)  # the first word is being written
    beacon.hands("shell", "")
    beacon.hands("shell", "Eve raises a hand")
    beacon.hands("shell", "")
    writing.set()
    await beacon._task
    assert told == [("shell", "Bob raises a hand"), None]
    assert not beacon.lit
