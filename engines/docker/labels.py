"""The labels by which vibenv knows its own: nothing without them is ever listed, adopted or removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engines.docker import holders
from engines.errors import NameTaken
from engines.protocol import SessionSpec

INSTALLATION: Final = "vibenv.installation"
SESSION: Final = "vibenv.session"
NAME: Final = "vibenv.name"
MADE_OF: Final = "vibenv.made-of"
ANONYMOUS: Final = "vibenv.anonymous"
GUARD: Final = "vibenv.guard"
BINDER: Final = "vibenv.binder"
LAYER: Final = "vibenv.layer"
FILLED: Final = "vibenv.filled"
FILLING: Final = "-filling"  # behind the name of a container whose volume is being filled
HELPER: Final = "vibenv.helper"
HOLDER: Final = "vibenv.holder"  # of a helper: the process that it is gone with
WORKSHOP: Final = "vibenv.workshop"
DRAFT: Final = "vibenv.draft"


def for_session(installation: str, spec: SessionSpec) -> dict[str, str]:
    return {INSTALLATION: installation, SESSION: spec.session_id, NAME: spec.name}


def for_helper(installation: str, doing: str) -> dict[str, str]:
    return {INSTALLATION: installation, HELPER: doing, HOLDER: holders.mine()}


def is_session_of(labels: Mapping[str, str] | None, installation: str) -> bool:
    """A container that only reads or makes an image of a session has the image's labels, which are emptied."""
    return labels is not None and labels.get(INSTALLATION) == installation and bool(labels.get(SESSION))


def require_ours(details: Mapping[str, Any], installation: str, name: str) -> None:
    """Raise `NameTaken` unless a container's inspect says that it is a session of this installation."""
    if not is_session_of(details["Config"]["Labels"], installation):
        raise NameTaken(
            f"A container named {name} exists already and is not of this vibenv installation. "
            f"Rename the card, or remove it with `docker rm -f {name}` if nobody needs it."
        )
