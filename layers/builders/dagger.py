"""The builder that has Dagger run each layer as a pipeline of its own, published to the registry, pulled from there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final, cast
from urllib.parse import urlsplit

from django.conf import settings

from engines.errors import BuildError, EngineError
from engines.protocol import Engine
from layers import compose, registry, registry_lock
from layers.builders import dagger_script, outside, script
from layers.builders.output import Output
from layers.builders.pipeline_plan import Plan, Result
from layers.builders.protocol import BuildRequest, Built
from layers.progress import Progress
from layers.registry import Registry

TICK_S: Final = 0.25
REACH_TIMEOUT_S: Final = 1.0
# Of Dagger's progress, what says nothing about the build.
NOISE: Final = re.compile(r"consuming /v1/|HTTP (HEAD|GET|PUT|POST)|HTTPRequest|with(EnvVariable|Label)|cloud url=")
RESULT_LIMIT: Final = 2000
CACHES: Final = {path: volume for volume, path in script.CACHES.items()}


class DaggerBuilder:
    """`settings.DAGGER_HOST` names Dagger's engine; without it, its command line brings one by itself."""

    name = "dagger"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def missing(self) -> str:
        if why := registry.missing():
            return f"it publishes to the registry: {why}"
        return _unreachable(settings.DAGGER_HOST)

    def build(self, request: BuildRequest, progress: Progress) -> Built:
        where = registry.current()
        if where is None:
            raise BuildError(f"Dagger publishes to the registry, which is not there: {registry.missing()}")
        try:
            base = self._published_base(request, where, progress)
            with tempfile.TemporaryDirectory(prefix="vibenv-dagger-") as directory, registry_lock.making():
                plan = _plan(request, base, where.reference(request.image), Path(directory))
                result = _run(request, plan, progress)
            _judge(request, result)
            for line in outside.told(result.changed, request.prefix):
                progress.line(f"outside of the layer, not kept: {line}")
            progress.say(None, "pulling it onto the engine", now=True)
            compose.pull(where, request.image)
            found = self._engine.image(request.image)
        except EngineError as error:
            raise BuildError(str(error)) from error
        return Built(request.image, found.size_bytes if found else 0)

    def _published_base(self, request: BuildRequest, where: Registry, progress: Progress) -> str:
        """Its name in the registry, where Dagger finds it: pushed when it is not there yet."""
        found = self._engine.image(request.base_image)
        if found is None:
            raise script.no_base(request.base_image, "the engine does not have it.")
        ours = request.base_image.startswith(compose.OURS)
        name = request.base_image if ours else f"{compose.FOREIGN}:{found.id.removeprefix('sha256:')[:12]}"
        progress.say(None, f"making sure that the registry has {request.base_image}", now=True)
        compose.ensure_published(where, request.base_image, name)
        return where.reference(name)


def command_line() -> str:
    """Where Dagger's command line is; empty where there is none, and its library would download it."""
    return settings.DAGGER_CLI or shutil.which("dagger") or ""


def _unreachable(host: str) -> str:
    """Why Dagger's engine does not answer; empty also where that cannot be seen from outside."""
    parts = urlsplit(host)
    if parts.scheme not in ("unix", "tcp"):
        return ""
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(REACH_TIMEOUT_S)
                sock.connect(parts.path)
        else:
            socket.create_connection((parts.hostname or "", parts.port or 0), REACH_TIMEOUT_S).close()
    except OSError as error:
        return f"Dagger's engine at {host} (VIBENV_DAGGER_HOST) does not answer: {error.strerror or error}"
    return ""


def _plan(request: BuildRequest, base: str, published: str, directory: Path) -> Plan:
    """Its own files are in the directory: as files, since Dagger's progress shows every text that it is given."""
    inputs = {f"{dagger_script.INPUTS}/{name}": path for name, path in request.inputs.items()}
    for path, text in ((script.START, dagger_script.starting(request)), (script.SCRIPT, request.script)):
        inputs[path] = directory / Path(path).name
        inputs[path].write_text(text)
    if request.trust:
        inputs[script.CERTIFICATES] = request.trust
    return Plan(
        base=base,
        target=published,
        prefix=request.prefix,
        command=dagger_script.command(request),
        result=str(directory / "result.json"),
        privileged=not request.network,
        environment={**script.environment(request), "VIBENV_DIGEST": request.digest},
        inputs={path: str(source) for path, source in inputs.items()},
        caches=CACHES,
        labels={"vibenv.layer": request.kind.value, "vibenv.digest": request.digest},
    )


def _judge(request: BuildRequest, result: Result) -> None:
    if result.base_missing:
        raise script.no_base(request.base_image, result.error[:RESULT_LIMIT])
    if result.error:
        raise BuildError(f"Dagger could not build it: {result.error[:RESULT_LIMIT]} Its log says more.")
    if result.exit_code:
        raise dagger_script.failure(request, result.exit_code, result.output)


def _run(request: BuildRequest, plan: Plan, progress: Progress) -> Result:
    progress.say(None, "running the script", now=True)
    output, deadline = Output(progress, NOISE), time.monotonic() + request.timeout_s
    with _process(plan) as process:
        for data in _chunks(cast("IO[bytes]", process.stdout)):
            output.feed(data)
            progress.check()
            if time.monotonic() > deadline:
                raise script.timed_out(request)
            if not data and process.poll() is not None:  # its own child may hold the pipe open
                break
        output.end()
        process.wait()
    result = Path(plan.result)
    if not result.exists():
        last = " ".join(list(output.tail)[-3:])
        raise BuildError(f"Dagger ended before the build did: {last[:RESULT_LIMIT]} Its log says more.")
    return Result(**json.loads(result.read_text()))


@contextlib.contextmanager
def _process(plan: Plan) -> Iterator[subprocess.Popen[bytes]]:
    """The pipeline, in a process group that ends with the body: Dagger then ends what it runs for it."""
    tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    process = subprocess.Popen(
        [*tied, sys.executable, "-m", "layers.builders.pipeline"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=settings.ROOT,
        env=_environment(),
        start_new_session=True,
    )
    try:
        with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as stdin:
            stdin.write(json.dumps(asdict(plan)).encode())
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        cast("IO[bytes]", process.stdout).close()


def _environment() -> dict[str, str]:
    more = {"DO_NOT_TRACK": "1", "DAGGER_NO_NAG": "1", "NO_COLOR": "1"}
    if settings.DAGGER_HOST:
        more["_EXPERIMENTAL_DAGGER_RUNNER_HOST"] = settings.DAGGER_HOST
    if found := command_line():
        more["_EXPERIMENTAL_DAGGER_CLI_BIN"] = found
    return {**os.environ, **more}


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """What is read, or nothing (`b""`) after each silent tick."""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if not selector.select(TICK_S):
                yield b""
            elif data := os.read(stream.fileno(), 1 << 16):
                yield data
            else:
                return
