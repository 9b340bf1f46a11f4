"""Having on the engine what sessions run on: images of bases and projects, volumes of the others.

What was there a moment ago is not asked for again, so a start that finds everything costs no question.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable
from layers import base, builds, mounts, requests
from layers.models import Build, LayerVersion

TRUST_S: Final = 5.0  # the engine is asked again after so long
GONE: Final = (
    "The engine has the base of an earlier vibenv no more, and it cannot be made again. Update the card's layers."
)

_seen: dict[str, float] = {}
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def provide(versions: Sequence[LayerVersion]) -> list[Build]:
    """Have all of them there. Returns those whose images the engine has lost, which are then being built again.

    Versions have `recipe` and `build` loaded. The first use of a large layer takes the time of a copy. Raises
    `EngineError`.
    """
    unknown = [version for version in versions if not _known(_key(version))]
    if len(unknown) < 2:
        lost = [_provide(version) for version in unknown]
    else:
        with ThreadPoolExecutor(len(unknown)) as pool:  # no database in there
            lost = list(pool.map(_provide, unknown))
    return [_build_again(build) for build in lost if build is not None]


def forget() -> None:
    """Ask the engine anew."""
    _seen.clear()


def _key(version: LayerVersion) -> str:
    return mounts.volume_of(version.build) if mounts.is_mounted(version.recipe) else version.build.image


def _known(key: str) -> bool:
    return time.monotonic() - _seen.get(key, -TRUST_S) < TRUST_S


def _provide(version: LayerVersion) -> Build | None:
    """The build, where its image is lost."""
    key, image = _key(version), version.build.image
    with _locks[key]:  # several sessions may be the first to want it
        if _known(key):
            return None
        if not mounts.is_mounted(version.recipe):
            if not engine().has_image(image):
                return version.build
        elif not _copied(version):
            return version.build
        _seen[key] = time.monotonic()
    return None


def _copied(version: LayerVersion) -> bool:
    image = version.build.image
    try:
        engine().ensure_layer(mounts.mount_of(version), image)
    except EngineUnreachable:
        raise
    except EngineError:
        if engine().has_image(image):
            raise
        return False
    return True


def _build_again(build: Build) -> Build:
    if build.request:
        return builds.request(requests.from_json(build.request), asked_by="vibenv", why="the engine has lost it")
    if build.image != base.resolve().image:
        raise EngineError(GONE, permanent=True)
    base.forget()
    base.request()
    return build
