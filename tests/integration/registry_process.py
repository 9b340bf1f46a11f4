"""A real registry that a test starts and stops, and trees to make images of."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from layers import registry as registries
from tests.product import wait_for
from vibenv_site.setup import registry as set_up


@dataclass
class Running:
    """A registry's process, which notes in its log what it is asked."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"localhost:{self.port}"

    def start(self) -> None:
        text = set_up.config(self.directory / "registry", self.port).replace("disabled: true", "disabled: false")
        (self.directory / "registry.yml").write_text(text)
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["docker-registry", "serve", str(self.directory / "registry.yml")], stdout=log, stderr=log
            )
        wait_for(lambda: set_up.answers(self.address), 10, "the registry")
        registries.forget()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        registries.forget()

    def uploads(self) -> int:
        """How often content was sent to it so far; mounts are none."""
        return len(re.findall(r'"(?:PATCH|PUT) \S+/blobs/', (self.directory / "log").read_text()))


def tree(files: Mapping[str, bytes]) -> io.BytesIO:
    """A tar file of executable files, with their directories."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer
