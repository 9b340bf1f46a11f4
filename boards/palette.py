"""The colours that people and labels may have; what each looks like, light and dark, is the style sheet's."""

from __future__ import annotations

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


def colour_for(number: int) -> Colour:
    """One for whoever chose none: neighbours in number differ."""
    hues = list(Colour)[:-1]
    return hues[number * 4 % len(hues)]
