"""A session as one image: what it runs of its layers, and what was written in it."""

from __future__ import annotations

from engines.errors import PolicyRejected
from layers import exports, stacks
from layers.models import Export, Kind, LayerVersion, Stack
from sessions import freezing, wishes
from sessions.models import Session


def of_stack(stack: Stack, *, name: str, asked_by: str) -> Export:
    """Of a stack as it is now. Raises `InvalidInput`, or `PolicyRejected` while a layer of it is not ready."""
    return exports.ask(stack.scope, _ready(stack), name=name, asked_by=asked_by)


def publish_stack(stack: Stack) -> str:
    """A stack as it is now as one image in the registry; its reference."""
    return exports.publish(_ready(stack))


def of_session(session: Session, *, name: str, asked_by: str) -> Export:
    """With its files as they are when the export is made. One that was never started is its stack alone."""
    stack = session.stack
    if stack is None:
        raise PolicyRejected("The card has no stack. Give it one, then export.")
    if not session.container_id and freezing.has_files(session):
        raise PolicyRejected("The card is archived. Start it, then export.")
    if not session.container_id:
        return of_stack(stack, name=name, asked_by=asked_by)
    runs = [row.runs for row in wishes.rows_of(session) if row.runs is not None]
    if not any(version.recipe.kind == Kind.BASE for version in runs):
        raise PolicyRejected("It is not known on which base this session stands. Restart it, then export.")
    return exports.ask(stack.scope, runs, name=name, container=session.container, asked_by=asked_by)


def _ready(stack: Stack) -> tuple[LayerVersion, ...]:
    found = stacks.standing(stack)
    if found.state != "ready":
        raise PolicyRejected(f"The stack is not ready: {found.detail}. Export it when it is.".replace("..", "."))
    return found.versions
