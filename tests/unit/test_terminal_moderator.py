"""Who works in a terminal by single calls, how much somebody typed, and agents that people have paused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from engines.errors import PolicyRejected
from sessions import pauses, pausing
from sessions.models import Session, SessionEvent
from sessions.terminal import journal as journals
from sessions.terminal import visits as visiting
from sessions.terminal.floor import Floor, Somebody
from sessions.terminal.held_input import HeldInput
from sessions.terminal.journal import Journal
from sessions.terminal.moderator import Moderator
from sessions.terminal.room import Room
from sessions.terminal.visits import Visits
from tests.unit.test_terminal_room import Told


@dataclass(frozen=True)
class Actor:
    name: str = "Claude"
    kind: str = "agent"
    user: str | None = "1"
    colour: str = "teal"


# visits ---------------------------------------------------------------------------------------------------
async def test_who_calls_is_here_meanwhile_and_for_a_while_after_the_last_call(monkeypatch):
    monkeypatch.setattr(visiting, "STAYS_S", 0.02)
    came, left = [], asyncio.Queue()
    visits = Visits(came.append, left.put_nowait)
    with visits.visiting(Actor()) as first:
        await asyncio.sleep(0.05)
        assert left.empty()
    with visits.visiting(Actor()) as again, visits.visiting(Actor("Codex")):
        assert again is first
    assert [each["name"] for each in visits.participants] == ["Claude", "Codex"]
    assert (first["kind"], first["initials"], first["role"]) == ("agent", "CL", "type")
    assert {(await left.get())["name"], (await left.get())["name"]} == {"Claude", "Codex"}
    assert len(came) == 2
    assert visits.participants == []


# the journal ----------------------------------------------------------------------------------------------
@pytest.fixture
def noted(monkeypatch):
    """`noted(seconds)` lets that much time pass, then gives what was written since."""
    time, written = [0.0], []

    async def write(name, detail):
        written.append((name, detail))

    journal = Journal(0, write, clock=lambda: time[0])

    async def after(seconds):
        time[0] += seconds
        journal._look()
        await asyncio.sleep(0)
        found, written[:] = written[:], []
        return found

    after.journal = journal
    return after


async def test_what_somebody_typed_becomes_one_entry_when_they_are_silent_without_the_text(noted):
    for key in "ls -l\r":
        noted.journal.typed("Anna", "human", key.encode())
    noted.journal.typed("Anna", "human", b"\x1b[A")
    assert await noted(1) == []
    entry = {"terminal": 0, "kind": "human", "keys": 7, "lines": 1}
    assert await noted(journals.SILENCE_S) == [("Anna", entry)]


async def test_of_an_agents_runs_the_first_command_line_is_noted_cut_to_one_line(noted):
    noted.journal.typed("Claude", "agent", b"x", "make test &&\n  " + "x" * 500)
    noted.journal.typed("Claude", "agent", b"ls\r", "ls")
    [(_, entry)] = await noted(journals.SILENCE_S)
    assert entry["first_line"].startswith("make test && xxx")
    assert len(entry["first_line"]) == journals.COMMAND_CHARS


async def test_somebody_gets_at_most_one_entry_a_minute(noted):
    entries = []
    for _ in range(300):
        noted.journal.typed("Anna", "human", b"x")
        entries += await noted(1)
    assert len(entries) in {4, 5}
    await noted.journal.close()


async def test_a_terminal_that_is_let_go_notes_what_was_typed(noted):
    noted.journal.typed("Anna", "human", b"x")
    await noted.journal.close()
    assert len(await noted(0)) == 1


# input of agents that is held back ------------------------------------------------------------------------
async def test_an_agents_frames_are_typed_in_order_once_the_person_is_done_or_refused(monkeypatch):
    time = [0.0]
    floor = Floor(lambda: None, lambda: False, lambda who: who, clock=lambda: time[0])
    agent, put, refused = Told("Claude"), [], asyncio.Queue()
    agent.who = Somebody("Claude", "Claude")
    held = HeldInput(floor, lambda _, data: put.append(data), lambda *about: refused.put_nowait(about))
    held.add(agent, b"1")
    floor.person_typed(Somebody("anna", "Anna", agent=False), b"x\r")
    held.add(agent, b"2")
    held.add(agent, b"3")
    assert put == [b"1"]
    time[0] = 2
    floor._changed()
    await asyncio.sleep(0.01)
    assert put == [b"1", b"2", b"3"]
    floor.take(Somebody("anna", "Anna", agent=False))
    held.add(agent, b"four")
    viewer, count, reason = await refused.get()
    assert (viewer, count) == (agent, 4)
    assert "Anna has taken control" in reason
    floor.close()


# pauses ---------------------------------------------------------------------------------------------------
@pytest.fixture
def session(db, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    return Session.objects.create(name="s")


def test_agents_are_paused_until_somebody_lets_them_go_on_and_each_is_noted_once(session):
    assert pausing.pause(session.pk, "Anna")
    assert not pausing.pause(session.pk, "Bob")
    with pytest.raises(PolicyRejected, match="Anna has paused"):
        pauses.check(session.pk, "agent")
    pauses.check(session.pk, "human")
    assert pausing.let_go_on(session.pk, "Bob")
    assert not pausing.let_go_on(session.pk, "Bob")
    pauses.check(session.pk, "agent")
    noted = SessionEvent.objects.filter(session=session, kind="agents").values_list("actor", "detail")
    assert list(noted) == [("Anna", {"paused": True}), ("Bob", {"paused": False})]


@pytest.fixture
async def moderated(tmp_path, settings):
    """`moderated(viewers)` keeps the peace among them."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "terminals").mkdir()
    made = []

    def among(*viewers):
        here = {viewer.participant["id"]: viewer for viewer in viewers}
        room = Room("s", here, lambda: None)
        made.append(
            Moderator("s", 0, room, here, full_screen=lambda: False, put=lambda *_: None, refuse=lambda *_: None)
        )
        return made[-1]

    yield among
    for each in made:
        await each.close()


async def test_a_pause_is_heard_in_all_terminals_of_the_session_and_outlives_them(moderated):
    one, other = moderated(), moderated()
    pauses.put("s", "Anna")
    pauses.tell("s")
    assert [each.floor.paused_by for each in (one, other)] == ["Anna", "Anna"]
    assert moderated().floor.paused_by == "Anna"


async def test_who_watches_and_agents_neither_take_control_nor_pause_anybody(moderated):
    watcher, agent = Told("Bob", "watch"), Told("Claude")
    agent.participant["kind"] = "agent"
    moderator = moderated(watcher, agent)
    for viewer in (watcher, agent):
        moderator.control(viewer, take=True)
        await moderator.pause(viewer, agents=True)
        assert [each["about"] for each in viewer.of("refused")] == ["floor", "floor"]
    assert moderator.floor.holder is None
    assert pauses.paused_by("s") is None


async def test_control_is_handed_over_in_any_window_of_who_has_it_and_by_nobody_else(moderated):
    anna, again, bob = Told("Anna", user="1"), Told("Anna 2", user="1"), Told("Bob", user="2")
    moderator = moderated(anna, again, bob)
    moderator.control(anna, take=True)
    moderator.control(bob, take=False)
    assert "Anna has control" in bob.of("refused")[0]["reason"]
    moderator.control(again, take=False)
    assert moderator.floor.holder is None
