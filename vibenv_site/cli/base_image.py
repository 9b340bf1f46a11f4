"""Building the base image from the command line, watched."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from vibenv_site.cli.show import Screen
from vibenv_site.setup.commands import tail
from vibenv_site.setup.errors import SetupError

POLL_S = 0.5


def ensure(screen: Screen) -> str:
    """The image that sessions start from, built if the engine has none of this recipe. Raises `SetupError`."""
    from layers import base
    from layers.tasks import build_base

    with screen.step("Base image") as step:
        if base.resolve().state != "ready":
            with ThreadPoolExecutor(1) as pool:
                building = pool.submit(_closing_connection, build_base)
                while not wait([building], POLL_S).done:
                    found = base.resolve()
                    step.say(found.detail, found.progress)
                building.result()
        found = base.resolve()
        if found.state != "ready":
            shown = "\n  ".join(["The end of its log:", *tail(found.log_path)])
            raise SetupError(f"The base image could not be built: {found.detail} {shown}")
        step.result = found.image
    return found.image


def _closing_connection(work: Callable[[], object]) -> None:
    from django.db import connection

    try:
        work()
    finally:
        connection.close()
