"""Layers on the engine: the tree of an image, once, in a volume that all sessions share read-only."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.errors import EngineError
from engines.protocol import LayerMount

# The container that fills a volume is named after it when it has: one that an engine died over keeps its draft's name.
# While it is there, the engine lets nobody remove the volume.
FILL_TIMEOUT_S: Final = 1800


class Volumes:
    """Named by their content, so one that is there is never changed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ensure(self, layer: LayerMount, image: str) -> None:
        if self._is_whole(layer.volume):
            return
        with contextlib.suppress(Conflict):  # a session has it, so it was whole: only its keeper was removed
            self.remove(layer.volume)
        doing = f"make the layer {layer.volume} from {image}"
        with translated(doing):
            self._client.api.create_volume(layer.volume, labels={labels.LAYER: layer.volume})
        config = {
            "Image": image,
            "Entrypoint": [],
            "Cmd": ["true"],  # it is never started: the engine copies the tree when it makes the container
            "Labels": {labels.LAYER: layer.volume, labels.FILLED: "when it bears the volume's name"},
            "HostConfig": {"Binds": [f"{layer.volume}:{layer.path}"], "NetworkMode": "none"},
        }
        try:
            with translated(doing):
                made = self._create(f"{layer.volume}{labels.FILLING}", config)
                self._client.api.rename(made, layer.volume)
        except Conflict:
            if not self._is_whole(layer.volume):
                raise EngineError(f"Another process is making the layer {layer.volume}. Try again.") from None

    def _create(self, name: str, config: dict[str, Any]) -> str:
        """The library gives the engine half a minute, in which it may not have copied a large layer."""
        api = self._client.raw
        url = api._url("/containers/create")
        answer = api._post_json(url, data=config, params={"name": name}, timeout=FILL_TIMEOUT_S)
        return str(api._result(answer, json=True)["Id"])

    def _is_whole(self, volume: str) -> bool:
        try:
            with translated(f"look at the layer {volume}"):
                keeper: dict[str, Any] = self._client.api.inspect_container(volume)
        except Missing:
            return False
        return labels.FILLED in (keeper["Config"]["Labels"] or {})

    def remove(self, volume: str) -> None:
        """Also what a killed engine left of it. Raises `EngineError` while a session's container names it."""
        with translated(f"remove the layer {volume}"):
            for remove in (self._remove_keeper, self._remove_draft, self._remove_volume):
                try:
                    remove(volume)
                except Missing:
                    continue

    def _remove_keeper(self, volume: str) -> None:
        with translated(f"remove the layer {volume}"):
            self._client.api.remove_container(volume, force=True)

    def _remove_draft(self, volume: str) -> None:
        self._remove_keeper(f"{volume}{labels.FILLING}")

    def _remove_volume(self, volume: str) -> None:
        with translated(f"remove the layer {volume}"):
            self._client.api.remove_volume(volume)

    def list(self) -> Sequence[str]:
        with translated("list the layers"):
            found: dict[str, Any] = self._client.api.volumes(filters={"label": [labels.LAYER]})
        return sorted(volume["Name"] for volume in found["Volumes"] or [])
