"""Freezing a session's container into an image."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from engines.docker import holders, labels
from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.errors import translated
from engines.docker.images import Images
from engines.errors import EngineError
from engines.protocol import EngineImage

DRAFT: Final = "vibenv/snapshot-draft"
TIMEOUT_S: Final = 600
OURS: Final = (labels.INSTALLATION, labels.SESSION, labels.NAME, labels.MADE_OF, labels.ANONYMOUS)


class Snapshots:
    def __init__(self, client: Client, installation: str, containers: Containers, images: Images) -> None:
        self._client = client
        self._installation = installation
        self._containers = containers
        self._images = images

    def take(self, name: str, tag: str, image_labels: Mapping[str, str]) -> EngineImage:
        # A killed process leaves it: whose it was can be told.
        draft = f"{self._installation[:8]}.{holders.mine()}.{secrets.token_hex(4)}"
        try:
            made = self._commit(self._containers.id_of(name), draft, image_labels)
            found = self._images.find(made)
            if found is None or not found.layers:
                raise EngineError(f"The engine froze {name}, but does not have the image. Try again.")
            self._images.tag(made, tag)
            return found
        finally:
            with contextlib.suppress(EngineError):
                self._images.remove(f"{DRAFT}:{draft}")

    def _commit(self, container: str, draft: str, image_labels: Mapping[str, str]) -> str:
        """Paused while it runs, so that no file is caught half-written."""
        api = self._client.raw
        with translated(f"freeze {container[:12]}"):
            details = self._client.api.inspect_container(container)
            before: dict[str, Any] = self._client.raw.inspect_image(details["Image"])["Config"]
            params = {"container": container, "repo": DRAFT, "tag": draft, "pause": 1}
            data = _config(before, details["Config"], image_labels)
            answer = api._post_json(api._url("/commit"), data=data, params=params, timeout=TIMEOUT_S)
            return str(api._result(answer, json=True)["Id"])


def _config(before: Mapping[str, Any], given: Mapping[str, Any], image_labels: Mapping[str, str]) -> dict[str, Any]:
    """The engine fills what is missing from the container: its labels are therefore emptied, its variables unset."""
    env = list(before.get("Env") or [])
    known = {item.partition("=")[0] for item in env}
    own = (item.partition("=")[0] for item in given.get("Env") or [])
    return {
        "Cmd": before.get("Cmd") or ["sh"],
        "Entrypoint": before.get("Entrypoint") or [],
        "Env": [*env, *(name for name in own if name not in known)],  # a name alone takes the variable away
        "WorkingDir": before.get("WorkingDir") or "/",
        "Labels": {**(before.get("Labels") or {}), **dict.fromkeys(OURS, ""), **image_labels},
    }
