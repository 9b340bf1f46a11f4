"""What a session is to run of its layers: rows of which `reconcile` makes something.

`wants`, `held` are written for people and by policies; `runs`, `problem`, `conflicts` by whoever reconciles the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet

from layers import library, mounts, stacks
from layers.models import LayerVersion, Recipe, Stack
from sessions import history
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


@transaction.atomic
def follow(session: Session, versions: Mapping[int, LayerVersion | None]) -> bool:
    """Want these versions by recipe, and nothing else, but for what is held; None leaves one as it is.

    Whether it is news, which the caller tells.
    """
    rows = {row.recipe_id: row for row in session.layers.all()}
    wanted = {recipe_id: version for recipe_id, version in versions.items() if version is not None}
    gone = [recipe_id for recipe_id in rows if recipe_id not in versions]
    changed = False
    for recipe_id in (*wanted, *gone):
        row = rows.get(recipe_id)
        if row is None or not row.held:
            changed |= _write(session, recipe_id, row, wanted.get(recipe_id), held=False)
    return changed


def want(
    session: Session,
    recipe_id: int,
    version: LayerVersion | None,
    *,
    held: bool = False,
    row: SessionLayer | None = None,
) -> None:
    """Have it be wanted, or nothing of that recipe. Wanting again what had a problem tries it again."""
    row = row or SessionLayer.objects.filter(session=session, recipe_id=recipe_id).first()
    if _write(session, recipe_id, row, version, held=held):
        announce(session.pk)


def _write(
    session: Session, recipe_id: int, row: SessionLayer | None, version: LayerVersion | None, *, held: bool
) -> bool:
    if row is None and version is None:
        return False
    if row is None:
        SessionLayer.objects.create(session=session, recipe_id=recipe_id, wants=version, held=held)
        return True
    if row.wants_id == (version.pk if version else None) and row.held == held:
        return False
    SessionLayer.objects.filter(pk=row.pk).update(wants=version, held=held, problem="")
    return True


def try_again(session: Session) -> None:
    """Somebody wants it once more, or a start gives the chance."""
    if session.layers.exclude(problem="").update(problem=""):
        announce(session.pk)


def given(row: SessionLayer, version: LayerVersion | None, *, conflicts: Sequence[str] = ()) -> None:
    """The session runs this version now; the caller tells. A row that neither runs nor wants anything goes, unless held."""
    if row.runs is not None and row.runs != version:
        old, new = row.runs.number, version.number if version else None
        history.record(row.session_id, "layers", actor="vibenv", layer=str(row.recipe), old=old, new=new)
    row.runs, row.conflicts = version, list(conflicts)
    now = {"runs": version, "conflicts": row.conflicts}
    mine = SessionLayer.objects.filter(pk=row.pk)
    if not mine.filter(wants=version).update(**now, problem=""):  # somebody may have wanted another meanwhile
        mine.update(**now)
    if version is None:
        mine.filter(runs=None, wants=None, held=False).delete()


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
    changed = [session.pk for session in running if follow(session, versions)]
    for session_id in changed:
        announce(session_id)
    return changed


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
