"""Secrets of sessions: values that their processes find in a tmpfs, as files and as `.env`, and nobody reads anywhere else.

Rows are written by `put`, for whoever decides what a session gets; reconcile gives them to a container that runs, once
per start and after each change. They go through the standard input of a command, since its arguments could be inspected.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction

from engines.current import engine
from engines.errors import EngineError, InvalidInput
from sessions.lifecycle import wake
from sessions.models import Session, SessionSecret
from sessions.sealing import unseal
from sessions.states import State

DIRECTORY: Final = "/run/vibenv/secrets"
ENV: Final = f"{DIRECTORY}/.env"
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
OURS: Final = "VIBENV_"
LONGEST_BYTES: Final = 32 * 1024
MOST: Final = 12  # of a board or a card: all of them, twice, are to fit into the tmpfs
TIMEOUT_S: Final = 10


def checked_name(name: str) -> str:
    """Raises `InvalidInput`."""
    if not NAME.fullmatch(name):
        raise InvalidInput("name: letters, digits and _, not a digit first, at most 64: it becomes a variable's name.")
    if name.upper().startswith(OURS):
        raise InvalidInput(f"name: {OURS}… names are vibenv's own. Choose another.")
    return name


def checked_value(value: str) -> str:
    """Raises `InvalidInput`."""
    if not value:
        raise InvalidInput("value: is empty. Delete the secret instead.")
    if "\0" in value:
        raise InvalidInput("value: has a NUL character, which no variable can hold.")
    if len(value.encode()) > LONGEST_BYTES:
        raise InvalidInput(f"value: at most {LONGEST_BYTES // 1024} KiB. Attach a file to the card for more.")
    return value


@transaction.atomic
def put(wanted: Mapping[str, Mapping[str, tuple[str, str]]], origins: Sequence[str]) -> None:
    """By session id: name → (sealed value, origin). All they have of `origins` is replaced by that; others stay.

    A name that another origin gave already stays that one's.
    """
    held = SessionSecret.objects.filter(session__in=list(wanted))
    foreign = set(held.exclude(origin__in=origins).values_list("session_id", "name"))
    before = {(row.session_id, row.name): row for row in held.filter(origin__in=origins)}
    now = {
        (session, name): each
        for session, secrets in wanted.items()
        for name, each in secrets.items()
        if (session, name) not in foreign
    }
    gone = [row for key, row in before.items() if now.get(key) != (row.sealed, row.origin)]
    new = [key for key, each in now.items() if key not in before or (before[key].sealed, before[key].origin) != each]
    SessionSecret.objects.filter(pk__in=[row.pk for row in gone]).delete()
    SessionSecret.objects.bulk_create(
        SessionSecret(session_id=session, name=name, sealed=now[session, name][0], origin=now[session, name][1])
        for session, name in new
    )
    _tell({row.session_id for row in gone} | {session for session, _ in new})


def _tell(sessions: Iterable[str]) -> None:
    awake = Session.objects.filter(pk__in=list(sessions), state=State.RUNNING).values_list("pk", flat=True)
    for session_id in list(awake):
        transaction.on_commit(lambda session_id=session_id: wake(session_id))  # type: ignore[misc]


def deliver(session: Session) -> None:
    """Have a container that runs hold them, where this start of it does not yet. Raises `EngineError`."""
    rows = list(session.secrets.all())
    if not rows and not session.secrets_given:
        return
    wanted = _fingerprint(session, rows)
    if wanted == session.secrets_given:
        return
    script = _script({row.name: unseal(row.sealed) for row in rows}, wanted).encode()
    done = engine().exec(session.container, ["sh", "-s"], TIMEOUT_S, script)
    if done.exit_code != 0:
        said = done.stderr.decode(errors="replace").strip()[:300]  # of tools, which do not repeat what they were given
        raise EngineError(f"The session's secrets could not be put into {DIRECTORY}: {said}")
    session.secrets_given = wanted if rows else ""
    Session.objects.filter(pk=session.pk).update(secrets_given=session.secrets_given)


def _fingerprint(session: Session, rows: Sequence[SessionSecret]) -> str:
    about = [str(session.started_at), session.container_id, *(f"{row.name} {row.sealed}" for row in rows)]
    return hashlib.sha256("\n".join(about).encode()).hexdigest()


def _script(values: Mapping[str, str], version: str) -> str:
    """Each appears whole or not at all, and what is wanted no more is gone. Shells go by `.version` (`integration.sh`)."""
    env = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    lines = ["set -e", "umask 077", f"cd {DIRECTORY}"]
    for name, value in {**values, ".env": env, ".version": version + "\n"}.items():
        lines += [f"printf %s {shlex.quote(value)} >.new", f"mv .new {name}"]
    known = "|".join([*values, "NONE"])
    lines.append(f'for f in *; do case $f in {known}) ;; *) rm -rf -- "$f" ;; esac; done')
    return "\n".join(lines) + "\n"
