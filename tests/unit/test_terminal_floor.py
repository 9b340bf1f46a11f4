"""Who may type now: people always, agents when no person is at it, and no line ever mixes with another."""

from __future__ import annotations

import asyncio
import random
import re
import selectors

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import PolicyRejected
from sessions.terminal import floor as floors
from sessions.terminal.floor import Floor, Somebody
from sessions.terminal.lines import Keys

ANNA, BOB = Somebody("anna", "Anna", agent=False), Somebody("bob", "Bob", agent=False)
AGENT, OTHER = Somebody("agent", "Claude"), Somebody("other", "Codex")


class Idle(selectors.SelectSelector):
    """Where a loop would sleep, its time passes at once."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.idle = Idle()
        super().__init__(self.idle)

    def time(self):
        return self.idle.now


def timed(test):
    """The test's coroutine in such a loop, with a floor."""

    def run(*args, **kwargs):
        async def body():
            told = []
            floor = Floor(
                lambda: told.append(floor.message), lambda: False, lambda who: who, asyncio.get_running_loop().time
            )
            floor.told = told
            await test(floor, *args, **kwargs)
            floor.close()

        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(body())

    run.__name__ = test.__name__
    return run


def now():
    return asyncio.get_running_loop().time()


# what keys do to a line -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("keys", "unfinished"),
    [
        (b"l", True),
        ("é".encode(), True),
        (b"ls\r", False),
        (b"ls\rec", True),
        (b"\r", False),
        (b"\x03", False),
        (b"\x15", False),
        (b"\x04", False),
        (b"abc\x03", False),
        (b"\x1b[A", True),  # an earlier line
        (b"\x12", True),
        (b"\x1b[D", None),
        (b"\x1bOD", None),
        (b"\x7f", None),
        (b"\t", None),
        (b"\x0c", None),
        (b"\x1b", None),
        (b"\x1b[I", None),
        (b"\x1b[<0;12;7M", None),
        (b"\x1b[M !!", None),
        (b"\x1b[1;5C", None),
        (b"\x1b.", True),  # the last word of the line before
        (b"\x1b[200~one\rtwo\r\x1b[201~", True),  # the shell waits for Enter
        (b"\x1b[200~one\x1b[201~\r", False),
    ],
)
def test_keys_begin_a_line_end_it_or_leave_it(keys, unfinished):
    assert Keys().feed(keys) is unfinished


def test_a_paste_that_is_cut_between_frames_ends_no_line():
    keys = Keys()
    assert keys.feed(b"\x1b[200~one\r") is True
    assert keys.feed(b"two\r") is True
    assert keys.feed(b"three\r\x1b[201~") is True
    assert keys.feed(b"\r") is False


@given(st.lists(st.sampled_from([b"a", b"\r", b"\x03", b"\t", b"\x7f", b"\x1b[C", b"\x1b[A", b"\x15"]), max_size=12))
def test_keys_mean_the_same_one_by_one_and_at_once(keys):
    one_by_one, typist = None, Keys()
    for key in keys:
        state = typist.feed(key)
        one_by_one = state if state is not None else one_by_one
    assert Keys().feed(b"".join(keys)) is one_by_one


# who waits, who is refused --------------------------------------------------------------------------------
@timed
async def test_an_agent_types_at_once_where_no_person_does(floor):
    await floor.admit(AGENT)
    assert now() == 0


@timed
async def test_an_agent_waits_while_a_person_types_and_has_not_finished_the_line(floor):
    floor.person_typed(ANNA, b"e")
    waits = asyncio.create_task(floor.admit(AGENT))
    await asyncio.sleep(5)
    assert not waits.done()
    floor.person_typed(ANNA, b"\r")
    await waits
    assert now() == 5 + floors.TYPING_S


@timed
async def test_an_agent_that_waited_long_is_refused_with_the_reason_and_who_it_is(floor):
    floor.person_typed(ANNA, b"e")
    with pytest.raises(PolicyRejected, match="Anna has begun a line here"):
        await floor.admit(AGENT)
    assert now() == floors.PATIENCE_S


@timed
async def test_a_line_that_nobody_goes_on_with_is_given_up(floor):
    floor.person_typed(ANNA, b"e")
    await floor.admit(AGENT, timeout_s=120)
    assert now() == floors.LINE_S


@timed
async def test_keys_that_the_program_before_the_prompt_may_have_taken_hold_an_agent_for_a_moment_only(floor):
    floor.person_typed(ANNA, b"q")
    floor.command_ended()
    await floor.admit(AGENT)
    assert now() == floors.AHEAD_S


@timed
async def test_a_line_goes_with_whoever_began_it(floor):
    floor.person_typed(ANNA, b"echo")
    floor.left("anna")
    await floor.admit(AGENT)
    assert now() == 0


@timed
async def test_a_line_that_was_given_up_is_left_over_until_somebody_ends_it_or_goes_on_with_it(floor):
    floor.person_typed(ANNA, b"echo")
    assert not floor.left_over
    floor.left("anna")
    assert floor.left_over
    floor.typed(AGENT, b"ls\r")
    assert not floor.left_over
    floor.person_typed(BOB, b"echo")
    await asyncio.sleep(floors.LINE_S)
    assert floor.left_over
    floor.person_typed(BOB, b"x")
    assert not floor.left_over


