"""What sessions want of their layers, when they get it, and that nothing is lost wherever a worker or an engine ends."""

from __future__ import annotations

import contextlib

import pytest
from django.utils import timezone

from engines import current
from engines.errors import EngineError, InvalidInput, PolicyRejected
from engines.protocol import Observed
from layers import base, builder, hooks, library, mounts, provision, stacks
from layers.models import Build, LayerVersion, Recipe, Stack, StackLayer
from sessions import environment, launch, lifecycle, rebase, remake, updates, wishes
from sessions.models import Session, SessionFile
from sessions.present import session_json
from sessions.reconcile import reconcile
from sessions.states import Desired, State
from tests.fault_engine import FaultEngine, Killed, on_other_layers

pytestmark = pytest.mark.django_db
TOOL = "/opt/vibenv/toolchain/tool"


class World:
    """A stack of a base and a toolchain, and a session on it."""

    def __init__(self, engine: FaultEngine) -> None:
        self.engine = engine
        self.base, self.tool = self.recipe("base", "own"), self.recipe("toolchain", "tool")
        self.stack = Stack.objects.create(scope="board")
        for recipe in (self.base, self.tool):
            StackLayer.objects.create(stack=self.stack, recipe=recipe)
            self.version(recipe)
        self.session = Session.objects.create(name="fix", stack=self.stack)

    @staticmethod
    def recipe(kind: str, name: str) -> Recipe:
        return Recipe.objects.create(scope="board", kind=kind, name=name)

    def version(self, recipe: Recipe, state: str = "ready") -> LayerVersion:
        number = recipe.versions.count() + 1
        digest = f"{recipe.pk}{number}".rjust(4, "0").ljust(64, "a")
        image = f"vibenv/{recipe.kind}-{recipe.name}:{digest[:12]}"
        self.engine.images[image] = frozenset()
        build = Build.objects.create(kind=recipe.kind, digest=digest, image=image, state=state, request={"source": ""})
        return LayerVersion.objects.create(recipe=recipe, number=number, build=build)

    def policy(self, policy: str) -> None:
        stacks.put(self.stack, policy=policy)

    def start(self) -> Session:
        lifecycle.want(self.session, Desired.RUNNING, actor="alice")
        return self.go()

    def stop(self) -> Session:
        lifecycle.want(self.session, Desired.STOPPED, actor="alice")
        return self.go()

    def go(self) -> Session:
        for _ in range(5):  # as wake-ups come
            Session.objects.filter(pk=self.session.pk).update(retry_at=None, lease="", lease_until=None)
            if reconcile(self.session.pk) is None:
                break
        self.session = Session.objects.get(pk=self.session.pk)
        return self.session

    @property
    def container(self):
        return self.engine.containers[self.session.container]

    def numbers(self, recipe: Recipe) -> tuple[int | None, int | None, str] | None:
        """What it runs, what it wants, and the problem."""
        found = [x for x in session_json(self.session)["layers"] if x["recipe"] == recipe.pk]
        return (found[0]["runs"], found[0]["wants"], found[0]["problem"]) if found else None

    def has(self, recipe: Recipe) -> int | None:
        """The version that is mounted in its container now."""
        volume = self.container.now.get(mounts.path_of(recipe))
        return next((v.number for v in recipe.versions.all() if mounts.volume_of(v.build) == volume), None)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    engine = FaultEngine(builder.target().image)
    monkeypatch.setattr(current, "_engine", engine)
    monkeypatch.setattr(rebase, "rebased", on_other_layers(engine))
    base.forget()
    provision.forget()
    yield World(engine)
    base.forget()
    provision.forget()


def test_a_first_start_takes_what_the_stack_gives(world: World) -> None:
    world.version(world.tool)
    world.version(world.tool, "failed")
    assert world.start().state == State.RUNNING
    assert (world.numbers(world.tool), world.has(world.tool)) == ((2, 2, ""), 2)
    assert world.numbers(world.base) == (1, 1, "")
    assert world.container.spec.environment["PATH"].split(":")[1] == f"{TOOL}/bin"


def test_a_pinned_version_is_the_stacks(world: World) -> None:
    StackLayer.objects.filter(recipe=world.tool).update(pinned=world.tool.versions.get())
    world.version(world.tool)
    world.start()
    assert world.has(world.tool) == 1


