"""Where a verb works: a session that runs, and one of its terminals."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Who may work there was decided by whoever made it. `terminal` 0 is the main one."""

    session_id: str
    container: str
    terminal: int = 0
