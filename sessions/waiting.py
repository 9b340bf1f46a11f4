"""Sessions that wait for a layer: told how far it is, and woken when it is there; running ones that want the newest."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models import QuerySet

from layers import base, mounts, stacks
from layers.models import Build, BuildState, Recipe, Stack, StackLayer
from sessions import steps, wishes
from sessions.lifecycle import wake, wake_all
from sessions.models import Session
from sessions.states import Desired, State

log = logging.getLogger(__name__)


def on_base_changed(**_: Any) -> None:
    """Receiver of `layers.signals.base_changed`."""
    found = base.resolve()
    for session in _waiting():
        if found.state == "building":
            steps.begin(session, "environment", found.detail)
        else:
            wake(session.pk)


def on_build_changed(build_id: int, **_: Any) -> None:
    """Receiver of `layers.signals.build_changed`."""
    state = Build.objects.filter(pk=build_id).values_list("state", flat=True).first()
    stacks_of_it = Stack.objects.filter(layers__recipe__versions__build=build_id).distinct()
    if state == BuildState.BUILDING:
        for session in _waiting().filter(stack__in=stacks_of_it).select_related("stack"):
            _tell(session)
        return
    for session in _waiting():  # also one that waits for it to be built again, in no stack any more
        wake(session.pk)
    if state == BuildState.READY:
        recipes = Recipe.objects.filter(versions__build=build_id)
        _provide_ahead(build_id)
        for stack in wishes.live_stacks(recipes):
            wake_all(wishes.follow_live(stack))


def on_recipes_changed(scope: str, **_: Any) -> None:
    """Receiver of `layers.signals.recipes_changed`: a stack may have got other layers, a recipe its first version."""
    for session in _waiting().filter(stack__scope=scope):
        wake(session.pk)
    for stack in wishes.live_stacks().filter(scope=scope):
        wake_all(wishes.follow_live(stack))


def _waiting() -> QuerySet[Session]:
    return Session.objects.filter(state=State.PREPARING, desired=Desired.RUNNING)


def _tell(session: Session) -> None:
    if session.stack is None or session.layers.exclude(runs=None).exists():
        return  # it starts with what it has
    found = stacks.standing(session.stack)
    if found.state == "building":
        steps.begin(session, "environment", found.detail[:300])


def _provide_ahead(build_id: int) -> None:
    """Copy a layer that stacks have while nobody waits for it."""
    from sessions.tasks import provide  # noqa: PLC0415  (tasks import the reconciler, which imports this)

    used = StackLayer.objects.filter(recipe__versions__build=build_id, recipe__kind__in=mounts.MOUNTED)
    if not used.exists():
        return
    try:
        provide.apply_async((build_id,))
    except Exception as error:  # whatever a broker client raises when its server is away; the first start copies it
        log.warning("no worker could be told of the layer %s: %s", build_id, error)