def test_a_first_start_waits_for_what_is_being_built_and_fails_with_it(world: World) -> None:
    build = world.tool.versions.get().build
    Build.objects.update_or_create(
        pk=build.pk, defaults={"state": "building", "progress": 40, "started_at": timezone.now()}
    )
    session = world.start()
    assert session.state == State.PREPARING
    assert "toolchain tool: 40 %" in session.steps.get(name="environment").detail
    Build.objects.filter(pk=build.pk).update(state="failed", reason="no space left")
    session = world.go()
    assert (session.state, "no space left" in session.reason) == (State.FAILED, True)
    Build.objects.filter(pk=build.pk).update(state="ready")
    assert world.start().state == State.RUNNING


def test_an_image_that_the_engine_lost_is_built_again_before_the_start_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(provision, "_build_again", lambda build: asked.append(build) or build)
    image = world.tool.versions.get().build.image
    del world.engine.images[image]
    assert world.start().state == State.PREPARING
    assert [build.image for build in asked] == [image]
    world.engine.images[image] = frozenset()
    assert world.go().state == State.RUNNING


@pytest.mark.parametrize(("policy", "live", "later"), [("manual", 1, 1), ("at_start", 1, 2), ("live", 2, 2)])
def test_a_policy_says_when_a_newer_version_comes(world: World, policy: str, live: int, later: int) -> None:
    world.policy(policy)
    world.start()
    world.version(world.tool)
    wishes.follow_all_live()
    world.go()
    assert world.has(world.tool) == live
    world.stop()
    world.start()
    assert (world.has(world.tool), world.numbers(world.tool)) == (later, (later, later, ""))


def test_an_update_is_to_the_stacks_versions_and_a_chosen_version_stays(world: World) -> None:
    world.start()
    second = world.version(world.tool)
    updates.update(world.session, actor="alice")
    world.go()
    assert world.has(world.tool) == 2
    updates.update(world.session, actor="alice", recipe=world.tool, version=world.tool.versions.get(number=1))
    world.go()
    assert world.has(world.tool) == 1
    world.stop()
    world.start()
    assert world.has(world.tool) == 1, "somebody chose it for this session"
    updates.update(world.session, actor="alice", recipe=world.tool)
    world.go()
    assert (world.has(world.tool), world.numbers(world.tool)) == (second.number, (2, 2, ""))


def test_a_toolchain_more_or_less_outlives_starts_and_updates(world: World) -> None:
    other = world.recipe("toolchain", "other")
    world.version(other)
    world.start()
    updates.add(world.session, other, actor="alice")
    updates.remove(world.session, world.tool, actor="alice")
    for again in (world.go, world.stop, world.start, lambda: updates.update(world.session, actor="bob"), world.go):
        again()
    assert (world.has(other), world.has(world.tool)) == (1, None)
    assert (world.numbers(other), world.numbers(world.tool)) == ((1, 1, ""), None)
    updates.add(world.session, world.tool, actor="alice")
    updates.remove(world.session, other, actor="alice")
    world.go()
    assert (world.has(other), world.has(world.tool)) == (None, 1)


def test_what_was_taken_away_everywhere_can_be_deleted(world: World) -> None:
    world.start()
    StackLayer.objects.filter(recipe=world.tool).delete()
    with pytest.raises(PolicyRejected, match="A session runs it"):
        library.delete(world.tool)
    updates.remove(world.session, world.tool, actor="alice")
    world.go()
    library.delete(world.tool)
    assert (world.stop().state, world.start().state) == (State.ASLEEP, State.RUNNING)


def test_what_is_chosen_before_the_first_start_comes_with_all_the_rest(world: World) -> None:
    world.policy("manual")
    other = world.recipe("toolchain", "other")
    world.version(other)
    world.version(world.tool)
    updates.add(world.session, other, actor="alice")
    updates.update(world.session, actor="alice", recipe=world.tool, version=world.tool.versions.get(number=1))
    world.start()
    assert (world.numbers(world.base), world.has(world.tool), world.has(other)) == ((1, 1, ""), 1, 1)


def test_a_build_that_cannot_be_asked_for_again_fails_no_running_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Build) -> None:
        raise PolicyRejected("This build is being cancelled just now.")

    monkeypatch.setattr(provision, "_build_again", refused)
    world.start()
    del world.engine.images[world.version(world.tool).build.image]
    updates.update(world.session, actor="alice")
    assert world.go().state == State.RUNNING
    assert "being cancelled" in world.numbers(world.tool)[2]


