"""What a terminal is known by: its hub, and the files of its history. The main one by its session's id alone."""

from __future__ import annotations

MAIN = 0


def key(session_id: str, number: int) -> str:
    return session_id if number == MAIN else f"{session_id}-{number}"


def parse(terminal: str) -> tuple[str, int]:
    """Session id and number."""
    session_id, _, number = terminal.partition("-")
    return session_id, int(number or MAIN)
