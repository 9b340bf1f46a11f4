"""Shapes of the API's layers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class RecipeIn(Schema):
    kind: str
    name: str
    spec: dict[str, Any] = {}
    build: bool = True


class RecipePatch(Schema):
    name: str | None = None
    spec: dict[str, Any] | None = None
    build: bool = False


class BuildIn(Schema):
    why: str = ""
    fresh: bool = False


class VersionPlace(Schema):
    card: str
    title: str


class VersionOut(Schema):
    id: int
    recipe: int
    number: int
    state: str
    reason: str
    digest: str
    builder: str
    size_bytes: int | None
    duration_s: float | None
    spec: dict[str, Any]
    commit: str
    asked_by: str
    why: str
    progress: int | None
    progress_text: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runs_in: list[VersionPlace]


class BuildOut(Schema):
    version: VersionOut | None


class RecipeShort(Schema):
    id: int
    kind: str
    name: str
    latest: int | None
    latest_size_bytes: int | None
    state: str
    progress: int | None


class RecipeOut(RecipeShort):
    spec: dict[str, Any]
    newest: VersionOut | None
    problem: str
    looking_up: bool
    in_stack: bool
    sessions: int
    updated_at: datetime


class ReadyOut(Schema):
    kind: str
    name: str
    title: str
    about: str
    spec: dict[str, Any]


class LogPart(Schema):
    """`offset` is where the next part begins, in bytes; `ended`: there will be no more."""

    text: str
    offset: int
    ended: bool


class FileChange(Schema):
    path: str
    change: str
    was_bytes: int | None
    bytes: int | None


class FilesOut(Schema):
    state: str
    added: int
    removed: int
    changed: int
    entries: list[FileChange]


class DiffOut(Schema):
    """`was` and `now` are numbers of versions, `spec` the lines of a unified difference, `size_bytes` before and after."""

    was: int
    now: int
    spec: list[str]
    size_bytes: list[int | None]
    files: FilesOut


class UploadOut(Schema):
    digest: str
    size_bytes: int
    files: int


class TomlIn(Schema):
    text: str
    apply: bool = False


class TomlChange(Schema):
    kind: str
    name: str
    change: str
    recipe: int | None


class StackLayerOut(Schema):
    recipe: int
    pinned: int | None = None


class StackOut(Schema):
    id: int | None
    policy: str
    layers: list[StackLayerOut]


class CardStackOut(StackOut):
    own: bool


class StackIn(Schema):
    policy: str | None = None
    layers: list[StackLayerOut] | None = None
