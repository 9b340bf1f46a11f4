"""The builder that needs nothing but the engine: a script in a container, whose prefix becomes an image."""

from __future__ import annotations

import contextlib
import io
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings

from engines.errors import BuildError, EngineError
from engines.protocol import Engine, Limits, Workshop, WorkshopSpec
from layers import builder as base_builder
from layers.builders import outside, script
from layers.builders.output import Output
from layers.builders.protocol import GIB, BuildRequest, Built
from layers.progress import Progress

TICK_S: Final = 0.25
MEASURE_EVERY_S: Final = 1.0
MEASURE_SHARE: Final = 10  # measuring takes at most a tenth of the time
SCRATCH_BYTES: Final = 8 * GIB  # beyond its own limit a build may write so much that is not kept
MEMORY_BYTES: Final = 4 * GIB
PIDS: Final = 4096


class DockerBuilder:
    name = "docker"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def missing(self) -> str:
        try:
            self._engine.reach()
        except EngineError as error:
            return str(error)
        return ""

    def build(self, request: BuildRequest, progress: Progress) -> Built:
        try:
            return self._build(request, progress)
        except EngineError as error:
            raise BuildError(str(error)) from error

    def _build(self, request: BuildRequest, progress: Progress) -> Built:
        if not self._engine.has_image(request.base_image):
            raise script.no_base(request.base_image, "the engine does not have it.")
        if request.network:
            self._engine.ensure_guard(base_builder.target().image)
        workshop = self._engine.open_workshop(self._spec(request))
        try:
            _fill(workshop, request)
            progress.say(None, "running the script", now=True)
            run(workshop, request, progress)
            _tell_outside(workshop, request, progress)
            progress.say(None, "making an image of it", now=True)
            labels = {"vibenv.layer": request.kind.value, "vibenv.digest": request.digest}
            size = workshop.keep(request.prefix, request.image, labels, last_check(request, progress))
        finally:
            with contextlib.suppress(EngineError):  # what cannot be removed now, the sweep removes
                workshop.close()
        return Built(request.image, size)

    def _spec(self, request: BuildRequest) -> WorkshopSpec:
        return WorkshopSpec(
            name=workshop_name(request.digest),
            image=request.base_image,
            command=("sh", script.START),
            environment=script.environment(request),
            caches=script.CACHES,
            network=request.network,
            limits=limits(),
        )


def workshop_name(digest: str) -> str:
    """Two installations may build one digest on one engine."""
    return f"vibenv-build-{settings.INSTALLATION_ID[:8]}-{digest[:12]}"


def limits() -> Limits:
    return Limits(
        memory_bytes=max(settings.SESSION_MEMORY_BYTES, MEMORY_BYTES),
        cpus=settings.SESSION_CPUS,
        pids=max(settings.SESSION_PIDS, PIDS),
    )


def _fill(workshop: Workshop, request: BuildRequest) -> None:
    workshop.put("/", _first_files(request))
    for name, path in request.inputs.items():
        try:
            with path.open("rb") as tar:
                workshop.put(f"{script.WORK}/{name}", tar)
        except FileNotFoundError as error:
            raise BuildError(f"The input {name} of the build is gone ({path.name}). Upload it again.") from error


def _first_files(request: BuildRequest) -> io.BytesIO:
    files = {script.START: script.STARTING, script.SCRIPT: request.script}
    if request.trust:
        files[script.CERTIFICATES] = Path(request.trust).read_text()
    return archive(files, list(request.inputs))


def archive(files: Mapping[str, str], directories: Sequence[str] = ()) -> io.BytesIO:
    """A tar of files by path, and of the directories of a build."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("", "/.vibenv", *(f"/{name}" for name in directories)):
            directory = tarfile.TarInfo(f"{script.WORK}{name}".lstrip("/"))
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(directory)
        for path, text in files.items():
            content = text.encode()
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer


def run(workshop: Workshop, request: BuildRequest, progress: Progress) -> None:
    output, bounds = Output(progress), _Bounds(workshop, request, progress)
    for data in workshop.run(TICK_S):
        output.feed(data)
        bounds.check()
    output.end()
    ended = workshop.ended()
    if ended.oom_killed and ended.exit_code:
        raise script.out_of_memory(limits().memory_bytes)
    if ended.exit_code:
        raise script.failure(request, ended.exit_code, list(output.tail))


class _Bounds:
    """What a build may not pass while it runs. Raises the `BuildError` that ends it."""

    def __init__(self, workshop: Workshop, request: BuildRequest, progress: Progress) -> None:
        self._workshop = workshop
        self._request = request
        self._progress = progress
        self._deadline = time.monotonic() + request.timeout_s
        self._measure_at = time.monotonic() + MEASURE_EVERY_S

    def check(self) -> None:
        now = time.monotonic()
        self._progress.check()
        if now > self._deadline:
            raise script.timed_out(self._request)
        if now >= self._measure_at:
            self._measure()
            took = time.monotonic() - now
            self._measure_at = time.monotonic() + max(MEASURE_EVERY_S, MEASURE_SHARE * took)

    def _measure(self) -> None:
        try:
            written = self._workshop.written_bytes()
            whole = self._request.prefix == "/"  # a base: all that is written is kept
            kept = written if whole else self._workshop.tree_bytes(self._request.prefix)
        except EngineError:  # it has ended, or is busy; the next one will tell
            return
        if kept > self._request.size_limit_bytes:
            raise script.too_large(self._request, f"its tree has {script.size(kept)}")
        if written > self._request.size_limit_bytes + SCRATCH_BYTES:
            raise script.too_large(self._request, f"it wrote {script.size(written)} in all")


def last_check(request: BuildRequest, progress: Progress) -> Callable[[int | None], None]:
    def check(size: int | None) -> None:
        progress.check()
        if size is not None and size > request.size_limit_bytes:
            raise script.too_large(request, f"its tree has {script.size(size)}")

    return check


def _tell_outside(workshop: Workshop, request: BuildRequest, progress: Progress) -> None:
    changed = workshop.changes()
    if outside.is_empty(changed, request.prefix):
        raise script.empty(request)
    for line in outside.told(changed, request.prefix):
        progress.line(f"outside of the layer, not kept: {line}")
