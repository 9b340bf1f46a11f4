"""The front end's built files: made by npm and esbuild when their sources changed."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

from vibenv_site.setup import node, stamps
from vibenv_site.setup.commands import run
from vibenv_site.setup.errors import SetupError
from vibenv_site.setup.paths import CACHE, ROOT

DIST = ROOT / "static" / "dist"
PACKAGES = (ROOT / "package.json", ROOT / "package-lock.json")
SOURCES = (*PACKAGES, ROOT / "static" / "build.mjs", ROOT / "static" / "src", ROOT / "tsconfig.json")
MODULES_STAMP = CACHE / "node_modules.stamp"
DIST_STAMP = CACHE / "assets.stamp"


def ensure(logs: Path, say: Callable[[str], None]) -> bool:
    """Build what is out of date; whether anything was built. Raises `SetupError` with npm's last lines."""
    if built():
        return False
    with _Alone():
        if built():  # by another `up`, meanwhile
            return False
        log = logs / "assets.log"
        with_node = node.find()
        modules(with_node, log, say)
        say("esbuild")
        wanted = stamps.digest(SOURCES, ROOT)
        run(
            [*with_node.npm, "run", "build"],
            log,
            say,
            "The front end could not be built",
            environ=with_node.environ(),
            cwd=ROOT,
        )
        stamps.write(DIST_STAMP, wanted)
    return True


def built() -> bool:
    """Whether the built files are those of the sources as they are now."""
    return stamps.fits(DIST_STAMP, stamps.digest(SOURCES, ROOT)) and any(DIST.glob("*.js"))


def ensure_modules(logs: Path, say: Callable[[str], None]) -> None:
    """node_modules alone, for checks that build nothing."""
    with _Alone():
        modules(node.find(), logs / "assets.log", say)


def modules(with_node: node.Node, log: Path, say: Callable[[str], None]) -> None:
    """Make node_modules from the lock file, unless it is already."""
    wanted = stamps.digest(PACKAGES, ROOT)
    if stamps.fits(MODULES_STAMP, wanted) and (ROOT / "node_modules" / ".package-lock.json").exists():
        return
    say("npm ci")
    MODULES_STAMP.unlink(missing_ok=True)
    run(
        [*with_node.npm, "ci", "--no-audit", "--no-fund"],
        log,
        say,
        "The front end's packages could not be installed",
        environ=with_node.environ(),
        cwd=ROOT,
    )
    stamps.write(MODULES_STAMP, wanted)


class _Alone:
    """One build of this checkout at a time. The kernel drops the lock of a killed one."""

    def __enter__(self) -> None:
        try:
            CACHE.mkdir(exist_ok=True)
            self._file = (CACHE / "assets.lock").open("a")
        except OSError as error:
            raise SetupError(
                f"The front end must be built, and {ROOT} cannot be written ({error.strerror}). "
                "Run `./vibenv build` as its owner, or use a copy that you own."
            ) from error
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *exc: object) -> None:
        self._file.close()


def clean() -> None:
    """Forget what was built, so that the next build starts from nothing."""
    for stamp in (MODULES_STAMP, DIST_STAMP):
        stamp.unlink(missing_ok=True)
    shutil.rmtree(DIST, ignore_errors=True)
