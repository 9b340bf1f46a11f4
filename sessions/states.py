"""The session state machine: one table of legal moves."""

from django.db import models


class State(models.TextChoices):
    """What was last observed or begun. The *desired* state is separate."""

    NEW = "new"  # no container, no files
    PREPARING = "preparing"  # waiting for its environment: layers, network
    STARTING = "starting"  # the container is being made and started
    RUNNING = "running"
    PAUSED = "paused"  # asleep, with its processes kept
    ASLEEP = "asleep"  # stopped; its files are kept in the container's layer
    ARCHIVED = "archived"  # kept as a snapshot only
    FAILED = "failed"


class Desired(models.TextChoices):
    """What people asked for; only `sessions.lifecycle` writes it."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ARCHIVED = "archived"
    DELETED = "deleted"


MOVES: dict[State, frozenset[State]] = {
    # what runs or rests without our knowledge is recorded as it is seen
    State.NEW: frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ASLEEP, State.ARCHIVED, State.FAILED}),
    State.PREPARING: frozenset(
        {State.STARTING, State.RUNNING, State.PAUSED, State.ASLEEP, State.ARCHIVED, State.NEW, State.FAILED}
    ),
    State.STARTING: frozenset(
        {State.RUNNING, State.PREPARING, State.PAUSED, State.ASLEEP, State.ARCHIVED, State.NEW, State.FAILED}
    ),
    State.RUNNING: frozenset({State.PAUSED, State.ASLEEP, State.ARCHIVED, State.NEW, State.PREPARING, State.FAILED}),
    State.PAUSED: frozenset({State.RUNNING, State.ASLEEP, State.ARCHIVED, State.NEW, State.PREPARING, State.FAILED}),
    State.ASLEEP: frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ARCHIVED, State.FAILED}),
    State.ARCHIVED: frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ASLEEP, State.NEW, State.FAILED}),
    State.FAILED: frozenset({State.PREPARING, State.RUNNING, State.PAUSED, State.ASLEEP, State.ARCHIVED, State.NEW}),
}


class IllegalMove(Exception):
    """A move that is not in `MOVES`: a fault of ours, never of a user."""


def check_move(old: str, new: str) -> None:
    """Raise `IllegalMove` unless `old` may become `new`."""
    if State(new) not in MOVES[State(old)]:
        raise IllegalMove(f"a session cannot go from {old} to {new}")
