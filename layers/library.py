"""A board's recipes: written, built to numbered versions, and taken away."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from engines.errors import InvalidInput, PolicyRejected, VibenvError
from layers import base, builder, builds, lookup, plans, readymade, records, specs
from layers.commits import Commit
from layers.models import Build, BuildState, Kind, LayerVersion, Recipe
from layers.signals import recipes_changed

MOST_RECIPES = 100


def in_order(recipes: Iterable[Recipe]) -> list[Recipe]:
    """From the top of a stack to its bottom."""
    order = [Kind.PROFILE, Kind.TOOLCHAIN, Kind.PROJECT, Kind.BASE]
    return sorted(recipes, key=lambda each: (order.index(Kind(each.kind)), each.name))


def create(scope: str, kind: str, name: str, spec: Mapping[str, Any], *, actor: str) -> Recipe:
    """Nothing is built yet. Raises `InvalidInput` that begins with the field, `PolicyRejected` for a name that is taken."""
    checked = specs.plain(specs.parse(kind, spec))
    specs.check_name(name)
    if Recipe.objects.filter(scope=scope).count() >= MOST_RECIPES:
        raise PolicyRejected(f"A board has at most {MOST_RECIPES} layers. Delete one that nobody uses.")
    try:
        with transaction.atomic():
            recipe = Recipe.objects.create(scope=scope, kind=kind, name=name, spec=checked, created_by=actor)
    except IntegrityError:
        raise _taken(kind, name) from None
    tell(scope)
    return recipe


def _taken(kind: str, name: str) -> PolicyRejected:
    return PolicyRejected(f"The board has a {kind} called {name} already. Take another name, or edit that one.")


def edit(recipe: Recipe, *, name: str | None = None, spec: Mapping[str, Any] | None = None) -> Recipe:
    """Change what is given; the versions that were built stay. Raises as `create` does."""
    if spec is not None:
        recipe.spec = specs.plain(specs.parse(recipe.kind, spec))
        recipe.problem = ""
    if name is not None and name != recipe.name:
        specs.check_name(name)
        if recipe.kind == Kind.TOOLCHAIN and recipe.versions.exists():
            raise PolicyRejected("name: is the directory of what was built, and stays. Make a new toolchain instead.")
        recipe.name = name
    try:
        with transaction.atomic():
            recipe.save()
    except IntegrityError:
        raise _taken(recipe.kind, recipe.name) from None
    tell(recipe.scope)
    return recipe


def delete(recipe: Recipe) -> None:
    """With its versions; what was built of them is collected. Raises `PolicyRejected` while a stack or a session uses it."""
    with transaction.atomic():
        if recipe.used_in.exists():
            raise PolicyRejected("A stack uses it. Take it out of the stack first.")
        if _runs_somewhere(recipe):
            raise PolicyRejected("A session runs it. Remove it there, or delete the session's card, first.")
        recipe.delete()
    tell(recipe.scope)


def _runs_somewhere(recipe: Recipe) -> bool:
    in_sessions: Any = getattr(recipe, "in_sessions")  # noqa: B009  (whoever is above may point here)
    return bool(in_sessions.exclude(runs=None, wants=None).exists())  # others note that it was taken away


def latest(recipe: Recipe, *, ready: bool = True) -> LayerVersion | None:
    """The newest version that is ready, or the newest at all; with its build and recipe."""
    found = recipe.versions.select_related("build", "recipe")
    if ready:
        found = found.filter(build__state=BuildState.READY)
    return found.order_by("-number").first()


def build(
    recipe: Recipe, *, asked_by: str, why: str = "", fresh: bool = False, retry: bool = True
) -> LayerVersion | None:
    """The version of what the recipe says now: the newest one when nothing changed, else the next number, being built.

    `fresh` builds although nothing changed; without `retry` a failure of the settings' base stands.
    None: its git reference is looked up first, by a worker; a failure of that is told in `Recipe.problem`.
    """
    spec = specs.parse(recipe.kind, recipe.spec)
    if getattr(spec, "git", ""):
        _look_up(recipe, asked_by, why, fresh)
        return None
    version = build_at(recipe, None, asked_by=asked_by, why=why, fresh=fresh)
    if retry and version.build.request == {} and version.build.state != BuildState.READY:
        transaction.on_commit(base.retry)
    return version


def build_at(recipe: Recipe, commit: Commit | None, *, asked_by: str, why: str, fresh: bool) -> LayerVersion:
    spec = specs.parse(recipe.kind, recipe.spec)
    wanted = plans.plan(
        Kind(recipe.kind), recipe.name, spec, commit=commit, fresh=secrets.token_hex(4) if fresh else ""
    )
    built = _settings_base() if wanted is None else builds.request(wanted, asked_by=asked_by, why=why)
    version = _version(recipe, built, commit, asked_by, why)
    Recipe.objects.filter(pk=recipe.pk).update(problem="", looked_up_since=None)
    tell(recipe.scope)
    return version


def _version(recipe: Recipe, built: Build, commit: Commit | None, asked_by: str, why: str) -> LayerVersion:
    """The newest, where it is of that build; else a new number. What was built before and comes back is new again."""
    with transaction.atomic():
        list(Recipe.objects.select_for_update().filter(pk=recipe.pk))  # numbers are given one after the other
        newest = latest(recipe, ready=False)
        if newest is not None and newest.build_id == built.pk:
            newest.build = built
            return newest
        number = (recipe.versions.aggregate(most=Max("number"))["most"] or 0) + 1
        return LayerVersion.objects.create(
            recipe=recipe,
            number=number,
            build=built,
            spec=recipe.spec,
            commit=commit.id if commit else "",
            asked_by=asked_by,
            why=why[:200],
        )


def _settings_base() -> Build:
    """The row of the base that the settings ask for: ready as soon as the engine has it, else its build is begun."""
    wanted = builder.target()
    row, _ = Build.objects.get_or_create(kind=Kind.BASE, digest=wanted.digest, defaults={"image": wanted.image})
    if row.state == BuildState.READY:
        return row
    if base.resolve().state == "ready":
        return records.adopt(row, builds.size_of(row.image))
    transaction.on_commit(base.request)  # a failure of it stands until somebody wants another try
    return row


def follow_settings() -> None:
    """Give every board's recipe of the settings' base the version that they ask for now."""
    for recipe in Recipe.objects.filter(kind=Kind.BASE, spec={}):
        why = "vibenv's own base changed" if recipe.versions.exists() else ""
        build(recipe, asked_by="vibenv", why=why, retry=False)


def _look_up(recipe: Recipe, asked_by: str, why: str, fresh: bool) -> None:
    from layers.tasks import look_up  # noqa: PLC0415  (tasks import us)

    Recipe.objects.filter(pk=recipe.pk).update(problem="", looked_up_since=timezone.now())
    tell(recipe.scope)

    def announce() -> None:
        try:
            look_up.apply_async((recipe.pk, asked_by, why, fresh), ignore_result=True)
        except Exception as error:  # whatever a broker client raises when its server is away
            give_up(recipe, f"No worker could be told ({error}). Build again in a moment.")

    transaction.on_commit(announce)


def give_up(recipe: Recipe, problem: str | VibenvError) -> None:
    """A build that could not begin."""
    Recipe.objects.filter(pk=recipe.pk).update(problem=str(problem), looked_up_since=None)
    tell(recipe.scope)


def sweep() -> None:
    """Give up what was being looked up by a worker that was killed."""
    if lookup.under_way():
        return
    for recipe in Recipe.objects.exclude(looked_up_since=None):
        give_up(recipe, "The worker that looked it up was stopped. Build again.")


def cancel(version: LayerVersion) -> None:
    """Raises `PolicyRejected` when it has ended."""
    if version.build.request == {}:
        raise PolicyRejected("The base of the settings is what everybody waits for: its build cannot be cancelled.")
    builds.cancel(version.build)


def begin(scope: str, *, actor: str) -> list[Recipe]:
    """The recipes that a new board begins with."""
    first = {(Kind.BASE, "debian"), (Kind.PROFILE, "default")}
    return [
        Recipe.objects.get_or_create(
            scope=scope, kind=ready.kind, name=ready.name, defaults={"spec": ready.spec, "created_by": actor}
        )[0]
        for ready in readymade.CATALOGUE
        if (ready.kind, ready.name) in first
    ]


def tell(scope: str) -> None:
    transaction.on_commit(lambda: recipes_changed.send_robust(sender=Recipe, scope=scope))


def of_scope(scope: str, recipe_id: int) -> Recipe:
    found = Recipe.objects.filter(scope=scope, pk=recipe_id).first()
    if found is None:
        raise InvalidInput("recipe: is none of this board's; see its list of layers.")
    return found
