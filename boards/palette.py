"""The colours that people and labels may have; what each looks like, light and dark, is the style sheet's."""

from __future__ import annotations

from collections.abc import Collection
from zlib import crc32

from django.db import models


class Colour(models.TextChoices):
    RED = "red"
    ORANGE = "orange"
    AMBER = "amber"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    INDIGO = "indigo"
    PURPLE = "purple"
    PINK = "pink"
    GREY = "grey"


def colours_for(name: str, taken: Collection[str] = ()) -> tuple[Colour, ...]:
    """All, in an order that the name decides, `taken` ones last: for who has no colour of their own, and gets the first
    that is free.
    """
    hues = list(Colour)[:-1]
    first = crc32(name.encode()) % len(hues)
    turned = [hues[(first + 4 * step) % len(hues)] for step in range(len(hues))]
    return tuple(sorted(turned, key=lambda hue: hue in taken))


def colour_for(number: int) -> Colour:
    """One for whoever chose none: neighbours in number differ."""
    hues = list(Colour)[:-1]
    return hues[number * 4 % len(hues)]
