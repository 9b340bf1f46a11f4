"""What is recorded of which session: known above, by whoever registers here, since nothing below knows of boards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sessions.news import on_session_changed


@dataclass(frozen=True, slots=True)
class Policy:
    """`output`: whether a session's terminals are recorded at all; `input`: also what is typed, and by whom."""

    output: bool = True
    input: bool = False
    title: str = ""


NOTHING = Policy(output=False)
_asked: list[Callable[[str], Policy]] = []


def register(of_session: Callable[[str], Policy]) -> None:
    """`of_session` is given a session's id, and may ask the database."""
    _asked[:] = [of_session]


def of(session_id: str) -> Policy:
    """Nothing where nobody could say that it may be recorded."""
    return _asked[0](session_id) if _asked else NOTHING


def changed(session_ids: Iterable[str]) -> None:
    """Terminals of these sessions ask again, at once. Call it after the commit."""
    for session_id in session_ids:
        on_session_changed(session_id)
