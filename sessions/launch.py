"""How a session's container is started: the spec handed to the engine."""

from __future__ import annotations

from django.conf import settings

from engines.protocol import Limits, SessionSpec
from layers import hooks
from sessions.environment import Environment
from sessions.models import Session

SOCKET = "/tmp/vibenv.sock"  # noqa: S108  (inside the container; the address people attach to by hand)
ENDED = "/run/vibenv/shell-ended"

# The marker tells a shell that ended by itself from one that was stopped, whatever stopped it: the engine's exit code
# is the same for both. The socket of an earlier run must go, or dtach could not bind.
MAIN = f"""mkdir -p /run/vibenv && rm -f {SOCKET} {ENDED}
exec dtach -N {SOCKET} -r winch sh -c '$0; echo $? >{ENDED}' "$0" """


def spec(session: Session, image: str, wanted: Environment) -> SessionSpec:
    """What to run for `session` on `image`. Nothing secret is in it: a commit would copy it."""
    return SessionSpec(
        name=session.container,
        session_id=session.key,
        image=image,
        hostname=session.name,
        command=["sh", "-c", (hooks.at_start() if settings.BASE_IMAGE else "") + MAIN, settings.SESSION_SHELL],
        environment={
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "VIBENV_SESSION": session.name,
            **wanted.variables,
        },
        layers=wanted.layers,
        made_of=wanted.made_of,
        limits=Limits(
            memory_bytes=settings.SESSION_MEMORY_BYTES,
            cpus=settings.SESSION_CPUS,
            pids=settings.SESSION_PIDS,
        ),
    )
