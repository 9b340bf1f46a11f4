"""Copying a session's files into its container; part of reconciling it, so one worker at a time does."""

from __future__ import annotations

import logging

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable
from sessions import files
from sessions.leases import renew
from sessions.models import Session, SessionFile
from sessions.transitions import announce

log = logging.getLogger(__name__)

NOT_COPIED = "Some of its files could not be copied into it; its card says which."


def deliver_all(session: Session) -> None:
    """Ahead of a start: what the container lacks, and what could not be copied before."""
    _deliver(session, files.not_delivered(session))


def deliver_new(session: Session) -> None:
    """While it runs: what was added since."""
    _deliver(session, files.not_tried(session))


def _deliver(session: Session, lacking: list[SessionFile]) -> None:
    """A file that cannot be copied is told of and stops nothing. Raises `EngineUnreachable`."""
    problems = [problem for file in lacking if (problem := _deliver_one(session, file))]
    if problems and NOT_COPIED not in session.reason:
        session.reason = f"{session.reason} {NOT_COPIED}".strip()
        Session.objects.filter(pk=session.pk).update(reason=session.reason)
    if lacking:
        announce(session.pk)


def _deliver_one(session: Session, file: SessionFile) -> str:
    """Returns the problem, if any."""
    renew(session)  # a large file can take longer than a claim lasts unrenewed
    problem = ""
    try:
        engine().put_files(session.container, files.DIRECTORY, {file.name: files.stored(file)})
    except EngineUnreachable:
        raise
    except EngineError as error:
        problem = str(error)
    except OSError as error:
        problem = f"The stored file cannot be read ({error.strerror}). Delete it and upload it again."
    if problem:
        log.warning("session %s, file %s: %s", session, file.pk, problem)
    files.delivered(file, session, problem)
    return problem
