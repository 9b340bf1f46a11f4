"""Containers that are made ahead: who gets one, how many there are, and that nothing is left wherever a worker ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, QuerySet
from django.utils import timezone

from engines.errors import EngineError
from engines.protocol import Capacity, Observed
from sessions import environment, lifecycle, orphans, pool, refill
from sessions.models import PoolContainer, PoolDemand, Session
from sessions.states import Desired, State
from tests.fault_engine import FaultEngine, Killed
from tests.unit.test_session_layers import World, world  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.POOL_SIZE = 3
    monkeypatch.setattr(pool, "soon", lambda delay_s=0: None)
    refill._opened.clear()
    refill._failed.clear()


@pytest.fixture
def ready(world: World) -> World:  # noqa: F811
    """One container of the stack's is there."""
    refill.expect(world.stack.pk)
    refill.fill()
    assert members(world.engine) == 1
    return world


def members(engine: FaultEngine) -> int:
    """As the engine and the rows say, which agree."""
    found = {name.removeprefix("vibenv-pool-") for name in engine.containers if name.startswith("vibenv-pool-")}
    assert found == set(PoolContainer.objects.filter(state="ready").values_list("key", flat=True))
    return len(found)


def another(world: World, name: str) -> Session:  # noqa: F811
    world.session = Session.objects.create(name=name, stack=world.stack)
    return world.session


# adopting -------------------------------------------------------------------------------------------------
def test_a_new_session_adopts_the_container_that_is_there(ready: World) -> None:
    container = next(iter(ready.engine.containers.values()))
    ready.engine.calls.clear()
    session = ready.start()
    assert session.state == State.RUNNING
    assert (session.container_id, session.key) == (container.id, container.spec.session_id)
    assert ready.engine.containers == {"vibenv-fix": container}
    assert container.bound == "fix"
    assert "create" not in ready.engine.calls
    assert ready.numbers(ready.tool) == (1, 1, "")
    assert PoolDemand.objects.filter(kind="hit", stack=ready.stack).count() == 1


def test_one_that_is_there_goes_to_one_of_two(ready: World) -> None:
    first = ready.start()
    second = another(ready, "two")
    assert ready.start().state == State.RUNNING
    assert first.container_id != ready.session.container_id
    assert second.key == second.pk
    assert list(PoolDemand.objects.exclude(kind="opened").values_list("kind", flat=True)) == ["hit", "miss"]


