"""Which files a layer has: listed from its image once, and kept."""

from __future__ import annotations

import gzip
import json
import logging
import time
from pathlib import Path
from typing import Final

from django.conf import settings

from engines.current import engine
from engines.errors import EngineError
from layers import listings
from layers.listings import File, Listing
from layers.models import Build

logger = logging.getLogger(__name__)

PREPARING_S: Final = 120  # so long a listing may take before it is asked for again


def path_of(build: Build) -> Path:
    return Path(settings.DATA_DIR) / "layers" / f"{build.digest}.files.json.gz"


def listing(build: Build) -> Listing | None:
    """None where it has not been made."""
    try:
        with gzip.open(path_of(build), "rt") as file:
            return {path: File(kind, size, content) for path, kind, size, content in json.load(file)}
    except (OSError, ValueError, EOFError):
        return None


def ask(build: Build) -> bool:
    """Have a worker make it. False where it cannot be made, since the engine has the image no more."""
    from layers.tasks import list_files  # noqa: PLC0415  (tasks import us)

    if not engine().has_image(build.image):
        return False
    mark = path_of(build).with_suffix(".asked")
    if mark.exists() and time.time() - mark.stat().st_mtime < PREPARING_S:
        return True
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        list_files.apply_async((build.pk,), ignore_result=True)
    except Exception as error:  # the broker is away: whoever looks asks again
        mark.unlink(missing_ok=True)
        logger.warning("the files of %s could not be asked for: %s", build, error)
    return True


def make(build: Build) -> None:
    """List and keep them. A failure only leaves them unlisted."""
    path = path_of(build)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    try:
        found = [(where, *file) for where, file in listings.of_image(build.image).items()]
        with gzip.open(draft, "wt", compresslevel=3) as out:
            json.dump(found, out, separators=(",", ":"))
        draft.replace(path)
    except (EngineError, OSError) as error:
        logger.warning("the files of %s could not be listed: %s", build, error)
    finally:
        draft.unlink(missing_ok=True)
        path.with_suffix(".asked").unlink(missing_ok=True)
