"""Agents of a session that people have paused: they type nothing, run nothing, until somebody lets them go on.

It is a file beside the terminal's history, so that it outlives the web process and costs a question to a directory; the
terminals of this process hear of a change at once.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from engines.errors import PolicyRejected

Heard = Callable[[str | None], None]

_followers: dict[str, list[Heard]] = defaultdict(list)


def pause_path(session_id: str) -> Path:
    return Path(settings.DATA_DIR) / "terminals" / f"{session_id}.paused"


def paused_by(session_id: str) -> str | None:
    """The name of who paused them; None while they may go on."""
    try:
        return str(json.loads(pause_path(session_id).read_text())["by"])
    except (OSError, ValueError, KeyError):
        return None


def reason(by: str) -> str:
    return f"{by} has paused the agents of this session: nothing of theirs is typed or run until they are let go on."


def check(session_id: str, kind: str) -> None:
    """Raises `PolicyRejected` where somebody of that kind (human, guest, agent) may do nothing at present."""
    if kind == "agent" and (by := paused_by(session_id)) is not None:
        raise PolicyRejected(reason(by))


def put(session_id: str, by: str | None) -> None:
    """They are paused by somebody of that name, or (None) go on."""
    path = pause_path(session_id)
    if by is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(json.dumps({"by": by}))


# terminals of this process ------------------------------------------------------------------------------
def follow(session_id: str, heard: Heard) -> None:
    """Have `heard` called with who paused them, now and whenever this process changes it."""
    _followers[session_id].append(heard)
    heard(paused_by(session_id))


def unfollow(session_id: str, heard: Heard) -> None:
    with contextlib.suppress(ValueError):
        _followers[session_id].remove(heard)
    if not _followers[session_id]:
        del _followers[session_id]


def tell(session_id: str) -> None:
    """In the event loop, after a change."""
    by = paused_by(session_id)
    for heard in list(_followers.get(session_id, ())):
        heard(by)
