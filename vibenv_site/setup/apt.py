"""Installing Debian packages."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vibenv_site.setup.commands import CommandFailed, run
from vibenv_site.setup.errors import SetupError
from vibenv_site.setup.needs import Need
from vibenv_site.setup.programs import search_path

LISTS = Path("/var/lib/apt/lists")
LISTS_MAX_AGE_S = 24 * 3600
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = (
    "#!/bin/sh\n# Written by vibenv while it installs packages: none of them starts a service then.\nexit 101\n"
)


def command(packages: Sequence[str]) -> str:
    """What a person would type."""
    sudo = "" if os.getuid() == 0 else "sudo "
    return f"{sudo}apt-get install -y {' '.join(packages)}"


def install(needs: Sequence[Need], agreed: Callable[[str], bool], log: Path, say: Callable[[str], None]) -> None:
    """Install the packages. Raises `SetupError`, saying exactly what to install, when it may not or cannot."""
    packages = [need.package for need in needs]
    why = ", ".join(f"{need.package} ({need.purpose})" for need in needs)
    if shutil.which("apt-get") is None:
        raise SetupError(f"Missing: {why}. Install them with this system's package manager, then run this again.")
    if os.getuid() != 0:
        raise SetupError(f"Missing: {why}. Install them, then run this again: {command(packages)}")
    if not agreed(f"Install {why} with apt-get?"):
        raise SetupError(f"Nothing was installed. To go on, run: {command(packages)}")
    with services_held_back():
        _install(packages, log, say)


def _install(packages: Sequence[str], log: Path, say: Callable[[str], None]) -> None:
    options = ["-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
    try:
        if any(Path("/var/lib/dpkg/updates").iterdir()):  # an installation was killed half-way
            _run(["dpkg", "--configure", "-a"], log, say, "dpkg could not finish an interrupted installation")
        if lists_are_stale(LISTS, time.time()):
            say("reading the package lists")
            _run(["apt-get", "update", "-q"], log, say, "apt-get could not read the package lists")
        _run(["apt-get", "install", *options, *packages], log, say, f"apt-get could not install {' '.join(packages)}")
    except CommandFailed as error:
        raise SetupError(f"{error} Mend that, or install by hand, then run this again: {command(packages)}") from error


def _run(argv: Sequence[str], log: Path, say: Callable[[str], None], failure: str) -> None:
    run(argv, log, say, failure, environ={"DEBIAN_FRONTEND": "noninteractive", "PATH": search_path()})


def lists_are_stale(lists: Path, now: float) -> bool:
    """Whether apt has no package lists, or ones older than a day."""
    ages = [now - path.stat().st_mtime for path in lists.glob("*_Packages*")]
    return not ages or now - lists.stat().st_mtime > LISTS_MAX_AGE_S


@contextlib.contextmanager
def services_held_back() -> Iterator[None]:
    """Debian starts a package's service when it is installed; vibenv needs the programs only."""
    if POLICY.exists() and POLICY.read_text() != POLICY_TEXT:
        yield  # the machine has a policy of its own
        return
    POLICY.write_text(POLICY_TEXT)
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
