"""`vibenv build`: the front end."""

from __future__ import annotations

from vibenv_site.cli.show import Screen
from vibenv_site.setup import assets
from vibenv_site.setup.paths import CACHE


def run(force: bool) -> None:
    if force:
        assets.clean()
    with Screen().step("Front end") as step:
        step.result = "built" if assets.ensure(CACHE, step.say) else "up to date"
