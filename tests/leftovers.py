"""Run when an installation of a test ends for good: what it built goes from the engine. Takes what was there before it."""

from __future__ import annotations

import contextlib
import json
import sys

import django


def main() -> None:
    django.setup()
    from boards.models import Board
    from engines.current import engine
    from engines.errors import EngineError
    from layers import collect
    from layers.models import Export, Recipe, Stack
    from sessions.models import Session

    there_before = set(json.load(sys.stdin))
    for made in Export.objects.all():
        if made.image not in there_before:
            engine().remove_image(made.image)
    for model in (Board, Session, Stack, Recipe, Export):
        model.objects.all().delete()
    for item in collect.plan(grace_s=0):
        if item.name not in there_before:
            with contextlib.suppress(EngineError):  # another test has a container of it just now
                collect._remove(item)


if __name__ == "__main__":
    main()
