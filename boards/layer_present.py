"""Layers as the API, the pages and the events show them, in a number of queries that does not grow with what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Subquery

from boards.models import Board, Card
from layers import library
from layers.models import BuildState, LayerVersion, Recipe, Stack
from sessions.models import SessionLayer
from sessions.present import iso

Json = dict[str, Any]


def stack_json(stack: Stack | None) -> Json:
    if stack is None:
        return {"id": None, "policy": Stack.Policy.AT_START, "layers": []}
    layers = stack.layers.values_list("recipe_id", "pinned__number").order_by("id")
    return {
        "id": stack.pk,
        "policy": stack.policy,
        "layers": [{"recipe": recipe, "pinned": pinned} for recipe, pinned in layers],
    }


def layers_json(board: Board) -> Json:
    """What a board's page knows of its layers: `recipes` and `stack`."""
    return {"recipes": [_short(recipe) for recipe in _recipes(board.pk)], "stack": stack_json(board.stack)}


def _recipes(scope: str) -> list[Any]:
    """With `ready` and `newest`, the versions, or None."""
    versions = LayerVersion.objects.filter(recipe=OuterRef("pk")).order_by("-number")
    ready = versions.filter(build__state=BuildState.READY)
    marked = Recipe.objects.filter(scope=scope).annotate(
        ready_id=Subquery(ready.values("pk")[:1]), newest_id=Subquery(versions.values("pk")[:1])
    )
    found: list[Any] = library.in_order(marked)
    wanted = {pk for recipe in found for pk in (recipe.ready_id, recipe.newest_id) if pk}
    loaded = LayerVersion.objects.select_related("build").defer("build__request").in_bulk(wanted)
    for recipe in found:
        recipe.ready, recipe.newest = loaded.get(recipe.ready_id), loaded.get(recipe.newest_id)
    return found


def _short(recipe: Any) -> Json:
    ready, newest = recipe.ready, recipe.newest
    return {
        "id": recipe.pk,
        "kind": recipe.kind,
        "name": recipe.name,
        "latest": ready.number if ready else None,
        "latest_size_bytes": ready.build.size_bytes if ready else None,
        "state": _state(recipe),
        "progress": newest.build.progress if newest and newest.build.state == BuildState.BUILDING else None,
    }


def _state(recipe: Any) -> str:
    if recipe.looked_up_since is not None:
        return "building"
    if recipe.problem:
        return "failed"
    return str(recipe.newest.build.state) if recipe.newest else "none"


def recipes_json(board: Board) -> list[Json]:
    """All that a layers page shows of each recipe."""
    in_stack = set(board.stack.layers.values_list("recipe_id", flat=True)) if board.stack else set()
    running: dict[int, int] = {}
    rows = SessionLayer.objects.filter(recipe__scope=board.pk).exclude(runs=None, wants=None)
    for recipe_id in rows.values_list("recipe_id", flat=True):
        running[recipe_id] = running.get(recipe_id, 0) + 1
    return [
        {
            **_short(recipe),
            "spec": recipe.spec,
            "newest": version_json(recipe.newest) if recipe.newest else None,
            "problem": recipe.problem,
            "looking_up": recipe.looked_up_since is not None,
            "in_stack": recipe.pk in in_stack,
            "sessions": running.get(recipe.pk, 0),
            "updated_at": iso(recipe.updated_at),
        }
        for recipe in _recipes(board.pk)
    ]


def recipe_json(board: Board, recipe: Recipe) -> Json:
    return next(each for each in recipes_json(board) if each["id"] == recipe.pk)


def version_json(version: LayerVersion, runs_in: Iterable[Json] = ()) -> Json:
    """Wants `build` loaded. A build that several versions share tells its own times."""
    build = version.build
    ended = build.finished_at
    return {
        "id": version.pk,
        "recipe": version.recipe_id,
        "number": version.number,
        "state": build.state,
        "reason": build.reason,
        "digest": build.digest,
        "builder": build.builder,
        "size_bytes": build.size_bytes,
        "duration_s": round((ended - build.started_at).total_seconds(), 2) if ended and build.started_at else None,
        "spec": version.spec,
        "commit": version.commit,
        "asked_by": version.asked_by,
        "why": version.why,
        "progress": build.progress if build.state == BuildState.BUILDING else None,
        "progress_text": build.progress_text,
        "created_at": iso(version.created_at),
        "started_at": iso(build.started_at),
        "finished_at": iso(ended),
        "runs_in": list(runs_in),
    }


def versions_json(recipe: Recipe, before: int | None = None, limit: int = 50) -> list[Json]:
    """The newest first, each with the cards whose sessions run it."""
    found = recipe.versions.select_related("build").defer("build__request").order_by("-number")
    if before is not None:
        found = found.filter(number__lt=before)
    shown = list(found[:limit])
    return [version_json(version, where) for version, where in zip(shown, _runs_in(shown), strict=True)]


def _runs_in(versions: list[LayerVersion]) -> list[list[Json]]:
    places: dict[int, list[Json]] = {version.pk: [] for version in versions}
    cards = Card.objects.filter(session__layers__runs__in=places).order_by("title", "id")
    for pk, title, version in cards.values_list("id", "title", "session__layers__runs"):
        if version in places:
            places[version].append({"card": pk, "title": title})
    return [places[version.pk] for version in versions]


def one_version_json(version: LayerVersion) -> Json:
    return version_json(version, _runs_in([version])[0])