def test_what_cannot_be_added_or_removed_is_said(world: World) -> None:
    world.start()
    unbuilt, project = world.recipe("toolchain", "unbuilt"), world.recipe("project", "app")
    profiles = [world.recipe("profile", name) for name in ("one", "two")]
    for recipe in profiles:
        world.version(recipe)
    updates.add(world.session, profiles[0], actor="alice")
    with pytest.raises(PolicyRejected, match="a profile already"):
        updates.add(world.session, profiles[1], actor="alice")
    with pytest.raises(PolicyRejected, match="Build it first"):
        updates.add(world.session, unbuilt, actor="alice")
    for recipe in (project, world.base):
        with pytest.raises(InvalidInput, match="only a toolchain or a profile"):
            updates.add(world.session, recipe, actor="alice")
    with pytest.raises(InvalidInput, match="has no toolchain unbuilt"):
        updates.remove(world.session, unbuilt, actor="alice")
    with pytest.raises(InvalidInput, match="Add it instead"):
        updates.update(world.session, actor="alice", recipe=unbuilt)
    with pytest.raises(PolicyRejected, match="runs can be restarted"):
        updates.restart(world.stop(), actor="alice")


def test_a_refused_change_is_told_once_and_comes_with_the_next_start(world: World) -> None:
    world.start()
    world.version(world.tool)
    world.engine.refuses = "The engine could not change a layer: Operation not permitted."
    updates.update(world.session, actor="alice")
    world.go()
    runs, wants, problem = world.numbers(world.tool)
    assert (runs, wants) == (1, 2)
    assert problem == f"{world.engine.refuses} {wishes.AT_NEXT_START}"
    world.go()
    assert world.engine.calls.count("swap_layer") == 1
    assert list(wishes.sessions_lacking_layers()) == []
    updates.restart(world.session, actor="alice")
    world.go()
    assert (world.has(world.tool), world.numbers(world.tool)) == (2, (2, 2, ""))


def test_a_change_that_a_worker_did_not_get_to_is_found(world: World) -> None:
    world.start()
    assert list(wishes.sessions_lacking_layers()) == []
    world.version(world.tool)
    updates.update(world.session, actor="alice")
    assert list(wishes.sessions_lacking_layers()) == [world.session.pk]
    other = world.recipe("toolchain", "other")
    world.version(other)
    world.go()
    updates.add(world.session, other, actor="alice")
    assert list(wishes.sessions_lacking_layers()) == [world.session.pk]
    world.go()
    updates.remove(world.session, other, actor="alice")
    assert list(wishes.sessions_lacking_layers()) == [world.session.pk]


def test_another_base_waits_for_the_restart_that_somebody_asks_for(world: World) -> None:
    world.start()
    world.engine.write(world.session.container, "work")
    world.version(world.base)
    updates.update(world.session, actor="alice")
    world.go()
    assert world.numbers(world.base) == (1, 2, "")
    updates.restart(world.session, actor="alice")
    assert session_json(Session.objects.get(pk=world.session.pk))["restart_asked"]
    session = world.go()
    assert (session.state, session.restart_asked, world.numbers(world.base)) == (State.RUNNING, False, (2, 2, ""))
    assert "work" in world.container.files


