"""Which terminals wait for somebody, and why: a mark beside the terminal's history. Its hub sets it, whoever looks takes it away.

A mark belongs to one shell: that of an earlier start of the session says nothing any more.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from django.conf import settings

from sessions.models import Session
from sessions.transitions import announce


def mark_path(session_id: str) -> Path:
    return Path(settings.DATA_DIR) / "terminals" / f"{session_id}.waiting"


def shell_of(session: Session) -> str:
    """Tells one start of a session from another."""
    return str(session.started_at or "")


def mark(session_id: str, shell: str, words: str) -> None:
    """The terminal waits for somebody, for the reason in `words`; tells the session's listeners."""
    path = mark_path(session_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps({"shell": shell, "words": words}))
    announce(session_id)


def clear(session_id: str) -> None:
    """Somebody looks at it; harmless when nothing was marked."""
    with contextlib.suppress(FileNotFoundError):
        mark_path(session_id).unlink()
        announce(session_id)


def marked(session_id: str) -> bool:
    return mark_path(session_id).exists()


def words_of(session: Session) -> str:
    """Why the session's terminal waits for somebody; empty when it does not."""
    try:
        held = json.loads(mark_path(session.pk).read_text())
    except (OSError, ValueError):  # none, or one that is being written just now: its news follow
        return ""
    return str(held["words"]) if held["shell"] == shell_of(session) else ""
