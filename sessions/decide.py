"""The heart of reconcile, pure: from what is desired and what is observed to the one next step."""

from __future__ import annotations

import enum

from engines.protocol import Observed
from sessions.states import Desired, State


class Action(enum.Enum):
    """One step towards the desired state."""

    NOTHING = "nothing"
    DESTROY = "destroy"  # then forget the session
    DISCARD = "discard"  # remove the container whose work is in an image that the row names
    TAKE = "take"  # make it what a snapshot has
    PAUSE = "pause"
    RECORD_PAUSED = "record paused"
    RESUME = "resume"  # a paused container
    STOP = "stop"
    REST = "rest"  # record that it is stopped, or kept as an image alone
    GIVE_UP_PAUSE = "give up pause"  # its processes are gone: it is stopped
    ARCHIVE = "archive"  # snapshot, then discard
    START = "start"  # environment, container, start
    RESTART = "restart"  # stop, then start
    RECORD_RUNNING = "record running"
    SEE_WHY_IT_ENDED = "see why it ended"


def decide(
    desired: str,
    state: str,
    observed: Observed,
    *,
    restart: bool = False,
    kept: bool = False,
    discard: bool = False,
    take: bool = False,
) -> Action:
    """The next step; `NOTHING` when observed and desired agree, and the row says so.

    `kept`: all that it wrote is in an image that the row names. `discard`: a container is to go. `take`: a snapshot is to
    be gone back to, or started from.
    """
    if desired == Desired.DELETED:
        return Action.DESTROY
    if discard or take:
        return Action.DISCARD if discard else Action.TAKE
    if desired == Desired.RUNNING:
        return Action.RESTART if restart else _towards_running(state, observed)
    if desired == Desired.PAUSED:
        return _towards_paused(state, observed)
    return (_towards_archived if desired == Desired.ARCHIVED else _towards_stopped)(state, observed, kept)


def _towards_stopped(state: str, observed: Observed, kept: bool) -> Action:
    if observed in {Observed.RUNNING, Observed.PAUSED}:
        return Action.STOP
    return _at_rest(state, resting(observed, kept))


def resting(observed: Observed, kept: bool) -> State:
    """What a session is whose container does not run."""
    if observed != Observed.ABSENT:
        return State.ASLEEP
    return State.ARCHIVED if kept else State.NEW


def _at_rest(state: str, resting: State) -> Action:
    # a container removed behind our back leaves a sleeping session asleep: its next start tells what was lost
    if state == resting or (state == State.ASLEEP and resting == State.NEW):
        return Action.NOTHING
    return Action.REST


def _towards_paused(state: str, observed: Observed) -> Action:
    if observed == Observed.PAUSED:
        return Action.NOTHING if state == State.PAUSED else Action.RECORD_PAUSED
    if observed == Observed.RUNNING:
        return Action.PAUSE if state == State.RUNNING else Action.RECORD_RUNNING
    return Action.GIVE_UP_PAUSE


def _towards_archived(state: str, observed: Observed, kept: bool) -> Action:
    rest = _towards_stopped(state, observed, kept)
    if rest is Action.NOTHING and observed != Observed.ABSENT:
        return Action.ARCHIVE
    return rest


def _towards_running(state: str, observed: Observed) -> Action:
    if observed == Observed.RUNNING:
        return Action.NOTHING if state == State.RUNNING else Action.RECORD_RUNNING
    if state == State.FAILED:
        return Action.NOTHING  # until somebody retries
    if observed == Observed.PAUSED:
        return Action.RESUME
    if state in {State.RUNNING, State.PAUSED} and observed == Observed.EXITED:
        return Action.SEE_WHY_IT_ENDED
    return Action.START
