"""Shapes of requests and answers about when sessions sleep."""

from __future__ import annotations

from ninja import Schema


class RulesAll(Schema):
    """Seconds, 0 for never. From the last sign of life to the pause, from there to the stop, from there to the archive;
    a start's life at most; between two scheduled snapshots, and how many of these stay."""

    idle_timeout_s: int
    stop_after_s: int
    archive_after_s: int
    ttl_s: int
    snapshot_every_s: int
    snapshots_kept: int


class RulesPatch(Schema):
    """What is left out stays; null gives a rule back to whoever is above: card, board, installation."""

    idle_timeout_s: int | None = None
    stop_after_s: int | None = None
    archive_after_s: int | None = None
    ttl_s: int | None = None
    snapshot_every_s: int | None = None
    snapshots_kept: int | None = None


class RulesOut(Schema):
    """`board`: what it changes of the installation's."""

    installation: RulesAll
    board: dict[str, int]


class ExtendIn(Schema):
    seconds: int
