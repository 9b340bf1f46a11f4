"""The HTTP API of a board's recipes and their versions: a thin adapter over `layers.library` and `access`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Status
from ninja.files import UploadedFile

from boards import access, layer_present, stack_file
from boards.caller import FAULTS, user_of
from boards.layer_schemas import (
    BuildIn,
    BuildOut,
    DiffOut,
    LogPart,
    ReadyOut,
    RecipeIn,
    RecipeOut,
    RecipePatch,
    TomlChange,
    TomlIn,
    UploadOut,
    VersionOut,
)
from boards.paging import tell_next
from layers import differences, library, logs, readymade, uploads

router = Router(tags=["layers"])


@router.get("/boards/{board_id}/recipes", response={200: list[RecipeOut], **FAULTS})
def list_recipes(request: HttpRequest, board_id: str) -> Any:
    """The board's recipes, from the top of a stack to its bottom."""
    return layer_present.recipes_json(access.board_of(user_of(request), board_id))


@router.get("/boards/{board_id}/recipes/catalogue", response={200: list[ReadyOut], **FAULTS})
def catalogue(request: HttpRequest, board_id: str) -> Any:
    """Recipes that come with vibenv, to begin with."""
    access.board_of(user_of(request), board_id)
    return [asdict(ready) for ready in readymade.CATALOGUE]


@router.post("/boards/{board_id}/recipes", response={201: RecipeOut, **FAULTS})
def create_recipe(request: HttpRequest, board_id: str, new: RecipeIn) -> Any:
    """A recipe of a board (`spec`: see docs/layers.md), built at once unless `build` is false."""
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.EDITOR)
    with transaction.atomic():  # what cannot be built is not made either
        recipe = library.create(board.pk, new.kind, new.name, new.spec, actor=user.username)
        if new.build:
            library.build(recipe, asked_by=user.username, why="new")
    return Status(201, layer_present.recipe_json(board, recipe))


@router.get("/recipes/{recipe_id}", response={200: RecipeOut, **FAULTS})
def read_recipe(request: HttpRequest, recipe_id: int) -> Any:
    board, recipe = access.recipe_by_id(user_of(request), recipe_id)
    return layer_present.recipe_json(board, recipe)


@router.patch("/recipes/{recipe_id}", response={200: RecipeOut, **FAULTS})
def edit_recipe(request: HttpRequest, recipe_id: int, patch: RecipePatch) -> Any:
    """Change what is given. What was built stays; the next version is built when somebody asks, or at once by `build`."""
    user = user_of(request)
    board, recipe = access.recipe_by_id(user, recipe_id, access.Role.EDITOR)
    with transaction.atomic():
        recipe = library.edit(recipe, name=patch.name, spec=patch.spec)
        if patch.build:
            library.build(recipe, asked_by=user.username, why="edited")
    return layer_present.recipe_json(board, recipe)


@router.delete("/recipes/{recipe_id}", response={204: None, **FAULTS})
def delete_recipe(request: HttpRequest, recipe_id: int) -> Any:
    """Remove a recipe with its versions. Refused while a stack or a session uses it."""
    _, recipe = access.recipe_by_id(user_of(request), recipe_id, access.Role.EDITOR)
    library.delete(recipe)
    return Status(204, None)


@router.post("/recipes/{recipe_id}/build", response={202: BuildOut, **FAULTS})
def build_recipe(request: HttpRequest, recipe_id: int, how: BuildIn) -> Any:
    """Have what the recipe says now built. Nothing is when nothing changed, unless `fresh`.

    `version` is null while a git reference is looked up: the recipe's `newest` then follows, or its `problem`.
    """
    user = user_of(request)
    _, recipe = access.recipe_by_id(user, recipe_id, access.Role.EDITOR)
    version = library.build(recipe, asked_by=user.username, why=how.why, fresh=how.fresh)
    return Status(202, {"version": layer_present.one_version_json(version) if version else None})


@router.get("/recipes/{recipe_id}/versions", response={200: list[VersionOut], **FAULTS})
def list_versions(
    request: HttpRequest, response: HttpResponse, recipe_id: int, before: int | None = None, limit: int = 50
) -> Any:
    """The newest first, at most `limit` (200) of those `before` a number."""
    _, recipe = access.recipe_by_id(user_of(request), recipe_id)
    found = layer_present.versions_json(recipe, before, min(max(limit, 1), 200))
    tell_next(request, response, found[-1]["number"] if len(found) >= limit else None, "before")
    return found


@router.get("/versions/{version_id}", response={200: VersionOut, **FAULTS})
def read_version(request: HttpRequest, version_id: int) -> Any:
    return layer_present.one_version_json(access.version_by_id(user_of(request), version_id))


@router.get("/versions/{version_id}/log", response={200: LogPart, **FAULTS})
def read_log(request: HttpRequest, version_id: int, offset: int = 0) -> Any:
    """The log of its build from a byte on, at most 64 KiB of it."""
    return logs.part(access.version_by_id(user_of(request), version_id).build, max(offset, 0))


@router.post("/versions/{version_id}/cancel", response={202: None, **FAULTS})
def cancel(request: HttpRequest, version_id: int) -> Any:
    """End a build that waits or is under way, for all who share it."""
    library.cancel(access.version_by_id(user_of(request), version_id, access.Role.EDITOR))
    return Status(202, None)


@router.get("/versions/{version_id}/diff/{other_id}", response={200: DiffOut, **FAULTS})
def diff(request: HttpRequest, version_id: int, other_id: int) -> Any:
    """What changed from a version to another of its recipe: recipe, size and files.

    While a version's files are being listed, `files.state` is `preparing`: ask again in a moment.
    """
    user = user_of(request)
    was, now = access.version_by_id(user, version_id), access.version_by_id(user, other_id)
    return differences.between(was, now)


@router.post("/boards/{board_id}/uploads", response={201: UploadOut, **FAULTS})
def upload(request: HttpRequest, board_id: str, file: File[UploadedFile]) -> Any:
    """Give a packed folder (field `file`: tar, tar.gz, tar.xz or zip); its digest is what a spec's `files` takes."""
    access.board_of(user_of(request), board_id, access.Role.EDITOR)
    return Status(201, asdict(uploads.keep(file)))


@router.get("/boards/{board_id}/vibenv-toml", response={200: str, **FAULTS})
def read_toml(request: HttpRequest, board_id: str) -> Any:
    """The board's stack as a `vibenv.toml`."""
    board = access.board_of(user_of(request), board_id)
    return HttpResponse(stack_file.written(board), content_type="text/plain; charset=utf-8")


@router.post("/boards/{board_id}/vibenv-toml", response={200: list[TomlChange], **FAULTS})
def apply_toml(request: HttpRequest, board_id: str, given: TomlIn) -> Any:
    """What a `vibenv.toml` would change; with `apply` it does: recipes are made or edited, put into the stack, and built."""
    user = user_of(request)
    board = access.board_of(user, board_id, access.Role.EDITOR)
    return stack_file.apply(board, given.text, user) if given.apply else stack_file.changes(board, given.text)