@timed
async def test_in_a_full_screen_program_only_the_moment_after_a_key_counts(floor):
    floor._full_screen = lambda: True
    floor.person_typed(ANNA, b"i")
    await floor.admit(AGENT)
    assert now() == floors.TYPING_S


@timed
async def test_whoever_has_control_keeps_agents_out_until_it_is_handed_over(floor):
    floor.take(ANNA)
    with pytest.raises(PolicyRejected, match="Anna has taken control"):
        await floor.admit(AGENT)
    assert now() == 0
    assert not floor.hand_over(BOB)
    assert floor.hand_over(ANNA)
    await floor.admit(AGENT)


@timed
async def test_control_ends_when_its_holder_leaves(floor):
    floor.take(ANNA)
    floor.left("anna")
    await floor.admit(AGENT)


@timed
async def test_taking_control_refuses_those_who_wait(floor):
    floor.person_typed(ANNA, b"e")
    waits = asyncio.create_task(floor.admit(AGENT))
    await asyncio.sleep(1)
    floor.take(BOB)
    with pytest.raises(PolicyRejected, match="Bob has taken control"):
        await waits
    assert now() == 1


@timed
async def test_paused_agents_are_refused_and_people_are_not(floor):
    floor.paused("Anna")
    with pytest.raises(PolicyRejected, match="Anna has paused the agents"):
        await floor.admit(AGENT)
    await floor.admit(Somebody("cli", "Bob", agent=False))
    floor.paused(None)
    await floor.admit(AGENT)


@timed
async def test_a_persons_line_from_the_command_line_waits_for_that_of_another(floor):
    floor.take(ANNA)
    floor.person_typed(ANNA, b"e")
    floor.person_typed(ANNA, b"\r")
    await floor.admit(Somebody("cli", "Bob", agent=False))
    assert now() == floors.TYPING_S


@timed
async def test_agents_come_in_the_order_in_which_they_waited(floor):
    came = []

    async def enter(who):
        await floor.admit(who)
        came.append(who.id)
        floor.typed(who, b"ls\r")

    floor.person_typed(ANNA, b"x\r")
    agents = [Somebody(str(number), "A") for number in range(5)]
    await asyncio.gather(*map(enter, agents))
    assert came == [agent.id for agent in agents]


@timed
async def test_an_agents_unfinished_line_holds_other_agents_and_not_itself(floor):
    await floor.admit(AGENT)
    floor.typed(AGENT, b"git comm")
    waits = asyncio.create_task(floor.admit(OTHER))
    await asyncio.sleep(1)
    await floor.admit(AGENT)
    floor.typed(AGENT, b"it\r")
    await waits
    assert now() == 1


@timed
async def test_a_person_takes_an_agents_line_over(floor):
    await floor.admit(AGENT)
    floor.typed(AGENT, b"rm -r")
    floor.person_typed(ANNA, b"x")
    with pytest.raises(PolicyRejected, match="Anna"):
        await floor.admit(AGENT)


@timed
async def test_what_changes_is_told_soon_and_a_line_only_once(floor):
    for _ in range(20):
        floor.person_typed(ANNA, b"e")
    waits = asyncio.create_task(floor.admit(AGENT))
    await asyncio.sleep(0.1)
    floor.take(ANNA)
    await asyncio.gather(waits, return_exceptions=True)
    await asyncio.sleep(0.1)
    floor.left("anna")
    await asyncio.sleep(0.1)
    assert [(m["holder"], m["open_line"], m["waiting"]) for m in floor.told] == [
        (None, "anna", ["agent"]),
        ("anna", "anna", []),
        (None, None, []),
    ]


# lines never mix ------------------------------------------------------------------------------------------
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 4))
def test_lines_never_mix_whoever_types_when(seed, people, agents):
    _interleaved(seed, people, agents)


@timed
async def _interleaved(floor, seed, people, agents):
    """One person at a time types key by key, with pauses shorter than those that give a line up; agents as they may."""
    dice, written, keyboard = random.Random(seed), [], asyncio.Lock()  # noqa: S311

    async def person(number):
        who = Somebody(f"p{number}", f"P{number}", agent=False)
        for turn in range(3):
            await asyncio.sleep(dice.uniform(0, 30))
            async with keyboard:
                while floor.message["open_line"]:  # noqa: ASYNC110  (of an agent that types key by key: people see it)
                    await asyncio.sleep(0.01)
                for key in f"[p{number}.{turn}]\r":
                    floor.person_typed(who, key.encode())
                    written.append(key)
                    await asyncio.sleep(dice.choice([0, 0.05, 0.3, 2, 20]))

    async def agent(number):
        who = Somebody(f"a{number}", f"A{number}")
        for turn in range(6):
            await asyncio.sleep(dice.uniform(0, 10))
            line = f"[a{number}.{turn}]\r"
            pieces = [line] if dice.random() < 0.6 else list(line)  # a call, or keys by a socket
            for piece in pieces:
                while True:
                    try:
                        await floor.admit(who)
                    except PolicyRejected:
                        continue
                    break
                written.append(piece)
                floor.typed(who, piece.encode())
                await asyncio.sleep(dice.choice([0, 0.01]) if piece is not line else 0)

    await asyncio.gather(*map(person, range(people)), *map(agent, range(agents)))
    lines = "".join(written).split("\r")
    assert lines.pop() == ""
    expected = 3 * people + 6 * agents
    assert len(lines) == expected
    assert all(re.fullmatch(r"\[[pa]\d\.\d\]", line) for line in lines), lines
