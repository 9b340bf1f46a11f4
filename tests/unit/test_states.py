import pytest

from engines.protocol import Observed
from sessions.decide import Action, decide
from sessions.ids import slug
from sessions.states import MOVES, Desired, IllegalMove, State, check_move


def test_every_state_but_failed_may_fail_and_failed_may_be_retried():
    for state in State:
        if state != State.FAILED:
            check_move(state, State.FAILED)
    check_move(State.FAILED, State.PREPARING)


def test_it_rejects_moves_outside_the_table():
    for old, new in [(State.NEW, State.RUNNING), (State.ARCHIVED, State.RUNNING), (State.ASLEEP, State.NEW)]:
        with pytest.raises(IllegalMove, match="cannot go"):
            check_move(old, new)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("observed", Observed)
def test_deleting_always_destroys(state, observed):
    assert decide(Desired.DELETED, state, observed) is Action.DESTROY


@pytest.mark.parametrize("observed", Observed)
def test_a_failed_session_waits_for_a_retry_unless_it_runs_after_all(observed):
    expected = Action.RECORD_RUNNING if observed == Observed.RUNNING else Action.NOTHING
    assert decide(Desired.RUNNING, State.FAILED, observed) is expected


def test_a_running_session_whose_container_ended_is_looked_into():
    assert decide(Desired.RUNNING, State.RUNNING, Observed.EXITED) is Action.SEE_WHY_IT_ENDED


def test_a_running_session_whose_container_vanished_is_started_again():
    assert decide(Desired.RUNNING, State.RUNNING, Observed.ABSENT) is Action.START


@pytest.mark.parametrize("state", [s for s in State if s != State.ARCHIVED])
@pytest.mark.parametrize("observed", Observed)
def test_stopping_ends_in_nothing_left_to_do(state, observed):
    """Follow the decisions with an engine that does as it is told: two steps suffice."""
    for _ in range(3):
        action = decide(Desired.STOPPED, state, observed)
        if action is Action.STOP:
            observed = Observed.EXITED
        elif action is Action.REST:
            state = State.NEW if observed == Observed.ABSENT else State.ASLEEP
    assert action is Action.NOTHING


def test_moves_name_only_states():
    assert set(MOVES) == set(State)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Fix login", "fix-login"),
        ("  Ünïcödé & más  ", "unicode-mas"),
        ("日本語", "card"),
        ("--", "card"),
        ("x" * 200, "x" * 30),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_slug_is_a_safe_container_name(title, expected):
    assert slug(title) == expected