def test_two_workers_never_claim_the_same(ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = environment.at_hand(ready.stack)
    look = QuerySet.first

    def another_is_faster(rows: Any) -> Any:
        found = look(rows)
        PoolContainer.objects.update(state="claimed")
        return found

    monkeypatch.setattr(QuerySet, "first", another_is_faster)
    assert pool.claim(ready.session, wanted) is None
    ready.session.refresh_from_db()
    assert ready.session.key == ready.session.pk


def test_a_session_that_has_a_container_or_an_image_of_its_own_keeps_that(world: World) -> None:  # noqa: F811
    world.start()
    own = world.session.container_id
    world.stop()
    refill.fill()
    assert world.start().container_id == own
    assert members(world.engine) == 1


def test_one_on_other_layers_gets_none(ready: World) -> None:
    ready.version(ready.tool)
    session = ready.start()
    assert session.key == session.pk
    assert ready.numbers(ready.tool) == (2, 2, "")


def ended(engine: FaultEngine, name: str) -> None:
    engine.containers[name].state = Observed.EXITED


def gone(engine: FaultEngine, name: str) -> None:
    del engine.containers[name]


@pytest.mark.parametrize("spoil", [ended, gone])
def test_one_that_does_not_run_is_thrown_away_and_the_next_is_taken(
    ready: World, spoil: Callable[[FaultEngine, str], None]
) -> None:
    PoolDemand.objects.bulk_create([PoolDemand(stack=ready.stack, kind="hit") for _ in range(2)])
    refill.fill()
    assert members(ready.engine) == 2
    oldest, second = (
        pool.container_of(key) for key in PoolContainer.objects.order_by("made_at").values_list("key", flat=True)
    )
    good = ready.engine.containers[second].id
    spoil(ready.engine, oldest)
    assert ready.start().container_id == good
    assert ready.session.reason == ""
    assert (list(ready.engine.containers), members(ready.engine)) == (["vibenv-fix"], 0)


def test_its_name_is_given_again_after_each_start(ready: World) -> None:
    ready.start()
    ready.stop()
    ready.container.bound = ""
    ready.start()
    assert ready.container.bound == "fix"


def test_what_a_deleted_session_adopted_goes_with_all_of_it(ready: World) -> None:
    ready.start()
    lifecycle.want(ready.session, Desired.DELETED, actor="alice")
    with contextlib.suppress(Session.DoesNotExist):
        ready.go()
    refill.fill()
    assert members(ready.engine) == len(ready.engine.containers)
    assert not PoolContainer.objects.exclude(state="ready").exists()


def moments(count: int) -> list[str]:
    verbs = ["rename", "bind"][:count]
    return [f"{when} {verb}" for verb in verbs for when in ("before", "after")]


@pytest.mark.parametrize("fault", [Killed, EngineError])
@pytest.mark.parametrize("moment", moments(2))
def test_wherever_it_breaks_there_is_one_container_and_it_has_its_name(
    ready: World, moment: str, fault: type[BaseException]
) -> None:
    broken = []

    def breaks(now: str) -> None:
        if now == moment and not broken:
            broken.append(now)
            raise fault("broken")

    ready.engine.breaks = breaks
    with contextlib.suppress(Killed):
        ready.start()
    session = ready.go()
    assert (session.state, broken) == (State.RUNNING, [moment])
    assert ready.container.id == session.container_id
    assert ready.container.spec.session_id == session.key
    assert ready.container.bound == "fix" or not ready.container.spec.anonymous
    assert ready.numbers(ready.tool) == (1, 1, "")
    refill.fill()
    assert len(ready.engine.containers) == 1 + members(ready.engine)
    assert not PoolContainer.objects.exclude(state="ready").exists()


@pytest.mark.parametrize("moment", moments(1))
def test_a_session_that_is_deleted_half_way_leaves_nothing(ready: World, moment: str) -> None:
    def breaks(now: str) -> None:
        if now == moment:
            raise Killed

    ready.engine.breaks = breaks
    with contextlib.suppress(Killed):
        ready.start()
    ready.engine.breaks = lambda now: None
    lifecycle.want(ready.session, Desired.DELETED, actor="alice")
    with contextlib.suppress(Session.DoesNotExist):
        ready.go()
    PoolDemand.objects.all().delete()
    refill.fill()
    assert not ready.engine.containers
    assert not PoolContainer.objects.exists()


# how many -------------------------------------------------------------------------------------------------
def test_there_are_none_of_what_nobody_wants(world: World) -> None:  # noqa: F811
    assert refill.fill() is False
    assert members(world.engine) == 0


def test_there_are_as_many_as_started_lately_made_one_at_a_time(world: World) -> None:  # noqa: F811
    PoolDemand.objects.bulk_create([PoolDemand(stack=world.stack, kind="miss") for _ in range(2)])
    assert (refill.fill(), members(world.engine)) == (True, 1)
    assert (refill.fill(), members(world.engine)) == (True, 2)
    assert (refill.fill(), members(world.engine)) == (False, 2)


def test_they_go_as_demand_does(ready: World) -> None:
    PoolDemand.objects.update(at=F("at") - timedelta(hours=2))
    refill.fill()
    assert members(ready.engine) == 0
    assert not PoolDemand.objects.exists()


@pytest.mark.parametrize(
    ("lately", "size", "shares"),
    [
        ({1: 0}, 3, {1: 1}),
        ({1: 5}, 3, {1: 3}),
        ({1: 5, 2: 0}, 3, {1: 2, 2: 1}),
        ({1: 2, 2: 9, 3: 0, 4: 0}, 3, {1: 1, 2: 1, 3: 1}),
        ({None: 2}, 2, {None: 2}),
        ({1: 4}, 0, {}),
    ],
)
def test_each_stack_gets_one_before_any_gets_more(
    lately: dict[int | None, int], size: int, shares: dict[int | None, int]
) -> None:
    assert refill.shared_out(lately, size) == shares


def test_none_is_made_while_a_start_waits_but_for_a_build(ready: World) -> None:
    ready.start()
    waiting = Session.objects.create(
        name="two", stack=ready.stack, desired=Desired.RUNNING, state=State.PREPARING, wanted_at=timezone.now()
    )
    refill.fill()
    assert members(ready.engine) == 0
    waiting.steps.create(name="environment", started_at=timezone.now(), detail="Building the base image")
    refill.fill()
    assert members(ready.engine) == 1


def test_none_is_made_where_memory_is_short(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(world.engine, "capacity", lambda: Capacity(2**31, 2**28, 2), raising=False)
    refill.expect(world.stack.pk)
    refill.fill()
    assert members(world.engine) == 0


def test_only_one_worker_makes_one_at_a_time(world: World) -> None:  # noqa: F811
    refill.expect(world.stack.pk)
    PoolContainer.objects.create(fingerprint="other", image="x", stack=world.stack)
    refill.fill()
    assert not world.engine.containers
    PoolContainer.objects.update(made_at=F("made_at") - timedelta(minutes=5))  # whoever did was killed
    refill.fill()
    assert members(world.engine) == 1


@pytest.mark.parametrize("fault", [Killed, EngineError])
@pytest.mark.parametrize("moment", ["before create", "after create", "before start", "after start"])
def test_one_that_could_not_be_made_leaves_nothing(world: World, moment: str, fault: type[BaseException]) -> None:  # noqa: F811
    def breaks(now: str) -> None:
        if now == moment:
            raise fault("broken")

    world.engine.breaks = breaks
    refill.expect(world.stack.pk)
    with contextlib.suppress(Killed):
        refill.fill()
    world.engine.breaks = lambda now: None
    PoolContainer.objects.update(made_at=F("made_at") - timedelta(minutes=5))
    refill.fill()
    assert members(world.engine) == len(world.engine.containers)
    refill._failed.clear()
    refill.fill()
    assert members(world.engine) == 1


def test_what_is_old_or_of_a_former_stack_or_ended_is_made_anew(ready: World) -> None:
    for spoil in (
        lambda: ready.version(ready.tool),
        lambda: PoolContainer.objects.update(made_at=F("made_at") - timedelta(hours=13)),
        lambda: ended(ready.engine, next(iter(ready.engine.containers))),
    ):
        before = set(ready.engine.containers)
        spoil()
        refill.fill()
        assert members(ready.engine) == 1
        assert not before & set(ready.engine.containers)


def test_a_pool_of_none_has_none(ready: World, settings: Any) -> None:
    settings.POOL_SIZE = 0
    refill.fill()
    assert members(ready.engine) == 0
    assert "never_binds" in ready.engine.calls
    refill.expect(ready.stack.pk)
    assert ready.start().key == ready.session.pk


def test_a_board_that_is_opened_again_and_again_is_noted_once(world: World) -> None:  # noqa: F811
    for _ in range(3):
        refill.expect(world.stack.pk)
    assert PoolDemand.objects.count() == 1


def test_its_containers_are_nobodys_orphans_and_what_they_hold_is_in_use(ready: World) -> None:
    row = PoolContainer.objects.get()
    assert row.key in {key for keys in orphans._owners for key in keys()}
    used = pool.usage()
    assert row.image in used.images
    assert ready.base.versions.get().build_id in used.builds
