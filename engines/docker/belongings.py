"""What of an installation is on an engine: whatever bears its label or its id, to find what nobody owns any more."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from engines.docker import holders, labels, snapshots, workshops
from engines.docker.client import Client
from engines.docker.errors import Missing, translated
from engines.protocol import Belonging, BelongingKind

NO_NAME: Final = {"<none>:<none>"}


class Belongings:
    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation

    def list(self, sizes: bool) -> Sequence[Belonging]:
        """Drafts first: each has its workshop as long as it is needed, so one without was left, however long this takes."""
        ours = {"label": f"{labels.INSTALLATION}={self._installation}"}
        with translated("list what belongs to vibenv"):
            images: list[dict[str, Any]] = self._client.api.images(all=False)
            containers: list[dict[str, Any]] = self._client.api.containers(all=True, size=sizes, filters=ours)
            networks: list[dict[str, Any]] = self._client.api.networks(filters=ours)
        return [
            *(found for row in images for found in self._drafts(row)),
            *(found for row in containers for found in _container(row, sizes)),
            *(_network(row) for row in networks),
        ]

    def _drafts(self, row: Mapping[str, Any]) -> Iterator[Belonging]:
        names = set(row["RepoTags"] or ()) - NO_NAME
        ours = f"vibenv-build-{self._installation[:8]}"
        for name in names:
            repository, _, tag = name.rpartition(":")
            if repository == workshops.DRAFT and tag.startswith(ours):
                yield _image(row, "draft", name, tag)
            elif repository == snapshots.DRAFT and tag.startswith(f"{self._installation[:8]}."):
                holder = tag.partition(".")[2].rpartition(".")[0]
                yield _image(row, "snapshot draft", name, held=holders.lives(holder))
        workshop = (row["Labels"] or {}).get(labels.DRAFT, "")
        if not names and workshop.startswith(ours):
            yield _image(row, "draft", "", workshop)

    def remove(self, what: Belonging) -> None:
        """By its id, never by a name that something new may bear; a draft by its name, which is never given twice."""
        api = self._client.raw
        with contextlib.suppress(Missing), translated(f"remove {what.name or what.id}"):
            if what.kind in ("draft", "snapshot draft"):
                api.remove_image(what.name or what.id)
            elif what.kind == "network":
                api.remove_network(what.id)
            else:
                api.remove_container(what.id, v=True, force=True)


def _container(row: Mapping[str, Any], sizes: bool) -> Iterator[Belonging]:
    """Neither the packet filter nor what keeps a layer, which have labels of their own."""
    given = row["Labels"] or {}
    name = (row["Names"] or [f"/{row['Id'][:12]}"])[0].lstrip("/")
    size_bytes = int(row.get("SizeRw") or 0) if sizes else None  # the engine leaves a nought out
    about = (row["Id"], name, float(row["Created"]), size_bytes)
    if given.get(labels.WORKSHOP) == workshops.OPEN:
        yield _belonging("workshop", about, given.get(labels.NAME, name))
    elif labels.HELPER in given:
        yield _belonging("helper", about, held=holders.lives(given.get(labels.HOLDER, "")))
    elif given.get(labels.SESSION):
        yield _belonging("session", about, given[labels.SESSION])


def _belonging(
    kind: BelongingKind, about: tuple[str, str, float, int | None], owner: str = "", held: bool | None = None
) -> Belonging:
    return Belonging(kind, *about, owner=owner, held=held)


def _image(
    row: Mapping[str, Any], kind: BelongingKind, name: str, owner: str = "", held: bool | None = None
) -> Belonging:
    return _belonging(kind, (row["Id"], name, float(row["Created"]), int(row["Size"])), owner, held)


def _network(row: Mapping[str, Any]) -> Belonging:
    given = row["Labels"] or {}
    owner = given.get(labels.SESSION) or given.get(labels.NAME, "")
    return _belonging("network", (row["Id"], row["Name"], _moment(row["Created"]), None), owner)


def _moment(text: str) -> float:
    """Of `2024-05-01T10:11:12.123456789Z`, of which Python reads six digits."""
    return datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text).replace("Z", "+00:00")).timestamp()
