"""What a start costs without us: the engine's own command line, same image, same command, same security options."""

from __future__ import annotations

import contextlib
import os
import pty
import secrets
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.bare import Engine

PROMPT_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Model:
    """How a session's container was made: `options` for `docker run`."""

    image: str
    command: Sequence[str]
    options: Sequence[str]


def model_of(engine: Engine, container: str) -> Model:
    """Read it off a session's container."""
    details = engine.api.inspect_container(container)
    return Model(details["Config"]["Image"], details["Config"]["Cmd"], _options(details["HostConfig"]))


def _options(host: dict[str, Any]) -> list[str]:
    logs = host["LogConfig"]
    return [
        *(["--init"] if host["Init"] else []),
        *(f"--cap-drop={cap}" for cap in host["CapDrop"] or []),
        *(f"--security-opt={option}" for option in host["SecurityOpt"] or []),
        f"--memory={host['Memory']}",
        f"--cpus={host['NanoCpus'] / 1e9:g}",
        f"--pids-limit={host['PidsLimit']}",
        f"--ipc={host['IpcMode']}",
        f"--log-driver={logs['Type']}",
        *(f"--log-opt={key}={value}" for key, value in logs["Config"].items()),
    ]


@contextlib.contextmanager
def _name() -> Iterator[str]:
    name = f"vibenv-bench-{secrets.token_hex(4)}"
    try:
        yield name
    finally:
        subprocess.run(["docker", "rm", "-f", "-v", name], capture_output=True, check=True)


def detached_ms(model: Model) -> float:
    """`docker run -d` until it returns."""
    with _name() as name:
        began = time.perf_counter()
        command = ["docker", "run", "-d", "--name", name, *model.options, model.image, *model.command]
        subprocess.run(command, capture_output=True, check=True)
        return (time.perf_counter() - began) * 1000


def prompt_ms(model: Model) -> float:
    """`docker run -it … bash -l` until its first prompt is on the terminal."""
    with _name() as name:
        ours, theirs = pty.openpty()
        began = time.perf_counter()
        command = ["docker", "run", "-it", "--name", name, *model.options, model.image, "bash", "-l"]
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        try:
            _wait_for_prompt(ours)
            return (time.perf_counter() - began) * 1000
        finally:
            process.kill()
            process.wait()
            os.close(ours)


def _wait_for_prompt(terminal: int) -> None:
    seen = b""
    deadline = time.monotonic() + PROMPT_TIMEOUT_S
    while b"# " not in seen and b"$ " not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError(f"no prompt came; shown: {seen[-400:]!r}")
        seen += os.read(terminal, 4096)
