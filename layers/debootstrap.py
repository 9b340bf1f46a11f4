"""Make the base image from nothing but Debian's packages, by debootstrap. Needs root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from engines.errors import BuildError
from engines.protocol import Engine
from layers.progress import Progress
from layers.recipes import CHANGES, Recipe

FREE_BYTES: Final = 1024**3
EXPECTED_PACKAGES: Final = 150  # for the percentage of the downloads, before their number is known
WORK_PREFIX: Final = "base-build-"
IMPORT_FROM: Final = 85
# debootstrap's words, and ours.
WORDS: Final = {
    "Retrieving": "downloading",
    "Extracting": "extracting",
    "Unpacking": "unpacking",
    "Configuring": "configuring",
}
LINE: Final = re.compile(r"I: (Retrieving|Extracting|Unpacking|Configuring) (\S+?)(?:\.\.\.)?(?: |$)")


def build(
    engine: Engine,
    recipe: Recipe,
    tag: str,
    labels: dict[str, str],
    *,
    mirror: str,
    data_dir: Path,
    progress: Progress,
) -> None:
    """Build and import the image `tag`.

    Raises `BuildError` that says what is missing or what went wrong.
    """
    _require(data_dir)
    _clear(data_dir)
    with _work_dir(data_dir) as root:
        progress.say(0, "downloading Debian's packages", now=True)
        _bootstrap(recipe, root, mirror, progress)
        progress.say(84, "setting up the system", now=True)
        _run_in(root, recipe.setup, progress)
        progress.say(IMPORT_FROM, "importing into the engine", now=True)
        _import(engine, root, tag, labels, progress)


def _require(data_dir: Path) -> None:
    if os.geteuid() != 0:
        raise BuildError(
            "No slim Debian image could be pulled, and building one with debootstrap needs root. Start vibenv as root "
            "once, or name an image of your own in VIBENV_BASE_IMAGE."
        )
    if not shutil.which("debootstrap"):
        raise BuildError(
            "No slim Debian image could be pulled, and debootstrap is not installed. Run `apt-get install debootstrap`, "
            "or name an image of your own in VIBENV_BASE_IMAGE."
        )
    free = shutil.disk_usage(data_dir).free
    if free < FREE_BYTES:
        raise _disk_full(data_dir, f"{free // 1024**2} MB are free")


def _disk_full(data_dir: Path, found: str) -> BuildError:
    return BuildError(
        f"The disk of {data_dir} is full ({found}). Building the base image takes 1 GB: free that much, then retry."
    )


def _clear(data_dir: Path) -> None:
    """Remove what killed builds left: nothing is mounted in it, since each build has its own mount namespace."""
    for left in data_dir.glob(f"{WORK_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _work_dir(data_dir: Path) -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=data_dir))
    root = work / "root"
    root.mkdir(mode=0o755)
    try:
        yield root
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _bootstrap(recipe: Recipe, root: Path, mirror: str, progress: Progress) -> None:
    include = ",".join(recipe.packages)
    command = ["debootstrap", "--variant=minbase", f"--include={include}", recipe.suite, str(root)]
    count = _Count()
    for line in _lines([*command, mirror] if mirror else command, root, progress):
        if found := LINE.match(line):
            progress.say(count.percent(found[1]), f"{WORDS[found[1]]} {found[2]}")


class _Count:
    """Turn debootstrap's lines into per cent: 35 for downloads, 10 for extracting, 39 for installing."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def percent(self, word: str) -> int:
        self._seen[word] += 1
        downloaded = self._seen["Retrieving"]
        if word == "Retrieving":
            return _part(35, downloaded, EXPECTED_PACKAGES)
        if word == "Extracting":
            return 35 + _part(10, self._seen[word], downloaded // 2)
        return 45 + _part(39, self._seen["Unpacking"] + self._seen["Configuring"], 2 * downloaded)


def _part(span: int, done: int, total: int) -> int:
    return int(span * min(1.0, done / max(total, 1)))


def _run_in(root: Path, script: str, progress: Progress) -> None:
    for _ in _lines(["chroot", str(root), "/bin/sh", "-c", script], root, progress):
        pass


def _lines(command: Sequence[str], root: Path, progress: Progress) -> Iterator[str]:
    """Run to the end and yield what it prints. All it starts ends with us, and its mounts with it, even on SIGKILL."""
    contained = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", *command]
    last = ""
    full = False
    process = subprocess.Popen(
        contained,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
    )
    try:
        for line in cast("IO[str]", process.stdout):
            progress.line(line)
            last = line.strip() or last
            full = full or "No space left on device" in line
            yield line
    finally:
        process.kill()
        process.wait()
    if full:
        raise _disk_full(root, "no space left while building")
    if process.returncode:
        raise BuildError(
            f"{command[0]} failed with status {process.returncode}: {last} Its whole output is in the log."
        )


def _import(engine: Engine, root: Path, tag: str, labels: dict[str, str], progress: Progress) -> None:
    total = _size(root)
    tar = subprocess.Popen(
        ["tar", "--create", "--numeric-owner", "--one-file-system", "--directory", str(root), "."],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        stream = _Checked(tar, total, progress)
        engine.import_image(cast("IO[bytes]", stream), tag, CHANGES, labels)
    finally:
        tar.kill()
        tar.wait()


def _size(root: Path) -> int:
    du = subprocess.run(["du", "--summarize", "--bytes", str(root)], capture_output=True, text=True, check=True)
    return int(du.stdout.split()[0])


class _Checked:
    """tar's output, ending well only when tar itself did: a torn-off stream must never become an image."""

    def __init__(self, tar: subprocess.Popen[bytes], total: int, progress: Progress) -> None:
        self._tar = tar
        self._total = max(total, 1)
        self._progress = progress
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = cast("IO[Any]", self._tar.stdout).read(size)
        if not data and self._tar.wait():
            raise BuildError("tar could not read the built system to its end. Its message is in the worker's log.")
        self._read += len(data)
        share = min(1.0, self._read / self._total)
        self._progress.say(IMPORT_FROM + int(14 * share), f"importing {self._read // 1024**2} MB into the engine")
        return data
