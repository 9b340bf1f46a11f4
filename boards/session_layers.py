"""What people change of the layers that cards' sessions run, with the recipes of the card's board."""

from __future__ import annotations

from boards.models import Board, Card
from engines.errors import InvalidInput
from layers import library
from layers.models import LayerVersion, Recipe
from sessions import updates
from sessions.models import Session


def update(card: Card, recipe_id: int | None, number: int | None, *, actor: str) -> None:
    """All of them, or one recipe; to the newest version, or the numbered one. Raises `InvalidInput`, `PolicyRejected`."""
    recipe = library.of_scope(card.board_id, recipe_id) if recipe_id is not None else None
    if number is not None and recipe is None:
        raise InvalidInput("version: is one of a recipe; name that, too.")
    version = _version(recipe, number) if recipe is not None and number is not None else None
    updates.update(card.session, actor=actor, recipe=recipe, version=version)


def add(card: Card, recipe_id: int, *, actor: str) -> None:
    updates.add(card.session, library.of_scope(card.board_id, recipe_id), actor=actor)


def remove(card: Card, recipe_id: int, *, actor: str) -> None:
    updates.remove(card.session, library.of_scope(card.board_id, recipe_id), actor=actor)


def restart(card: Card, *, actor: str) -> None:
    updates.restart(card.session, actor=actor)


def update_all(board: Board, *, actor: str) -> int:
    """Every session of the board that was ever started, archived cards' excepted; returns how many."""
    found = list(Session.objects.filter(card__board=board, card__archived_at=None, layers__isnull=False).distinct())
    updates.update_many(found, actor=actor)
    return len(found)


def _version(recipe: Recipe, number: int) -> LayerVersion:
    found = recipe.versions.select_related("build", "recipe").filter(number=number).first()
    if found is None:
        raise InvalidInput(f"version: the {recipe} has no version {number}; see its list of versions.")
    return found
