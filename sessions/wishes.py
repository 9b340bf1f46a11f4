"""What a session is to run of its layers: rows of which `reconcile` makes something.

`wants`, `held` are written for people and by policies; `runs`, `problem`, `conflicts` by whoever reconciles the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, Q, QuerySet

from layers import library, mounts, stacks
from layers.models import LayerVersion, Recipe, Stack
from sessions.models import Session, SessionLayer
from sessions.states import Desired, State
from sessions.transitions import announce

AT_NEXT_START = "It comes when the session starts again."


def rows_of(session: Session) -> list[SessionLayer]:
    """From the bottom up, with recipes, versions and builds."""
    rows = session.layers.select_related(
        "recipe", "runs__recipe", "runs__build", "wants__recipe", "wants__build"
    ).order_by()
    return sorted(rows, key=lambda row: (stacks.ORDER.index(row.recipe.kind), row.recipe.name))  # type: ignore[arg-type]


def newest(stack: Stack) -> dict[int, LayerVersion | None]:
    """By recipe, what a stack gives now; None for what was never built."""
    return {layer.recipe_id: layer.pinned or library.latest(layer.recipe) for layer in stacks.layers_of(stack)}


def follow(session: Session, versions: Mapping[int, LayerVersion | None]) -> bool:
    """Want these versions by recipe, and nothing else, but for what is held; None leaves one as it is. Whether it is news."""
    rows = {row.recipe_id: row for row in session.layers.all()}
    changed = False
    for recipe_id, version in versions.items():
        row = rows.get(recipe_id)
        if version is not None and not (row and row.held):
            changed |= want(session, recipe_id, version, row=row)
    for recipe_id, row in rows.items():
        if recipe_id not in versions and not row.held:
            changed |= want(session, recipe_id, None, row=row)
    return changed


def want(
    session: Session,
    recipe_id: int,
    version: LayerVersion | None,
    *,
    held: bool = False,
    row: SessionLayer | None = None,
) -> bool:
    """Have it be wanted, or nothing of that recipe; whether it is news. Wanting again what had a problem tries it again."""
    if row is None:
        row = SessionLayer.objects.filter(session=session, recipe_id=recipe_id).first()
    if row is None:
        if version is None:
            return False
        SessionLayer.objects.create(session=session, recipe_id=recipe_id, wants=version, held=held)
    elif row.wants_id == (version.pk if version else None) and row.held == held:
        return False
    else:
        SessionLayer.objects.filter(pk=row.pk).update(wants=version, held=held, problem="")
    announce(session.pk)
    return True


def try_again(session: Session) -> None:
    """Somebody wants it once more, or a start gives the chance."""
    if session.layers.exclude(problem="").update(problem=""):
        announce(session.pk)


def given(row: SessionLayer, version: LayerVersion | None, *, conflicts: Sequence[str] = ()) -> None:
    """The session runs this version now. A row that neither runs nor wants anything goes, unless it is held."""
    SessionLayer.objects.filter(pk=row.pk).update(runs=version, conflicts=list(conflicts))
    row.runs, row.conflicts = version, list(conflicts)
    SessionLayer.objects.filter(pk=row.pk, wants=version, runs=version).update(problem="")
    SessionLayer.objects.filter(pk=row.pk, runs=None, wants=None, held=False).delete()
    announce(row.session_id)


def refused(row: SessionLayer, problem: str) -> None:
    """What it wants could not be given; nobody tries again before a start or a new wish."""
    SessionLayer.objects.filter(pk=row.pk, wants=row.wants_id).update(problem=problem)
    row.problem = problem
    announce(row.session_id)


def sessions_lacking_layers() -> QuerySet[SessionLayer, str]:
    """Ids of running sessions that could be given at once what they want."""
    same = Q(runs=F("wants")) | Q(runs=None, wants=None)
    lacking = SessionLayer.objects.exclude(same).filter(
        problem="",
        recipe__kind__in=mounts.MOUNTED,
        session__desired=Desired.RUNNING,
        session__state=State.RUNNING,
    )
    return lacking.order_by().values_list("session_id", flat=True)


def follow_live(stack: Stack) -> list[str]:
    """Have the running sessions of a stack whose policy is *live* want its newest versions; ids of those for which it is news."""
    if stack.policy != Stack.Policy.LIVE:
        return []
    running = Session.objects.filter(stack=stack, desired=Desired.RUNNING, state=State.RUNNING)
    versions = newest(stack) if running else {}
    return [session.pk for session in running if follow(session, versions)]


def follow_all_live() -> None:
    """What `follow_live` missed: news that was lost, or a session that came to another stack."""
    for stack in live_stacks():
        follow_live(stack)


def live_stacks(recipes: Iterable[Recipe] | None = None) -> QuerySet[Stack]:
    """Stacks of that policy that have running sessions; those with one of the recipes."""
    found = Stack.objects.filter(
        policy=Stack.Policy.LIVE, sessions__desired=Desired.RUNNING, sessions__state=State.RUNNING
    )
    if recipes is not None:
        found = found.filter(layers__recipe__in=list(recipes))
    return found.distinct()
