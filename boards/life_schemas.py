"""Shapes of requests and answers about sleep, snapshots, forks and history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class SleepIn(Schema):
    how: str


class NoteIn(Schema):
    note: str = ""


class ForkIn(Schema):
    title: str | None = None
    snapshot: str | None = None
    column: str | None = None


class SnapshotOut(Schema):
    """`state`: making, kept (on the engine), ready (in the registry, and read back), failed (`problem`).

    `kind`: asked, scheduled, vanish, restore, fork. `size_bytes` is of what was written since the one that it stands on.
    """

    id: str
    kind: str
    state: str
    problem: str
    note: str
    author: str
    created_at: datetime
    size_bytes: int | None
    parent: str | None


class LineageCardOut(Schema):
    """`stands_on`: the snapshot that its session was started from."""

    id: str
    title: str
    forked_from: str | None
    stands_on: str | None
    archived: bool


class LineageSnapshotOut(SnapshotOut):
    card: str


class LineageOut(Schema):
    cards: list[LineageCardOut]
    snapshots: list[LineageSnapshotOut]


class EventOut(Schema):
    """`kind` state: a move from `old` to `new`; of the others `detail` says more."""

    id: int
    kind: str
    old: str
    new: str
    reason: str
    actor: str
    detail: dict[str, Any]
    at: datetime
