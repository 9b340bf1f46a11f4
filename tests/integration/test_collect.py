"""Collecting what nobody uses, on a real engine and registry; and stacks exported as ordinary images."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings

from engines import current
from engines.errors import InvalidInput
from engines.protocol import LayerMount, SessionSpec
from layers import collect, compose, export
from layers import registry as registries
from layers.models import Build, Export, LayerVersion, Recipe, Stack, StackLayer
from layers.registry import Registry
from sessions import rebase
from sessions.models import Session, SessionLayer
from tests.integration.engine_fixtures import clean, spec
from tests.product import docker as docker_command

pytest_plugins = ["tests.integration.engine_fixtures", "tests.integration.registry_fixtures"]
pytestmark = pytest.mark.django_db(transaction=True)

Layer = Callable[..., Build]
PATH = "/opt/vibenv/toolchain/demo"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    clean(django_settings.INSTALLATION_ID)


@pytest.fixture
def toolchain(layer: Layer) -> Iterator[Callable[[], Build]]:
    """A ready toolchain, with its volume on the engine."""
    made: list[Build] = []

    def make() -> Build:
        build = layer("toolchain", {f"{PATH.lstrip('/')}/bin/demo": b"#!/bin/sh\necho demo\n"}, name="demo", save=True)
        current.engine().ensure_layer(LayerMount(collect.volume_of(build), PATH), build.image)
        made.append(build)
        return build

    yield make
    clean(django_settings.INSTALLATION_ID)
    for build in made:
        current.engine().remove_layer(collect.volume_of(build))


def version(recipe: Recipe, number: int, build: Build) -> LayerVersion:
    return LayerVersion.objects.create(recipe=recipe, number=number, build=build)


def demo(name: str = "demo") -> Recipe:
    return Recipe.objects.create(scope="b", kind="toolchain", name=name)


def session(base_image: str, *layers: LayerMount) -> SessionSpec:
    wanted = spec(base_image, layers=layers)
    current.engine().create(wanted)
    return wanted


def names(items: list[collect.Item]) -> set[str]:
    return {item.name for item in items}


def test_an_old_version_goes_and_the_latest_and_the_pinned_stay(registry: Registry, toolchain) -> None:
    pinned, old, latest = builds = [toolchain() for _ in range(3)]
    recipe = demo()
    versions = [version(recipe, number, build) for number, build in enumerate(builds, 1)]
    stack = Stack.objects.create(scope="b")
    StackLayer.objects.create(stack=stack, recipe=recipe, pinned=versions[0])
    compose.ensure_published(registry, old.image)
    done = collect.run(grace_s=0)
    assert {(item.kind, item.name) for item in done.removed} == {
        ("volume", collect.volume_of(old)),
        ("image", old.image),
        ("registry", old.image),
    }
    assert done.kept == []
    engine = current.engine()
    assert not engine.has_image(old.image)
    assert registry.find(*registries.split(old.image)) is None
    assert collect.volume_of(old) not in engine.list_layers()
    for build in (pinned, latest):
        assert engine.has_image(build.image)
        assert collect.volume_of(build) in engine.list_layers()


def test_a_dry_run_lists_with_sizes_and_removes_nothing(toolchain) -> None:
    build = toolchain()
    first = collect.plan(grace_s=0)
    assert names(first) == {build.image, collect.volume_of(build)}
    assert all(item.why for item in first)
    assert next(item for item in first if item.kind == "image").size_bytes == 20
    assert collect.plan(grace_s=0) == first
    assert current.engine().has_image(build.image)


def test_what_was_built_just_now_stays(toolchain) -> None:
    toolchain()
    assert collect.plan() == []


def test_what_a_sleeping_session_has_stays_until_the_session_goes(toolchain, base_image: str) -> None:
    build = toolchain()
    wanted = session(base_image, LayerMount(collect.volume_of(build), PATH))
    assert collect.run(grace_s=0).removed == []
    current.engine().destroy(wanted.name)
    assert names(collect.run(grace_s=0).removed) == {build.image, collect.volume_of(build)}


def test_a_composed_image_stays_with_its_parts_while_a_session_has_it(
    registry: Registry, layer: Layer, base_image: str
) -> None:
    base = layer("base", {}, save=True)
    project = layer("project", {"workspace/x": b"x"}, save=True)
    image = compose.image_for(base, project)
    wanted = session(image)
    assert project.image not in names(collect.plan(grace_s=0))
    assert image not in names(collect.plan(grace_s=0))
    current.engine().destroy(wanted.name)
    Session.objects.create(name="kept", image=image)
    assert collect.plan(grace_s=0) == []
    Session.objects.all().delete()
    done = collect.run(grace_s=0)
    assert {(item.kind, item.name) for item in done.removed} >= {
        ("image", image),
        ("registry", image),
        ("image", project.image),
        ("registry", project.image),
    }
    assert registry.find(*registries.split(image)) is None
    assert current.engine().has_image(base_image), "it has another name, which nobody gave up"


def test_what_another_installation_built_is_left_alone(registry: Registry, layer: Layer) -> None:
    project = layer("project", {"workspace/x": b"x"})
    image = compose.image_for(layer("base", {}), project)
    assert collect.plan(grace_s=0) == []
    registry.delete("vibenv/stack", compose.ensure_published(registry, image).digest)


def test_what_comes_into_use_meanwhile_stays(toolchain, base_image: str, monkeypatch) -> None:
    build = toolchain()
    planned = collect.plan(grace_s=0)
    session(base_image, LayerMount(collect.volume_of(build), PATH))
    monkeypatch.setattr(collect, "plan", lambda grace_s: planned)
    done = collect.run(grace_s=0)
    assert (collect.volume_of(build), "It came into use.") in [(item.name, why) for item, why in done.kept]
    assert collect.volume_of(build) in current.engine().list_layers()


def test_a_volume_in_use_only_by_a_mount_stays(toolchain, base_image: str) -> None:
    first, swapped, wanted, latest = builds = [toolchain() for _ in range(4)]
    recipe, engine = demo(), current.engine()
    versions = [version(recipe, number, build) for number, build in enumerate(builds, 1)]
    container = session(base_image, LayerMount(collect.volume_of(first), PATH))
    engine.start(container.name)
    engine.swap_layer(container.name, LayerMount(collect.volume_of(swapped), PATH), base_image)
    row = Session.objects.create(name="swapped", image=base_image)
    layer = SessionLayer.objects.create(session=row, recipe=recipe, runs=versions[1], wants=versions[2])
    assert collect.run(grace_s=0).removed == []
    assert engine.exec(container.name, [f"{PATH}/bin/demo"]).stdout == b"demo\n"
    layer.delete()
    engine.destroy(container.name)
    gone = names(collect.run(grace_s=0).removed)
    assert gone == {name for build in (first, swapped, wanted) for name in (build.image, collect.volume_of(build))}
    assert engine.has_image(latest.image)


def test_versions_of_a_deleted_recipe_go(toolchain) -> None:
    build, recipe = toolchain(), demo()
    version(recipe, 1, build)
    assert collect.plan(grace_s=0) == []
    recipe.delete()
    assert names(collect.run(grace_s=0).removed) == {build.image, collect.volume_of(build)}


def test_what_an_export_under_way_is_made_of_stays_until_it_is_made(toolchain) -> None:
    build = toolchain()
    made = Export.objects.create(scope="b", image="vibenv-export/x", layers=[build.pk])
    assert collect.plan(grace_s=0) == []
    Export.objects.filter(pk=made.pk).update(state="ready")  # an image of its own by then
    assert build.image in names(collect.plan(grace_s=0))


def test_images_of_a_sessions_own_files_stay_as_long_as_the_session(registry: Registry, base_image: str) -> None:
    container = session(base_image)
    row = Session.objects.create(name=container.name.removeprefix("vibenv-"), image=base_image)
    frozen = rebase.frozen(row, rebase.tag_of(row, "frozen"))  # as while it is made anew: no row names it
    compose.ensure_published(registry, frozen, compose.written(frozen).published)
    published = compose.written(frozen).published
    assert collect.plan(grace_s=0) == []
    row.delete()
    assert names(collect.run(grace_s=0).removed) == {frozen}
    assert names(collect.run(grace_s=0).removed) == {published}
    assert registry.find(*registries.split(published)) is None


# export -------------------------------------------------------------------------------------------------
@pytest.fixture
def whole(layer: Layer) -> export.Stack:
    profile = {"opt/vibenv/profile/bin/hello": b"#!/bin/sh\necho profile\n"}
    tool = {f"{PATH.lstrip('/')}/bin/demo": b"#!/bin/sh\necho tool\n"}
    return export.Stack(
        base=layer("base", {}),
        project=layer("project", {"workspace/readme": b"project"}),
        toolchains=[layer("toolchain", tool, name="demo")],
        profile=layer("profile", profile, name="mine"),
    )


@pytest.mark.parametrize("with_registry", [True, False], ids=["registry", "engine"])
def test_a_stack_is_exported_as_one_image_that_has_all_of_it(
    whole: export.Stack, with_registry: bool, request: pytest.FixtureRequest
) -> None:
    if with_registry:
        request.getfixturevalue("registry")
    name = f"example/exported-{secrets.token_hex(4)}"
    made = export.export(whole, name)
    try:
        assert made == f"{name}:latest"
        script = "demo; hello; cat /workspace/readme; echo; command -v git; pwd"
        out = docker_command("run", "--rm", "--network=none", made, "sh", "-c", script)
        assert out.split() == ["tool", "profile", "project", "/usr/bin/git", "/workspace"]
    finally:
        current.engine().remove_image(made)


def test_a_name_that_is_none_is_refused(whole: export.Stack) -> None:
    with pytest.raises(InvalidInput, match="small letters"):
        export.export(whole, "Not A Name")


def test_the_launcher_is_published_under_latest_and_its_digest(registry: Registry, layer: Layer) -> None:
    build = layer("project", {"workspace/x": b"x"})
    assert export.publish_launcher(build.image, build.digest) == f"{registry.address}/vibenv/launcher:latest"
    assert sorted(registry.tags("vibenv/launcher")) == sorted(["latest", build.digest[:12]])
    assert registry.find("vibenv/launcher", "latest") == registry.find("vibenv/launcher", build.digest[:12])
