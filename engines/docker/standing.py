"""Containers of our own that stay beside the sessions: one of a kind for each installation, made anew when vibenv changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.errors import EngineError, NameTaken

TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """`word` names it for people; its version goes into the label `label`."""

    name: str
    word: str
    label: str
    command: Sequence[str]
    host_config: Mapping[str, Any]


class Standing:
    def __init__(self, client: Client, installation: str, kind: Kind) -> None:
        self._client = client
        self._installation = installation
        self._kind = kind

    def running(self, image: str) -> tuple[str, str]:
        """One that runs, from that image: its id, and a value that changes with each start of it."""
        kind, version = self._kind, self._version(image)
        for _ in range(TRIES):
            try:
                with translated(f"look at {kind.word}"):
                    details = self._client.api.inspect_container(kind.name)
            except Missing:
                self._create(image, version)
                continue
            self._require_ours(details)
            if details["Config"]["Labels"][kind.label] != version:
                self._remove(details["Id"])
            elif not details["State"]["Running"]:
                self._start(details["Id"])
            else:
                return details["Id"], f"{details['Id']} {details['State']['StartedAt']}"
        raise EngineError(f"The container {kind.name} does not stay up. Look at `docker logs {kind.name}`.")

    def _require_ours(self, details: dict[str, Any]) -> None:
        own, kind = details["Config"]["Labels"] or {}, self._kind
        if own.get(labels.INSTALLATION) != self._installation or kind.label not in own:
            raise NameTaken(f"A container named {kind.name} exists and is not {kind.word} of ours. Remove it.")

    def remove(self) -> None:
        """Already gone is success; one of somebody else stays."""
        try:
            with translated(f"look at {self._kind.word}"):
                details = self._client.api.inspect_container(self._kind.name)
            self._require_ours(details)
        except (Missing, NameTaken):
            return
        self._remove(details["Id"])

    def _create(self, image: str, version: str) -> None:
        kind = self._kind
        config = {
            "Image": image,
            "Entrypoint": [],
            "Cmd": list(kind.command),
            "Labels": {labels.INSTALLATION: self._installation, kind.label: version},
            "HostConfig": dict(kind.host_config),
        }
        try:
            with translated(f"make {kind.word}"):
                answer = self._client.raw.create_container_from_config(config, kind.name)
        except Conflict:
            return  # another process was first; the next look finds its
        self._start(answer["Id"])

    def _start(self, container_id: str) -> None:
        with translated(f"start {self._kind.word}"):
            self._client.api.start(container_id)

    def _remove(self, container_id: str) -> None:
        try:
            with translated(f"remove {self._kind.word}"):
                self._client.api.remove_container(container_id, force=True)
        except (Missing, Conflict):
            return

    def _version(self, image: str) -> str:
        kind = self._kind
        return hashlib.sha256(f"{image}\n{kind.command}\n{kind.host_config}".encode()).hexdigest()[:12]
