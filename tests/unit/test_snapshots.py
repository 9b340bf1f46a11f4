"""Snapshots, restores, forks and vanishing, with an engine and a registry that break at every single call.

What they do with real ones is in `integration/test_session_life.py`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator

import pytest

from engines import current
from engines.errors import BuildError, EngineError, InvalidInput, PolicyRejected
from layers import base, builder, keep
from layers.registry_http import Unreachable
from sessions import forks, freezing, history, lifecycle, snapshots
from sessions.models import Session, Snapshot
from sessions.reconcile import reconcile
from sessions.states import Desired, State
from tests.fault_engine import FaultEngine, Killed

pytestmark = pytest.mark.django_db


class Registry:
    """In the place of `layers.keep`: what it has, by name; `breaks` is asked before and after each call."""

    def __init__(self, engine: FaultEngine) -> None:
        self.engine = engine
        self.images: dict[str, frozenset[str]] = {}
        self.away = False

    def keep(self, image: str, verified: str = "") -> keep.Kept:
        self.engine.breaks("before keep")
        if self.away:
            raise Unreachable("The registry does not answer.")
        self.images[image] = self.engine.images[image]
        self.engine.breaks("after keep")
        return keep.Kept(f"sha256:{image}")

    def fetch(self, image: str) -> None:
        self.engine.breaks("before fetch")
        if image not in self.engine.images:
            if image not in self.images:
                raise BuildError(keep.LOST.format(image=image))
            self.engine.images[image] = self.images[image]

    def drop(self, image: str, digest: str = "") -> None:
        self.engine.remove_image(image)
        self.images.pop(image, None)


class World:
    def __init__(self, engine: FaultEngine, registry: Registry) -> None:
        self.engine, self.registry = engine, registry

    def running(self, name: str, *files: str) -> Session:
        session = self.go(lifecycle.want(Session.objects.create(name=name), Desired.RUNNING, actor="alice"))
        assert session.state == State.RUNNING, session.reason
        for file in files:
            self.engine.write(session.container, file)
        return session

    def go(self, session: Session) -> Session:
        """As wake-ups, sweeps and a new worker come; what is kept afterwards is kept."""
        for _ in range(4):
            Session.objects.update(retry_at=None, lease="", lease_until=None)
            Snapshot.objects.update(retry_at=None)
            for pk in Session.objects.order_by("created_at").values_list("pk", flat=True):
                reconcile(pk)
            for snapshot in Snapshot.objects.filter(state=Snapshot.State.KEPT):
                freezing.keep_again(snapshot)
            on_the_way = Snapshot.objects.filter(state__in=[Snapshot.State.MAKING, Snapshot.State.KEPT])
            if all(each.converged for each in Session.objects.all()) and not on_the_way:
                break
        return Session.objects.filter(pk=session.pk).first() or session

    def want(self, session: Session, desired: str) -> Session:
        return self.go(lifecycle.want(session, desired, actor="alice"))

    def snapshot(self, session: Session, kind: str = "asked") -> Snapshot:
        made = snapshots.ask(session, kind=kind, author="alice")
        self.go(session)
        return Snapshot.objects.get(pk=made.pk)

    def files(self, session: Session) -> set[str]:
        return set(self.engine.containers[session.container].files)

    def everywhere(self, session: Session) -> list[frozenset[str]]:
        own = [c.files for c in self.engine.containers.values() if c.spec.session_id == session.pk]
        taken = {snapshot.image for snapshot in session.snapshots.all()}
        images = self.engine.images | self.registry.images
        return own + [files for name, files in images.items() if session.pk in name or name in taken]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    engine = FaultEngine(builder.target().image)
    registry = Registry(engine)
    monkeypatch.setattr(current, "_engine", engine)
    for name in ("keep", "fetch", "drop"):
        monkeypatch.setattr(keep, name, getattr(registry, name))
    monkeypatch.setattr(freezing, "wake", lambda *_, **__: None)  # `World.go` does what wake-ups do
    base.forget()
    yield World(engine, registry)
    base.forget()


# what people may ask for --------------------------------------------------------------------------------
def test_what_was_never_started_has_nothing_to_snapshot(world: World) -> None:
    with pytest.raises(PolicyRejected, match="Start it first"):
        snapshots.ask(Session.objects.create(name="new"), kind="asked", author="alice")


def test_a_note_has_bounds(world: World) -> None:
    session = world.running("noted")
    with pytest.raises(InvalidInput, match="note: has 301"):
        snapshots.ask(session, kind="asked", author="alice", note="x" * 301)


def test_a_snapshot_of_another_card_is_not_restored(world: World) -> None:
    mine, theirs = world.running("mine"), world.running("theirs")
    with pytest.raises(InvalidInput, match="another card"):
        snapshots.restore(mine, world.snapshot(theirs), actor="alice")


def test_one_that_is_being_made_is_neither_restored_nor_deleted(world: World) -> None:
    session = world.running("fresh")
    made = snapshots.ask(session, kind="asked", author="alice")
    with pytest.raises(PolicyRejected, match="still being made"):
        snapshots.restore(session, made, actor="alice")
    with pytest.raises(PolicyRejected, match="being made just now"):
        snapshots.remove(made)


def test_the_home_of_an_archived_session_is_not_deleted(world: World) -> None:
    session = world.want(world.running("home", "work"), Desired.ARCHIVED)
    with pytest.raises(PolicyRejected, match="in this snapshot alone"):
        snapshots.remove(session.snapshots.get())


def test_a_pause_is_refused_where_nothing_runs(world: World) -> None:
    with pytest.raises(PolicyRejected, match="Start it first"):
        lifecycle.want(Session.objects.create(name="new"), Desired.PAUSED, actor="alice")


# what comes of it ---------------------------------------------------------------------------------------
def test_it_is_ready_only_once_it_was_read_back(world: World) -> None:
    session = world.running("checked", "work")
    world.registry.away = True
    made = world.snapshot(session)
    assert (made.state, "does not answer" in made.problem) == (Snapshot.State.KEPT, True)
    world.registry.away = False
    world.go(session)
    made.refresh_from_db()
    assert (made.state, made.problem) == (Snapshot.State.READY, "")
    assert history.of(session.pk, limit=1)[0].kind == "snapshot"


def test_a_container_stays_until_its_snapshot_is_ready(world: World) -> None:
    world.registry.away = True
    session = lifecycle.want(world.running("waits", "work"), Desired.ARCHIVED, actor="vibenv", reason="It was idle.")
    session = world.go(session)
    told = "It was idle. It stays in its container until a snapshot can be made: The registry does not answer."
    assert (session.status, session.reason) == ("archiving", told)
    assert world.files(session) == {"work"}
    world.registry.away = False
    session = world.go(session)
    assert (session.status, session.snapshots.count(), session.reason) == ("archived", 1, "It was idle.")
    assert session.container not in world.engine.containers


def test_what_is_archived_comes_back_from_the_registry_alone(world: World) -> None:
    session = world.want(world.running("away", "work"), Desired.ARCHIVED)
    for image in [image for image in world.engine.images if image != builder.target().image]:
        del world.engine.images[image]
    session = world.want(session, Desired.RUNNING)
    assert (session.state, world.files(session)) == (State.RUNNING, {"work"})


def test_a_snapshot_that_nobody_has_any_more_changes_nothing(world: World) -> None:
    session = world.running("lost", "one")
    made = world.snapshot(session)
    world.engine.write(session.container, "two")
    world.registry.images.clear()
    world.engine.images.pop(made.image)
    snapshots.restore(session, made, actor="alice")
    session = world.go(session)
    assert (session.state, world.files(session)) == (State.RUNNING, {"one", "two"})
    assert "so it is as it was" in session.reason


def test_a_paused_session_whose_engine_was_restarted_is_stopped_with_its_files(world: World) -> None:
    session = world.want(world.running("paused", "work"), Desired.PAUSED)
    assert session.status == "paused"
    world.engine.stop(session.container)
    session = world.go(session)
    assert (session.status, session.reason) == ("asleep", "Its processes ended while it was paused.")
    assert world.files(session) == {"work"}


def test_a_fork_of_what_never_ran_has_the_same_stack_and_nothing_else(world: World) -> None:
    made = forks.fork(Session.objects.create(name="new"), "Twin", actor="alice")
    assert (made.starts_from, made.name) == (None, "twin")


def test_a_parent_that_is_deleted_gives_a_waiting_fork_its_files_first(world: World) -> None:
    parent = world.running("parent", "work")
    made = forks.fork(parent, "Child", actor="alice")
    lifecycle.want(parent, Desired.DELETED, actor="alice")
    world.go(parent)
    assert not Session.objects.filter(pk=parent.pk).exists()
    child = world.want(made, Desired.RUNNING)
    assert (child.state, world.files(child)) == (State.RUNNING, {"work"})


def test_of_a_deleted_session_nothing_is_left(world: World) -> None:
    before = set(world.engine.images)
    session = world.running("gone", "work")
    world.snapshot(session)
    world.want(world.want(session, Desired.ARCHIVED), Desired.RUNNING)
    world.snapshot(session)
    world.want(session, Desired.DELETED)
    assert (set(world.engine.images), world.registry.images, world.engine.containers) == (before, {}, {})


# wherever it breaks -------------------------------------------------------------------------------------
def archived(world: World, session: Session) -> Session:
    return world.want(session, Desired.ARCHIVED)


def restored(world: World, session: Session) -> Session:
    made = world.snapshot(session)
    world.engine.write(session.container, "newer")
    snapshots.restore(session, made, actor="alice")
    return world.go(session)


def forked(world: World, session: Session) -> Session:
    made = forks.fork(session, f"Fork of {session.name}", actor="alice")
    lifecycle.want(made, Desired.RUNNING, actor="alice")
    return world.go(made)


def moments(world: World, what: Callable[[World, Session], Session]) -> int:
    """How many calls it makes that may break."""
    count = itertools.count()
    session = world.running(f"counted-{what.__name__}", "work")
    world.engine.breaks = lambda _: next(count) and None
    what(world, session)
    world.engine.breaks = lambda _: None
    return next(count)


@pytest.mark.parametrize("error", [Killed(), EngineError("no"), EngineError("never", permanent=True)], ids=str)
@pytest.mark.parametrize("what", [archived, restored, forked])
def test_nothing_is_lost_wherever_it_breaks(
    world: World, what: Callable[[World, Session], Session], error: BaseException
) -> None:
    for moment in range(moments(world, what)):
        session = world.running(f"{what.__name__}-{moment}", "work")
        count = itertools.count()

        def breaks(_: str, count: Iterator[int] = count, moment: int = moment) -> None:
            if next(count) == moment:
                raise error

        world.engine.breaks = breaks
        with contextlib.suppress(Killed, PolicyRejected):
            what(world, session)
        assert any("work" in files for files in world.everywhere(session)), f"lost at {moment}"
        world.engine.breaks = lambda _: None
        for broken in (session, *Session.objects.filter(starts_from__session=session)):
            each = world.go(broken)
            if each.state in {State.FAILED, State.ARCHIVED}:
                each = world.want(each, Desired.RUNNING)
            assert each.state == State.RUNNING, f"at {moment}: {each.state} {each.reason}"
            assert "work" in world.files(each), f"lost at {moment}"
            assert (each.starts_from_id, each.discards) == (None, ""), f"at {moment}"
        for gone in Session.objects.all():
            world.want(gone, Desired.DELETED)
        assert not world.engine.containers
        assert not world.registry.images, f"left at {moment}"
