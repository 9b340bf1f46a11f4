"""The heart of reconcile, pure: from what is desired and what is observed to the one next step."""

from __future__ import annotations

import enum

from engines.protocol import Observed
from sessions.states import Desired, State


class Action(enum.Enum):
    """One step towards the desired state."""

    NOTHING = "nothing"
    DESTROY = "destroy"  # then forget the session
    STOP = "stop"
    REST = "rest"  # record that it is stopped
    START = "start"  # environment, container, start
    RESTART = "restart"  # stop, then start
    RECORD_RUNNING = "record running"
    SEE_WHY_IT_ENDED = "see why it ended"


def decide(desired: str, state: str, observed: Observed, *, restart: bool = False) -> Action:
    """The next step; `NOTHING` when observed and desired agree, and the row says so."""
    if desired == Desired.DELETED:
        return Action.DESTROY
    if desired == Desired.STOPPED:
        return _towards_stopped(state, observed)
    return Action.RESTART if restart else _towards_running(state, observed)


def _towards_stopped(state: str, observed: Observed) -> Action:
    if observed in {Observed.RUNNING, Observed.PAUSED}:
        return Action.STOP
    resting = State.NEW if observed == Observed.ABSENT else State.ASLEEP
    if state in {resting, State.ARCHIVED}:
        return Action.NOTHING
    # a container removed behind our back leaves a sleeping session asleep: its next start tells what was lost
    return Action.NOTHING if state == State.ASLEEP else Action.REST


def _towards_running(state: str, observed: Observed) -> Action:
    if observed == Observed.RUNNING:
        return Action.NOTHING if state == State.RUNNING else Action.RECORD_RUNNING
    if state == State.FAILED:
        return Action.NOTHING  # until somebody retries
    if state == State.RUNNING and observed == Observed.EXITED:
        return Action.SEE_WHY_IT_ENDED
    return Action.START
