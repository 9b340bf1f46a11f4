"""A board's stack from a `vibenv.toml`, and as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from boards.models import Board
from layers import library, specs, stacks, toml_text, vibenv_toml
from layers.models import LayerVersion, Recipe
from layers.vibenv_toml import Named

Changes = list[dict[str, Any]]


def changes(board: Board, text: str) -> Changes:
    """Of each recipe of the file whether it is new, changed or the same. Raises `InvalidInput` that names line and key."""
    return [_change(board, named) for named in vibenv_toml.read(text)]


def _change(board: Board, named: Named) -> dict[str, Any]:
    recipe = _recipe(board, named)
    kind = "new" if recipe is None else "same" if recipe.spec == specs.plain(named.spec) else "changed"
    return {
        "kind": named.kind,
        "name": recipe.name if recipe else named.name,
        "change": kind,
        "recipe": recipe.pk if recipe else None,
    }


def _recipe(board: Board, named: Named) -> Recipe | None:
    """Of base, profile and project, of which the file has one, it is the one in the stack, whatever its name."""
    if named.kind in vibenv_toml.SINGLE and board.stack is not None:
        layer = board.stack.layers.select_related("recipe").filter(recipe__kind=named.kind).first()
        if layer is not None:
            return layer.recipe
    return Recipe.objects.filter(scope=board.pk, kind=named.kind, name=named.name).first()


@transaction.atomic
def apply(board: Board, text: str, user: User) -> Changes:
    """Make the board's stack what the file says, and build what changed."""
    done, wanted = [], []
    for named in vibenv_toml.read(text):
        change, spec = _change(board, named), specs.plain(named.spec)
        recipe = _recipe(board, named)
        if recipe is None:
            recipe = library.create(board.pk, named.kind, named.name, spec, actor=user.username)
        elif change["change"] == "changed":
            recipe = library.edit(recipe, spec=spec)
        library.build(recipe, asked_by=user.username, why="vibenv.toml")
        wanted.append(recipe)
        done.append(change | {"recipe": recipe.pk})
    assert board.stack is not None  # noqa: S101  (each board is made with one)
    stacks.put(board.stack, layers=[*_kept(board, wanted), *((recipe, None) for recipe in wanted)])
    return done


def _kept(board: Board, wanted: Sequence[Recipe]) -> list[tuple[Recipe, LayerVersion | None]]:
    """What the file does not speak of stays: a file without a profile takes nobody's away."""
    assert board.stack is not None  # noqa: S101
    spoken = {recipe.kind for recipe in wanted}
    return [(layer.recipe, layer.pinned) for layer in stacks.layers_of(board.stack) if layer.recipe.kind not in spoken]


def written(board: Board) -> str:
    if board.stack is None:
        return ""
    return toml_text.write(
        [(layer.recipe.kind, layer.recipe.name, layer.recipe.spec) for layer in stacks.layers_of(board.stack)]
    )
