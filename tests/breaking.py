"""Breaking a stopped session on purpose, and mending it, with the engine's own command line."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from tests.product import docker


def break_shell(name):
    docker("cp", f"{name}:/usr/bin/dtach", f"/tmp/{name}-dtach")
    replace_dtach(name, b"#!/bin/sh\necho broken; exit 3\n")


def mend_shell(name):
    kept = Path(f"/tmp/{name}-dtach")
    replace_dtach(name, kept.read_bytes())
    kept.unlink()


def replace_dtach(name, content):
    """Put a file into a stopped container, as `docker cp` does."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("dtach")
        entry.size, entry.mode = len(content), 0o755
        tar.addfile(entry, io.BytesIO(content))
    subprocess.run(["docker", "cp", "-", f"{name}:/usr/bin"], input=packed.getvalue(), check=True, capture_output=True)