def test_a_base_that_cannot_come_is_told_and_the_session_runs_on_what_it_has(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise EngineError("There is no registry.", permanent=True)

    monkeypatch.setattr(rebase, "rebased", refused)
    world.start()
    world.engine.write(world.session.container, "work")
    world.version(world.base)
    world.version(world.tool)
    world.stop()
    world.start()
    assert world.numbers(world.base) == (1, 2, "There is no registry.")
    assert world.has(world.tool) == 2, "by a change under it, once it ran"
    assert "work" in world.container.files
    assert not [image for image in world.engine.images if image.startswith("vibenv/session:")]


def _moments(world: World) -> list[str]:
    """Where a start on another base and toolchain can break."""
    found: list[str] = []
    world.engine.breaks = found.append
    _start_on_newer(world)
    return found


def _start_on_newer(world: World) -> None:
    for recipe in (world.base, world.tool):
        world.version(recipe)
    world.start()


MOMENTS = 24  # how many there are: `test_all_moments_are_tried`


def _prepared(world: World) -> None:
    world.start()
    world.engine.write(world.session.container, "work")
    SessionFile.objects.create(session=world.session, name="given", size_bytes=1, added_by="alice")
    SessionFile.objects.update(container_id=world.session.container_id)
    world.stop()


def test_all_moments_are_tried(world: World) -> None:
    _prepared(world)
    assert len(_moments(world)) == MOMENTS
    assert world.numbers(world.base) == (2, 2, "")


@pytest.mark.parametrize("error", [Killed(), EngineError("no", permanent=True)], ids=["killed", "refused"])
def test_no_work_is_lost_wherever_a_start_on_other_layers_breaks(world: World, error: BaseException) -> None:
    for moment in range(MOMENTS):
        session = Session.objects.create(name=f"fix-{moment}", stack=world.stack)
        world.session = session
        _prepared(world)
        count = iter(range(10**6))

        def breaks(_: str, count=count, moment=moment) -> None:
            if next(count) == moment:
                raise error

        world.engine.breaks = breaks
        with contextlib.suppress(Killed):
            _start_on_newer(world)
        kept = [c.files for c in world.engine.containers.values() if c.spec.session_id == session.pk]
        kept += [files for image, files in world.engine.images.items() if session.pk in image]
        assert any("work" in files for files in kept), f"lost at {moment}"
        world.engine.breaks = lambda _: None
        if world.go().state == State.FAILED:
            world.start()
        assert world.session.state == State.RUNNING, f"at {moment}: {world.session.reason}"
        assert "work" in world.container.files, f"lost at {moment}"
        assert "without its former" not in world.session.reason
        assert world.has(world.tool) == world.tool.versions.count()
        assert world.numbers(world.base)[0] == world.base.versions.count() or world.numbers(world.base)[2]
        assert [f.container_id for f in session.files.all()] == [world.container.id], f"at {moment}"
        world.stop()
        _start_on_newer(world)
        own = [image for image in world.engine.images if image.startswith(rebase.tag_of(session, ""))]
        assert own == [world.session.image], f"left at {moment}"
        lifecycle.want(world.session, Desired.DELETED, actor="alice")
        reconcile(session.pk)
        assert not [image for image in world.engine.images if session.pk in image]


def test_a_container_that_was_removed_comes_back_as_it_was_when_its_layers_last_changed(world: World) -> None:
    _prepared(world)
    _start_on_newer(world)
    world.engine.destroy(world.session.container)
    session = world.go()
    assert "work" in world.container.files
    assert "as they were when its layers last changed" in session.reason


@pytest.mark.parametrize("known", [True, False])
def test_a_session_of_an_older_vibenv_comes_onto_its_stack(world: World, known: bool) -> None:
    if known:
        Build.objects.create(kind="base", digest="0" * 64, image=builder.target().image, state="ready")
    Session.objects.update(stack=None)
    world.start()
    world.engine.write(world.session.container, "work")
    world.stop()
    Session.objects.update(stack=world.stack)
    world.start()
    assert "work" in world.container.files
    assert world.has(world.tool) == 1
    assert world.numbers(world.base) == ((1, 1, "") if known else (None, 1, remake.UNKNOWN))


def test_a_session_without_a_stack_runs_on_the_settings_base_alone(world: World) -> None:
    world.session = Session.objects.create(name="bare")
    assert world.start().image == builder.target().image
    assert session_json(world.session)["layers"] == []


def test_somebodys_own_image_keeps_its_path_and_gets_the_hooks_as_it_starts(world: World, settings) -> None:
    versions = [world.tool.versions.get()]
    ours = environment.of("vibenv/base:x", versions)
    assert "PATH" in ours.variables
    assert hooks.PATH not in str(launch.spec(world.session, "vibenv/base:x", ours).command)
    settings.BASE_IMAGE = "golang:1.25"
    theirs = environment.of("golang:1.25", versions)
    assert "PATH" not in theirs.variables
    assert launch.spec(world.session, "golang:1.25", theirs).command[2].startswith(hooks.at_start())


def test_a_paused_session_is_never_made_anew(world: World) -> None:
    world.start()
    world.version(world.tool)
    wanted = environment.of(builder.target().image, [v for r in (world.base, world.tool) for v in r.versions.all()])
    status = world.engine.inspect(world.session.container)
    assert not remake.needed(status, wanted)
    world.container.state = Observed.PAUSED
    assert not remake.needed(world.engine.inspect(world.session.container), wanted)
    world.container.state = Observed.EXITED
    assert remake.needed(world.engine.inspect(world.session.container), wanted)
