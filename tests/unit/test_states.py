import pytest

from engines.protocol import Observed
from sessions.decide import Action, decide, resting
from sessions.ids import slug
from sessions.naming import another
from sessions.states import MOVES, Desired, IllegalMove, State, check_move


def test_every_state_but_failed_may_fail_and_failed_may_be_retried():
    for state in State:
        if state != State.FAILED:
            check_move(state, State.FAILED)
    check_move(State.FAILED, State.PREPARING)


def test_it_rejects_moves_outside_the_table():
    for old, new in [(State.NEW, State.STARTING), (State.RUNNING, State.STARTING), (State.ASLEEP, State.NEW)]:
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


EFFECTS = {  # of an engine and a reconciler that do as they are told: (state, observed, desired) after an action
    Action.STOP: lambda state, observed, desired, kept: (state, Observed.EXITED, desired, kept),
    Action.PAUSE: lambda state, observed, desired, kept: (state, Observed.PAUSED, desired, kept),
    Action.RESUME: lambda state, observed, desired, kept: (state, Observed.RUNNING, desired, kept),
    Action.START: lambda state, observed, desired, kept: (State.STARTING, Observed.RUNNING, desired, kept),
    Action.RECORD_PAUSED: lambda state, observed, desired, kept: (State.PAUSED, observed, desired, kept),
    Action.RECORD_RUNNING: lambda state, observed, desired, kept: (State.RUNNING, observed, desired, kept),
    Action.GIVE_UP_PAUSE: lambda state, observed, desired, kept: (state, observed, Desired.STOPPED, kept),
    Action.REST: lambda state, observed, desired, kept: (resting(observed, kept), observed, desired, kept),
    Action.ARCHIVE: lambda state, observed, desired, kept: (state, Observed.ABSENT, desired, True),
    Action.SEE_WHY_IT_ENDED: lambda state, observed, desired, kept: (State.PREPARING, observed, desired, kept),
}


@pytest.mark.parametrize("desired", [Desired.RUNNING, Desired.PAUSED, Desired.STOPPED, Desired.ARCHIVED])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("observed", Observed)
def test_every_wish_ends_in_nothing_left_to_do_by_legal_moves(desired, kept, state, observed):
    """Follow the decisions; a few steps suffice."""
    for _ in range(6):
        action = decide(desired, state, observed, kept=kept and observed == Observed.ABSENT)
        if action is Action.NOTHING:
            break
        before = state
        state, observed, desired, kept = EFFECTS[action](state, observed, desired, kept)
        if before != state and action is not Action.START:  # a start goes by *preparing*
            check_move(before, state)
    assert action is Action.NOTHING


@pytest.mark.parametrize("observed", Observed)
def test_a_container_whose_work_is_kept_elsewhere_goes_before_anything_else(observed):
    for desired in (Desired.RUNNING, Desired.STOPPED, Desired.ARCHIVED):
        assert decide(desired, State.ASLEEP, observed, discard=True, take=True) is Action.DISCARD
        assert decide(desired, State.ASLEEP, observed, take=True) is Action.TAKE


def test_what_was_paused_is_let_go_on_where_it_was():
    assert decide(Desired.RUNNING, State.PAUSED, Observed.PAUSED) is Action.RESUME


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


@pytest.mark.django_db
def test_a_name_that_others_hold_on_the_engine_is_never_tried_again():
    name, borne = "upgrade-the-database-driver", set()
    for _ in range(20):
        assert name not in borne
        borne.add(name)
        name = another(name)
        assert len(name) <= 48
