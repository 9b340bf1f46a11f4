"""Stacks: which recipes sessions are made of, at which versions, and whether all of that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from django.db import transaction

from engines.errors import InvalidInput
from layers import base, builder, builds, exports, library
from layers.models import BuildState, Kind, LayerVersion, Recipe, Stack, StackLayer

ORDER: Final = [Kind.BASE, Kind.PROJECT, Kind.TOOLCHAIN, Kind.PROFILE]  # from the bottom up
ONE_OF: Final = (Kind.BASE, Kind.PROJECT, Kind.PROFILE)
MOST_LAYERS: Final = 20
Layers = Sequence[tuple[Recipe, LayerVersion | None]]


@transaction.atomic
def make_default(scope: str, *, actor: str = "vibenv") -> Stack:
    """What a new board has: the base of the settings, and the default profile."""
    stack = Stack.objects.create(scope=scope)
    for recipe in library.begin(scope, actor=actor):
        StackLayer.objects.create(stack=stack, recipe=recipe)
    return stack


@transaction.atomic
def copy(stack: Stack) -> Stack:
    made = Stack.objects.create(scope=stack.scope, policy=stack.policy)
    for layer in stack.layers.all():
        StackLayer.objects.create(stack=made, recipe_id=layer.recipe_id, pinned_id=layer.pinned_id)
    return made


def build_missing() -> None:
    """Begin the builds that the first session on a stack would wait for."""
    for stack in Stack.objects.all():
        for layer in layers_of(stack):
            if layer.pinned is None and library.latest(layer.recipe) is None:
                _asked_for(layer.recipe)


def forget(scope: str) -> None:
    """A board is gone, with all its sessions: so are its stacks and recipes. What was built is collected."""
    exports.forget(scope)
    Stack.objects.filter(scope=scope).delete()
    Recipe.objects.filter(scope=scope).delete()


@transaction.atomic
def put(stack: Stack, *, policy: str | None = None, layers: Layers | None = None) -> Stack:
    """Change what is given. A recipe without a version is at its latest. Raises `InvalidInput`."""
    if policy is not None:
        if policy not in Stack.Policy.values:
            raise InvalidInput(f"policy: is one of {', '.join(Stack.Policy.values)}.")
        stack.policy = policy
        stack.save(update_fields=["policy"])
    if layers is not None:
        _check(stack, layers)
        stack.layers.all().delete()
        for recipe, pinned in layers:
            StackLayer.objects.create(stack=stack, recipe=recipe, pinned=pinned)
    library.tell(stack.scope)
    return stack


def _check(stack: Stack, layers: Layers) -> None:
    if len(layers) > MOST_LAYERS:
        raise InvalidInput(f"layers: are at most {MOST_LAYERS}.")
    kinds = [recipe.kind for recipe, _ in layers]
    for kind in ONE_OF:
        if kinds.count(kind) > 1:
            raise InvalidInput(f"layers: a stack has one {kind}, since two would want one directory. Take one away.")
    if kinds.count(Kind.BASE) != 1:
        raise InvalidInput("layers: a stack stands on a base. Add one.")
    if len({recipe.pk for recipe, _ in layers}) != len(layers):
        raise InvalidInput("layers: name a recipe twice. Take one away.")
    for recipe, pinned in layers:
        if recipe.scope != stack.scope:
            raise InvalidInput(f"layers: {recipe} is another board's.")
        if pinned is not None and pinned.build.state != BuildState.READY:
            raise InvalidInput(f"layers: version {pinned.number} of {recipe} is not ready ({pinned.build.state}).")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether sessions can start on a stack. `versions` go from the bottom up, with recipes and builds, when it is ready.

    `detail` is for people: what is being built, or what failed; `log_path` is that build's.
    """

    state: Literal["ready", "building", "failed"]
    versions: tuple[LayerVersion, ...] = ()
    detail: str = ""
    log_path: Path | None = None


def standing(stack: Stack) -> Standing:
    """Asks for the builds of recipes that were never built. One whose latest build failed counts with its newest ready one."""
    found = []
    for layer in layers_of(stack):
        version = layer.pinned or library.latest(layer.recipe) or _asked_for(layer.recipe)
        if version is None:
            return _unasked(layer.recipe)
        if version.build.state != BuildState.READY:
            return _being_built(version)
        found.append(version)
    return Standing("ready", tuple(found))


def layers_of(stack: Stack) -> list[StackLayer]:
    """From the bottom up, with all that belongs to them."""
    found = stack.layers.select_related("recipe", "pinned__build", "pinned__recipe")
    return sorted(found, key=lambda layer: (ORDER.index(Kind(layer.recipe.kind)), layer.recipe.name))


def _asked_for(recipe: Recipe) -> LayerVersion | None:
    """The newest version, of a recipe of which none is ready."""
    if recipe.problem or recipe.looked_up_since is not None:
        return None
    version = library.latest(recipe, ready=False)
    if version is None or _is_of_settings(version):
        version = library.build(recipe, asked_by="vibenv", why="a session needs it", retry=False)
    return version


def _unasked(recipe: Recipe) -> Standing:
    if recipe.problem:
        return Standing("failed", detail=f"The {recipe.kind} {recipe.name} could not be built: {recipe.problem}")
    return Standing("building", detail=f"Looking up the source of the {recipe.kind} {recipe.name}")


def _is_of_settings(version: LayerVersion) -> bool:
    return version.build.kind == Kind.BASE and version.build.digest == builder.target().digest


def _being_built(version: LayerVersion) -> Standing:
    row, recipe = version.build, version.recipe
    if _is_of_settings(version):
        state = base.resolve()
        if state.state == "failed":
            return Standing("failed", (), f"The base image could not be built. {state.detail}", state.log_path)
        base.request()
        return Standing("building", (), state.detail or "Building the base image", state.log_path)
    log = builds.log_path(row)
    if row.state in (BuildState.FAILED, BuildState.CANCELLED):
        why = row.reason or f"its build was {row.state}"
        return Standing("failed", (), f"The {recipe.kind} {recipe.name} could not be built: {why}", log)
    percent = "" if not row.progress else f" {row.progress} %"
    text = f"Building the {recipe.kind} {recipe.name}:{percent} {row.progress_text}"
    return Standing("building", (), text.strip().rstrip(":"), log)
