"""The session state machine: one table of legal moves."""

from django.db import models


class State(models.TextChoices):
    """What was last observed or begun. The *desired* state is separate."""

    NEW = "new"  # no container, no files
    PREPARING = "preparing"  # waiting for its environment: layers, network
    STARTING = "starting"  # the container is being made and started
    RUNNING = "running"
    ASLEEP = "asleep"  # stopped; its files are kept in the container's layer
    ARCHIVED = "archived"  # kept as a snapshot only
    FAILED = "failed"


class Desired(models.TextChoices):
    """What people asked for; only `sessions.lifecycle` writes it."""

    RUNNING = "running"
    STOPPED = "stopped"
    DELETED = "deleted"


MOVES: dict[State, frozenset[State]] = {
    State.NEW: frozenset({State.PREPARING, State.FAILED}),
    State.PREPARING: frozenset({State.STARTING, State.RUNNING, State.ASLEEP, State.NEW, State.FAILED}),
    State.STARTING: frozenset({State.RUNNING, State.PREPARING, State.ASLEEP, State.NEW, State.FAILED}),
    State.RUNNING: frozenset({State.ASLEEP, State.NEW, State.PREPARING, State.FAILED}),
    State.ASLEEP: frozenset({State.PREPARING, State.RUNNING, State.ARCHIVED, State.FAILED}),
    State.ARCHIVED: frozenset({State.PREPARING, State.FAILED}),
    State.FAILED: frozenset({State.PREPARING, State.RUNNING, State.ASLEEP, State.NEW}),
}


class IllegalMove(Exception):
    """A move that is not in `MOVES`: a fault of ours, never of a user."""


def check_move(old: str, new: str) -> None:
    """Raise `IllegalMove` unless `old` may become `new`."""
    if State(new) not in MOVES[State(old)]:
        raise IllegalMove(f"a session cannot go from {old} to {new}")
