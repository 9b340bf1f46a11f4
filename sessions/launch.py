"""How a session's container is started: the spec handed to the engine."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from django.conf import settings

from engines.protocol import Limits, SessionSpec
from layers import hooks
from sessions.environment import Environment
from sessions.models import Session

POOL = "vibenv-pool-"  # how names of containers begin that are nobody's yet
SOCKET = "/tmp/vibenv.sock"  # noqa: S108  (inside the container; the address people attach to by hand)
ENDED = "/run/vibenv/shell-ended"

# The marker tells a shell that ended by itself from one that was stopped, whatever stopped it: the engine's exit code
# is the same for both. The socket of an earlier run must go, or dtach could not bind.
MAIN = f"""mkdir -p /run/vibenv && rm -f {SOCKET} {ENDED}
exec dtach -N {SOCKET} -r winch sh -c '$0; echo $? >{ENDED}' "$0" """


def spec(session: Session, image: str, wanted: Environment) -> SessionSpec:
    """What to run for `session` on `image`. Nothing secret is in it: a commit would copy it."""
    made = anonymous(session.key, image, wanted)
    named = {**made.environment, "VIBENV_SESSION": session.name}
    return dataclasses.replace(made, name=session.container, hostname=session.name, environment=named, anonymous=False)


def anonymous(key: str, image: str, wanted: Environment) -> SessionSpec:
    """The same for nobody yet: it waits until it is given a name."""
    return SessionSpec(
        name=f"{POOL}{key}",
        session_id=key,
        image=image,
        hostname="vibenv",
        anonymous=True,
        command=["sh", "-c", (hooks.at_start() if settings.BASE_IMAGE else "") + MAIN, settings.SESSION_SHELL],
        environment={
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
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


def fingerprint(wanted: Environment) -> str:
    """Of all that decides what a container is, but for whose it is. Its image is known by what that is made of."""
    about = dataclasses.asdict(anonymous("", "" if wanted.made_of else wanted.base_image, wanted))
    about["layers"] = sorted((each["path"], each["volume"]) for each in about["layers"])
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()
