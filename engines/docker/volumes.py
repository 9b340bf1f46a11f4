"""Layers on the engine: the tree of an image, once, in a volume that all sessions share read-only."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Sequence
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Conflict, Missing, translated
from engines.errors import EngineError
from engines.protocol import LayerMount

# A volume is whole when the container that it was filled by has this file; an engine that was killed while it copied
# leaves a container without it. While that container is there, the engine lets nobody remove the volume.
WHOLE: Final = "vibenv-layer-is-whole"


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
            "Labels": {labels.LAYER: layer.volume},
            "HostConfig": {"Binds": [f"{layer.volume}:{layer.path}"], "NetworkMode": "none"},
        }
        try:
            with translated(doing):
                made = self._client.raw.create_container_from_config(config, layer.volume)
                self._client.api.put_archive(made["Id"], "/", _archive(WHOLE))
        except Conflict:
            if not self._is_whole(layer.volume):
                raise EngineError(f"Another process is making the layer {layer.volume}. Try again.") from None

    def _is_whole(self, volume: str) -> bool:
        try:
            with translated(f"look at the layer {volume}"):
                self._client.api.get_archive(volume, f"/{WHOLE}")[0].close()
        except Missing:
            return False
        return True

    def remove(self, volume: str) -> None:
        """Also what a killed engine left of it. Raises `EngineError` while a session's container names it."""
        with translated(f"remove the layer {volume}"):
            for remove in (self._remove_container, self._remove_volume):
                try:
                    remove(volume)
                except Missing:
                    continue

    def _remove_container(self, volume: str) -> None:
        with translated(f"remove the layer {volume}"):
            self._client.api.remove_container(volume, force=True)

    def _remove_volume(self, volume: str) -> None:
        with translated(f"remove the layer {volume}"):
            self._client.api.remove_volume(volume)

    def list(self) -> Sequence[str]:
        with translated("list the layers"):
            found: dict[str, Any] = self._client.api.volumes(filters={"label": [labels.LAYER]})
        return sorted(volume["Name"] for volume in found["Volumes"] or [])


def _archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()
