"""Celery tasks of layers."""

from __future__ import annotations

import contextlib
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import connection

from engines.errors import EngineError, VibenvError
from layers import base, builder, builds, compose, exports, files, library, lookup, records, specs, stacks
from layers.models import Build, Recipe


@shared_task(name="layers.tasks.build_base", ignore_result=True, acks_late=False)
def build_base() -> None:
    """Build the base image. Safe to call twice: only one builder works, and an image that is there is kept.

    Acknowledged at once: a build outlasts the broker's patience, and `resume` takes up what a killed worker left.
    """
    built = builder.build()
    base.forget()
    if built and (build := records.find(builder.target().digest)):
        compose.publish_ahead(build)
    library.follow_settings()


@shared_task(name="layers.tasks.build_layer", ignore_result=True, acks_late=False)
def build_layer(build_id: int) -> None:
    """Do a build that was asked for. Safe to call twice; what a killed worker left is found by `sweep`."""
    if builds.run(build_id):
        compose.publish_ahead(Build.objects.get(pk=build_id))


@shared_task(name="layers.tasks.look_up", ignore_result=True, acks_late=False)
def look_up(recipe_id: int, asked_by: str, why: str, fresh: bool) -> None:
    """Find out what a recipe's git reference means now, and ask for the build of that."""
    recipe = Recipe.objects.filter(pk=recipe_id).first()
    if recipe is None:
        return
    try:
        spec = specs.parse(recipe.kind, recipe.spec)
        commit = lookup.look_up(getattr(spec, "git", ""), getattr(spec, "ref", ""))
        library.build_at(recipe, commit, asked_by=asked_by, why=why, fresh=fresh)
    except VibenvError as error:
        library.give_up(recipe, error)


@shared_task(name="layers.tasks.list_files", ignore_result=True)
def list_files(build_id: int) -> None:
    """List the files of a layer, for somebody who compares it."""
    build = Build.objects.filter(pk=build_id).first()
    if build is not None:
        files.make(build)


@shared_task(name="layers.tasks.make_export", ignore_result=True, acks_late=False)
def make_export(export_id: int) -> None:
    """Make an image of a stack. What a killed worker left is found by `sweep`."""
    exports.run(export_id)


@shared_task(name="layers.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """What killed builders left: builds to begin again, and containers in which nobody builds."""
    builds.sweep()
    library.sweep()
    exports.sweep()
    with contextlib.suppress(EngineError):  # away: the next sweep sees to it
        builds.clear()


@shared_task(name="layers.tasks.resume", ignore_result=True)
def resume() -> None:
    """Begin again a build whose builder was killed, or that failed before this worker was started."""
    base.retry()
    library.follow_settings()
    stacks.build_missing()


@worker_ready.connect
def _resume_at_start(**_: Any) -> None:
    """A builder killed just now still holds its claim: come back when that has run out."""
    try:
        claimed = base.is_claimed()
    finally:
        connection.close()
    resume.apply_async(countdown=records.LEASE_S + 1 if claimed else 0)
