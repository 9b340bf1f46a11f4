"""A thousand sessions live, while workers die and the engine fails at any moment: no work is lost, nothing is left."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from celery import Task

from engines import current
from engines.errors import EngineError, PolicyRejected
from layers import base, builder, keep, provision, registry
from sessions import forks, freezing, lifecycle, news, orphans, snapshots
from sessions.models import Session, Snapshot
from sessions.reconcile import reconcile
from sessions.states import Desired, State
from tests.fault_engine import Killed
from tests.fault_world import ADDRESS, FaultWorld

pytestmark = pytest.mark.django_db
LIVES, SEEDS = 250, 4
TOGETHER, VERBS = 10, 8  # so many begin, and so much is done until most of them end
BREAKS = 0.06  # of all moments
REST = {
    Desired.RUNNING: {State.RUNNING},
    Desired.PAUSED: {State.PAUSED},
    Desired.STOPPED: {State.ASLEEP, State.NEW, State.ARCHIVED},
    Desired.ARCHIVED: {State.ARCHIVED, State.NEW},
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[FaultWorld]:
    made = FaultWorld(builder.target().image)
    settings.REGISTRY = ADDRESS  # type: ignore[attr-defined]
    monkeypatch.setattr(current, "_engine", made)
    monkeypatch.setattr(registry, "current", lambda: made.registry)
    monkeypatch.setattr(keep, "_verify", lambda where, image, manifest, known: None)
    monkeypatch.setattr(Task, "apply_async", lambda *_, **__: None)  # there is no broker; what tasks do is done by hand
    monkeypatch.setattr(news, "publish", lambda *_, **__: None)
    base.forget()
    provision.forget()
    yield made
    base.forget()
    provision.forget()


@dataclass
class Life:
    """`files` must be there; `snapshots`: what each must have."""

    pk: str
    files: frozenset[str] = frozenset()
    snapshots: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return Session.objects.get(pk=self.pk)


class Lives:
    def __init__(self, engine: FaultWorld, seed: int) -> None:
        self.engine = engine
        self.random = random.Random(seed)  # noqa: S311 - the same again
        self.lives: list[Life] = []
        self.broken = 0

    # what breaks ----------------------------------------------------------------------------------------
    def _break(self, moment: str) -> None:
        if self.random.random() < BREAKS:
            self.broken += 1
            raise self.random.choice([Killed(), Killed(), EngineError(f"failed {moment}")])

    @contextlib.contextmanager
    def breaking(self) -> Iterator[None]:
        self.engine.breaks = self._break
        try:
            yield
        except Killed:
            pass  # its claims run out: see `_later`
        finally:
            self.engine.breaks = lambda _: None

    @staticmethod
    def _later() -> None:
        """Claims have run out, and it is time to try again."""
        Session.objects.update(lease="", lease_until=None, retry_at=None)
        Snapshot.objects.update(retry_at=None)

    def _work(self) -> None:
        """What wake-ups and the sweep would have a worker do."""
        lacking = set(freezing.sessions_lacking_snapshots())
        for session in Session.objects.all():
            if not session.converged or session.state == State.FAILED or session.pk in lacking:
                reconcile(session.pk)
        for snapshot in Snapshot.objects.filter(state=Snapshot.State.KEPT):
            freezing.keep_again(snapshot)

    def disturb(self) -> None:
        """What a worker does until it dies."""
        self._later()
        with self.breaking():
            self._work()

    def settle(self) -> None:
        """Until all rests."""
        for _ in range(8):
            self._later()
            self._work()
            failed = Session.objects.filter(state=State.FAILED)
            for session in failed:  # somebody clicks Retry
                lifecycle.want(session, session.desired, actor="alice")
            if not failed and all(s.converged for s in Session.objects.all()):
                return
        raise AssertionError([(s.pk, s.desired, s.state, s.reason) for s in Session.objects.all() if not s.converged])

    # what people do -------------------------------------------------------------------------------------
    def new(self) -> None:
        life = Life(lifecycle.create("life").pk)
        self.lives.append(life)
        lifecycle.want(life.session, Desired.RUNNING, actor="alice")

    def want(self, life: Life) -> None:
        wanted = self.random.choice([Desired.RUNNING, Desired.PAUSED, Desired.STOPPED, Desired.ARCHIVED])
        lifecycle.want(life.session, wanted, actor="alice")

    def write(self, life: Life) -> None:
        session = life.session
        if session.state == State.RUNNING and not session.starts_from_id:
            name = f"{self.random.randrange(16**8):08x}"
            self.engine.write(session.container, name)
            life.files |= {name}

    def snapshot(self, life: Life) -> None:
        made = snapshots.ask(life.session, kind="asked", author="alice")
        life.snapshots[made.pk] = life.files

    def restore(self, life: Life) -> None:
        usable = [s for s in life.session.snapshots.all() if s.pk in life.snapshots and s.state in snapshots.USABLE]
        if usable:
            chosen = self.random.choice(usable)
            snapshots.restore(life.session, chosen, actor="alice")
            life.files = life.snapshots[chosen.pk]

    def fork(self, life: Life) -> None:
        made = forks.fork(life.session, "fork", actor="alice")
        self.lives.append(Life(made.pk, life.files))
        lifecycle.want(made, self.random.choice([Desired.RUNNING, Desired.STOPPED]), actor="alice")

    def forget(self, life: Life) -> None:
        for snapshot in list(life.session.snapshots.all())[:1]:
            with self.breaking():
                snapshots.remove(snapshot)

    def delete(self, life: Life) -> None:
        lifecycle.want(life.session, Desired.DELETED, actor="alice")
        self.lives.remove(life)

    def some_verb(self) -> None:
        verbs: list[Callable[[Life], None]] = [self.want, self.want, self.write, self.write, self.snapshot]
        verbs += [self.restore, self.fork, self.forget]
        with contextlib.suppress(PolicyRejected):
            self.random.choice(verbs)(self.random.choice(self.lives))

    # what must hold -------------------------------------------------------------------------------------
    def check(self) -> None:
        for life in self.lives:
            session = life.session
            assert session.state in REST[Desired(session.desired)] | {State.ASLEEP}, session.reason
            found = self.engine.files_of(session.container, session.image)
            assert life.files <= found, (session.desired, session.state, session.reason)
            of_it = [c for c in self.engine.containers.values() if c.spec.session_id == session.key]
            assert len(of_it) <= 1


def test_snapshots_that_are_the_same_leave_the_registry_with_their_session(engine: FaultWorld) -> None:
    lives = Lives(engine, 0)
    lives.new()
    lives.settle()
    lifecycle.want(lives.lives[0].session, Desired.ARCHIVED, actor="alice")
    lives.settle()
    for _ in range(2):
        snapshots.ask(lives.lives[0].session, kind="asked", author="alice")
    lives.settle()
    assert len(set(engine.registry.tags_of.values())) < len(engine.registry.tags_of) == 3
    lives.delete(lives.lives[0])
    lives.settle()
    assert engine.registry.tags_of == {}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_lives_lose_no_work_and_leave_no_orphan(engine: FaultWorld, seed: int) -> None:
    lives = Lives(engine, seed)
    born = 0
    while born < LIVES:
        for _ in range(TOGETHER):
            lives.new()
        born += TOGETHER
        lives.settle()
        for _ in range(VERBS):
            before = len(lives.lives)
            lives.some_verb()
            born += len(lives.lives) - before
            lives.disturb()
        lives.settle()
        lives.check()
        while len(lives.lives) > 1:
            lives.delete(lives.random.choice(lives.lives))
            lives.disturb()
    for life in list(lives.lives):
        lives.delete(life)
    lives.settle()
    assert not Session.objects.exists()
    left = orphans.find(grace_s=0)
    assert left, "otherwise nothing was tried"
    assert orphans.remove(left).kept == []
    assert orphans.find(grace_s=0) == []
    assert (engine.containers, engine.networks, engine.registry.tags_of) == ({}, {}, {})
    assert list(engine.images) == [builder.target().image]
    assert lives.broken > LIVES / 5, "enough was broken"
