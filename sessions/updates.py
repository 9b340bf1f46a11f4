"""What people change of a session's layers. Only wishes are written here; `reconcile` fulfils them.

Each raises `InvalidInput` or `PolicyRejected` with words that say what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from django.db import transaction

from engines.errors import InvalidInput, PolicyRejected
from layers import library, mounts, stacks
from layers.models import BuildState, Kind, LayerVersion, Recipe
from sessions import history, wishes
from sessions.lifecycle import wake, wake_all
from sessions.models import Session, SessionLayer
from sessions.states import Desired
from sessions.transitions import announce

log = logging.getLogger(__name__)

Newest = Mapping[int, LayerVersion | None]


@transaction.atomic
def update(session: Session, *, actor: str, recipe: Recipe | None = None, version: LayerVersion | None = None) -> None:
    """To what its stack gives now, or of one recipe to its newest version, or to a given one: rolling back is this.

    A given version stays until somebody updates again. What had a problem is tried once more.
    """
    session = _locked(session)
    if recipe is None:
        _update_all(session, wishes.newest(session.stack) if session.stack else {})
    else:
        _update_one(session, recipe, version)
    wishes.try_again(session)
    _told(session, actor, f"update {recipe or 'all'} to {version.number if version else 'the newest'}")


@transaction.atomic
def update_many(sessions: Sequence[Session], *, actor: str) -> None:
    """Each to what its stack gives now."""
    given: dict[int | None, Newest] = {None: {}}
    for session in (_locked(each) for each in sessions):
        if session.stack is not None and session.stack_id not in given:
            given[session.stack_id] = wishes.newest(session.stack)
        _update_all(session, given[session.stack_id])
        wishes.try_again(session)
    log.info("%s asks to update %d sessions", actor, len(sessions))
    transaction.on_commit(lambda: wake_all([session.pk for session in sessions]))


def _update_all(session: Session, given: Newest) -> None:
    rows = {row.recipe_id: row for row in session.layers.select_related("recipe", "wants")}
    removed = {row.recipe_id for row in rows.values() if row.held and row.wants is None}
    for recipe_id, version in given.items():
        if version is not None and recipe_id not in removed:
            wishes.want(session, recipe_id, version, row=rows.get(recipe_id))
    for recipe_id, row in rows.items():
        if recipe_id in given or row.wants is None:
            continue
        added = row.held
        wishes.want(session, recipe_id, library.latest(row.recipe) if added else None, held=added, row=row)


def _update_one(session: Session, recipe: Recipe, version: LayerVersion | None) -> None:
    given = wishes.newest(session.stack) if session.stack else {}
    row = SessionLayer.objects.filter(session=session, recipe=recipe).first()
    if recipe.pk not in given and (row is None or row.wants is None):
        raise InvalidInput(f"recipe: the session has no {recipe}. Add it instead.")
    wanted = version or given.get(recipe.pk) or library.latest(recipe)
    if wanted is None:
        raise PolicyRejected(f"No version of the {recipe} is ready. Build it first.")
    if wanted.recipe_id != recipe.pk or wanted.build.state != BuildState.READY:
        raise InvalidInput(f"version: is not a version of the {recipe} that is ready; see its list of versions.")
    usual = given.get(recipe.pk)
    wishes.want(session, recipe.pk, wanted, held=usual is None or wanted.pk != usual.pk, row=row)


@transaction.atomic
def add(session: Session, recipe: Recipe, *, actor: str) -> None:
    """A toolchain more, or the profile of one that has none; its newest version."""
    session = _locked(session)
    _check_mounted(recipe, "added to")
    rows = list(session.layers.select_related("recipe").exclude(wants=None))
    if recipe.kind == Kind.PROFILE and any(row.recipe.kind == Kind.PROFILE for row in rows):
        raise PolicyRejected("The session has a profile already, and both would want one directory. Remove that first.")
    if len(rows) >= stacks.MOST_LAYERS:
        raise PolicyRejected(f"A session has at most {stacks.MOST_LAYERS} layers. Remove one first.")
    version = library.latest(recipe)
    if version is None:
        raise PolicyRejected(f"No version of the {recipe} is ready. Build it first, then add it.")
    usual = wishes.newest(session.stack).get(recipe.pk) if session.stack else None
    wanted = usual or version
    wishes.want(session, recipe.pk, wanted, held=usual is None)
    wishes.try_again(session)
    _told(session, actor, f"add {recipe}")


@transaction.atomic
def remove(session: Session, recipe: Recipe, *, actor: str) -> None:
    """Take a toolchain or the profile away; it stays away until somebody adds it again."""
    session = _locked(session)
    _check_mounted(recipe, "removed from")
    row = SessionLayer.objects.filter(session=session, recipe=recipe).first()
    if row is None or (row.wants is None and row.held):
        raise InvalidInput(f"recipe: the session has no {recipe}.")
    wishes.want(session, recipe.pk, None, held=True, row=row)
    wishes.try_again(session)
    _told(session, actor, f"remove {recipe}")


@transaction.atomic
def restart(session: Session, *, actor: str) -> None:
    """Stop it and start it again, with all that it wants. Its programs end; its files stay."""
    session = _locked(session)
    if session.desired != Desired.RUNNING:
        raise PolicyRejected("Only a session that runs can be restarted. Move its card to an active column.")
    Session.objects.filter(pk=session.pk).update(restart_asked=True, attempts=0, retry_at=None)
    _told(session, actor, "restart")


def _locked(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("stack").get(pk=session.pk)


def _check_mounted(recipe: Recipe, done: str) -> None:
    if not mounts.is_mounted(recipe):
        raise InvalidInput(
            f"recipe: only a toolchain or a profile can be {done} a session. "
            f"Give the card a stack of its own to change its {recipe.kind}."
        )


def _told(session: Session, actor: str, what: str) -> None:
    log.info("session %s: %s asks to %s", session, actor, what)
    history.record(session.pk, "layers", actor=actor, asked=what)
    announce(session.pk)
    transaction.on_commit(lambda: wake(session.pk))
