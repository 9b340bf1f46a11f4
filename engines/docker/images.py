"""Images: what is there, and the ways to get one."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

import docker.errors

from engines.docker.client import Client
from engines.docker.errors import Missing, translated
from engines.errors import EngineError

CHUNK: Final = 1 << 20
IMPORT_TIMEOUT_S: Final = 1800


class Images:
    def __init__(self, client: Client) -> None:
        self._client = client

    def has(self, reference: str) -> bool:
        try:
            with translated(f"look for the image {reference}"):
                self._client.raw.inspect_image(reference)
        except Missing:
            return False
        return True

    def pull(self, reference: str) -> Iterator[str]:
        doing = f"pull the image {reference}"
        with translated(doing):
            steps: Iterable[dict[str, Any]] = self._client.api.pull(reference, stream=True, decode=True)
            yield from lines(steps, doing)

    def build(self, dockerfile: str, tag: str, labels: Mapping[str, str]) -> Iterator[str]:
        doing = f"build the image {tag}"
        with translated(doing):
            steps: Iterable[dict[str, Any]] = self._client.api.build(
                fileobj=io.BytesIO(dockerfile.encode()),
                tag=tag,
                labels=dict(labels),
                rm=True,
                forcerm=True,
                decode=True,
            )
            yield from lines(steps, doing)

    def load_tree(self, tar: IO[bytes], tag: str, changes: Sequence[str], labels: Mapping[str, str]) -> str:
        """Import a root file system. An error raised while `tar` is read breaks the upload off: nothing is tagged."""
        repository, _, version = tag.rpartition(":")
        label_changes = [f"LABEL {key}={value}" for key, value in labels.items()]
        api = self._client.raw
        params = {
            "fromSrc": "-",
            "repo": repository,
            "tag": version,
            "changes": [*changes, *label_changes],
        }
        with translated(f"import the image {tag}"):
            answer = api._post(api._url("/images/create"), params=params, data=_chunks(tar), timeout=IMPORT_TIMEOUT_S)
            text: str = api._result(answer)
        if '"error"' in text:
            raise EngineError(f"The engine could not import the image {tag}: {text.strip()}")
        with translated(f"look at the image {tag}"):
            return str(api.inspect_image(tag)["Id"])


def _chunks(tar: IO[bytes]) -> Iterator[bytes]:
    while chunk := tar.read(CHUNK):
        yield chunk


def lines(steps: Iterable[dict[str, Any]], doing: str) -> Iterator[str]:
    """The text of the engine's progress messages. Raises `EngineError` for one that says `error`."""
    try:
        for step in steps:
            if "error" in step:
                raise EngineError(f"The engine could not {doing}: {str(step['error']).strip().rstrip('.')}.")
            text = "".join(str(step.get(key, "")) for key in ("stream",)) or _status_line(step)
            if text.strip():
                yield text.rstrip()
    except docker.errors.StreamParseError as error:
        raise EngineError(f"The engine could not {doing}: its answer was not understood ({error}).") from error


def _status_line(step: Mapping[str, Any]) -> str:
    parts = (step.get("id"), step.get("status"), step.get("progress"))
    return " ".join(str(part) for part in parts if part)
