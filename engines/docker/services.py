"""Containers that serve vibenv itself, beside the sessions."""

from __future__ import annotations

from typing import Any

from engines.docker.client import Client
from engines.docker.errors import Conflict, translated


def run_service(client: Client, name: str, image: str, port: int) -> None:
    """One of that name which is there, whoever made it, is only started."""
    doing = f"run {image} as {name}"
    config: dict[str, Any] = {
        "Image": image,
        "ExposedPorts": {f"{port}/tcp": {}},
        "HostConfig": {
            "PortBindings": {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]},
            "RestartPolicy": {"Name": "unless-stopped"},
        },
    }
    try:
        with translated(doing):
            client.raw.create_container_from_config(config, name)
    except Conflict:
        pass
    with translated(doing):
        client.raw.start(name)
