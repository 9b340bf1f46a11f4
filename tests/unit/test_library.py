"""Recipes as people use them: written, numbered as they are built, put into stacks, and read from a file."""

from __future__ import annotations

import io
import secrets
import tarfile
import zipfile

import pytest

from boards import actions, card_stacks, setup, stack_file
from boards.layer_present import layers_json, recipes_json, versions_json
from boards.layer_schemas import StackLayerOut
from engines.errors import InvalidInput, PolicyRejected
from layers import (
    base,
    builder,
    builds,
    collect,
    differences,
    library,
    logs,
    lookup,
    plans,
    readymade,
    specs,
    stacks,
    uploads,
)
from layers.commits import Commit
from layers.listings import File
from layers.models import Build, BuildState, Kind, LayerVersion, Recipe, Stack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_engine(monkeypatch, settings, tmp_path):
    """Whether the engine has an image is what the row says: these tests are about rows."""
    settings.DATA_DIR = tmp_path
    ready = base.BaseState("ready", builder.target().image, "", tmp_path / "log")
    monkeypatch.setattr(base, "resolve", lambda: ready)
    monkeypatch.setattr(builds, "size_of", lambda _: 5)
    monkeypatch.setattr(builds, "_is_there", lambda build: build.state == BuildState.READY)


@pytest.fixture
def board(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner().boards.select_related("stack").get()


def toolchain(board, script="true", name="tools"):
    return library.create(board.pk, "toolchain", name, {"script": script}, actor="me")


def built(recipe, **how):
    """Asked for, and ended as a worker would."""
    version = library.build(recipe, asked_by="me", **how)
    Build.objects.filter(pk=version.build_id).update(state=BuildState.READY)
    return LayerVersion.objects.select_related("build", "recipe").get(pk=version.pk)


# recipes and versions ------------------------------------------------------------------------------------
def test_a_board_begins_with_the_settings_base_and_the_default_profile(board):
    assert [(each["kind"], each["name"], each["in_stack"]) for each in recipes_json(board)] == [
        ("profile", "default", True),
        ("base", "debian", True),
    ]
    for layer in stacks.layers_of(board.stack):
        built(layer.recipe)
    assert stacks.standing(board.stack).state == "ready"


def test_versions_are_numbered_and_an_unchanged_recipe_is_the_same_version(board):
    recipe = toolchain(board)
    first = built(recipe, why="to begin with")
    assert (first.number, first.asked_by, first.why) == (1, "me", "to begin with")
    assert library.build(recipe, asked_by="you").pk == first.pk
    second = built(library.edit(recipe, spec={"script": "false"}))
    assert (second.number, second.spec) == (2, {"script": "false"})
    assert built(recipe, fresh=True).number == 3
    assert library.latest(recipe).number == 3
    assert [each["number"] for each in versions_json(recipe, before=3)] == [2, 1]


def test_two_recipes_of_one_content_share_a_build_and_the_name_of_a_toolchain_is_content(board):
    other = actions.create_board("Another", setup.owner())
    one, two = toolchain(board), toolchain(other)
    assert built(one).build_id == built(two).build_id
    assert built(toolchain(board, name="others")).build_id != built(one).build_id


def test_a_recipe_that_failed_counts_with_its_newest_ready_version(board):
    recipe = toolchain(board)
    built(recipe)
    failed = library.build(library.edit(recipe, spec={"script": "exit 1"}), asked_by="me")
    Build.objects.filter(pk=failed.build_id).update(state=BuildState.FAILED, reason="It failed.")
    assert library.latest(recipe).number == 1
    known = {each["id"]: each for each in layers_json(board)["recipes"]}[recipe.pk]
    assert (known["latest"], known["state"]) == (1, "failed")


def test_a_stack_waits_for_what_was_never_built_and_fails_with_what_failed(board):
    for layer in stacks.layers_of(board.stack):
        built(layer.recipe)
    recipe = toolchain(board)
    stacks.put(board.stack, layers=[*((layer.recipe, None) for layer in stacks.layers_of(board.stack)), (recipe, None)])
    waiting = stacks.standing(board.stack)
    assert (waiting.state, waiting.detail) == ("building", "Building the toolchain tools: waiting for a worker")
    Build.objects.filter(versions__recipe=recipe).update(state=BuildState.FAILED, reason="The script failed.")
    failed = stacks.standing(board.stack)
    assert (failed.state, failed.detail) == ("failed", "The toolchain tools could not be built: The script failed.")


@pytest.mark.parametrize(
    ("kind", "name", "spec", "said"),
    [
        ("toolchain", "Tools", {"script": "true"}, "name: takes"),
        ("toolchain", "tools", {"script": "true", "use": "go"}, "use: names"),
        ("sdk", "tools", {}, "kind: is one of"),
        ("project", "p", {"git": "ext::sh -c id"}, "git: takes"),
        ("project", "p", {"git": "file:///etc"}, "git: takes"),
        ("project", "p", {"git": "https://example.org/x", "ref": "--upload-pack=x"}, "ref: takes"),
        ("base", "b", {"packages": ["-o=x"]}, "packages: takes"),
    ],
)
def test_what_cannot_be_a_recipe_is_refused_with_its_field(board, kind, name, spec, said):
    with pytest.raises(InvalidInput) as raised:
        library.create(board.pk, kind, name, spec, actor="me")
    assert str(raised.value).startswith(said)


def test_names_are_one_of_a_kind_and_a_built_toolchain_keeps_its_own(board):
    recipe = toolchain(board)
    with pytest.raises(PolicyRejected, match="called tools already"):
        toolchain(board)
    built(recipe)
    with pytest.raises(PolicyRejected, match="is the directory"):
        library.edit(recipe, name="others")


def test_a_recipe_in_use_is_not_deleted(board):
    recipe = toolchain(board)
    stacks.put(board.stack, layers=[*((layer.recipe, None) for layer in stacks.layers_of(board.stack)), (recipe, None)])
    with pytest.raises(PolicyRejected, match="A stack uses it"):
        library.delete(recipe)
    stacks.put(
        board.stack, layers=[(layer.recipe, None) for layer in stacks.layers_of(board.stack) if layer.recipe != recipe]
    )
    version = built(recipe)
    session = actions.create_card(board, setup.owner(), title="Runs it").session
    session.layers.create(recipe=recipe, runs=version, wants=version)
    with pytest.raises(PolicyRejected, match="A session runs it"):
        library.delete(recipe)
    session.layers.all().delete()
    library.delete(recipe)
    assert not LayerVersion.objects.filter(pk=version.pk).exists()


# stacks -------------------------------------------------------------------------------------------------
def test_a_stack_has_one_base_and_no_two_layers_for_one_directory(board):
    base_recipe, profile = (layer.recipe for layer in stacks.layers_of(board.stack))
    other = library.create(board.pk, "profile", "mine", {"git": "https://example.org/dots"}, actor="me")
    with pytest.raises(InvalidInput, match="one profile, since two would want one directory"):
        stacks.put(board.stack, layers=[(base_recipe, None), (profile, None), (other, None)])
    with pytest.raises(InvalidInput, match="stands on a base"):
        stacks.put(board.stack, layers=[(profile, None)])
    with pytest.raises(InvalidInput, match="policy: is one of manual"):
        stacks.put(board.stack, policy="now")
    foreign = toolchain(actions.create_board("Another", setup.owner()))
    with pytest.raises(InvalidInput, match="another board's"):
        stacks.put(board.stack, layers=[(base_recipe, None), (foreign, None)])
    assert len(stacks.layers_of(board.stack)) == 2


def test_a_pinned_version_stays_while_newer_ones_come(board):
    recipe = toolchain(board)
    built(recipe)
    layers = [StackLayerOut(recipe=layer.recipe_id) for layer in stacks.layers_of(board.stack)]
    card_stacks.put(board, None, card_stacks.named(board, [*layers, StackLayerOut(recipe=recipe.pk, pinned=1)]))
    built(recipe, fresh=True)
    for layer in stacks.layers_of(board.stack):
        if layer.recipe != recipe:
            built(layer.recipe)
    numbers = {version.recipe_id: version.number for version in stacks.standing(board.stack).versions}
    assert numbers[recipe.pk] == 1
    with pytest.raises(InvalidInput, match="has no version 9"):
        card_stacks.named(board, [StackLayerOut(recipe=recipe.pk, pinned=9)])


def test_a_card_has_the_boards_stack_until_it_is_given_its_own(board):
    card = actions.create_card(board, setup.owner(), title="One")
    assert card.session.stack_id == board.stack_id
    card = card_stacks.put_own(card, Stack.Policy.MANUAL, None)
    assert (card.session.stack.policy, board.stack.policy) == ("manual", "at_start")
    assert card_stacks.card_stack_json(card)["own"]
    own = card.session.stack_id
    card = card_stacks.drop_own(card)
    assert card.session.stack_id == board.stack_id
    assert not Stack.objects.filter(pk=own).exists()


def test_a_deleted_board_takes_its_recipes_along(board):
    other = actions.create_board("Another", setup.owner())
    actions.delete_board(other, setup.owner())
    assert not Recipe.objects.filter(scope=other.pk).exists()
    assert not Stack.objects.filter(scope=other.pk).exists()


# vibenv.toml --------------------------------------------------------------------------------------------
def test_a_file_makes_the_stack_and_is_written_as_it_was_read(board):
    text = "[toolchain.tools]\nscript = '''\nmkdir $PREFIX/bin\necho \"hi\" \\\n'''\n\n[base]\npackages = [\"jq\"]\n"
    assert [change["change"] for change in stack_file.changes(board, text)] == ["changed", "new"]
    stack_file.apply(board, text, setup.owner())
    kinds = [layer.recipe.kind for layer in stacks.layers_of(board.stack)]
    assert kinds == [Kind.BASE, Kind.TOOLCHAIN, Kind.PROFILE]
    assert [change["change"] for change in stack_file.changes(board, stack_file.written(board))] == ["same"] * 3
    assert [change["change"] for change in stack_file.changes(board, text)] == ["same", "same"]


# plans --------------------------------------------------------------------------------------------------
def request_of(kind, spec, **more):
    return plans.plan(Kind(kind), "it", specs.parse(kind, spec), **more)


def test_only_what_decides_a_layer_is_in_its_digest(settings):
    settings.PACKAGE_REGISTRIES = {}
    first = request_of("toolchain", {"script": "true"})
    settings.PACKAGE_REGISTRIES = {"NPM_CONFIG_REGISTRY": "https://npm.example.org"}
    assert request_of("toolchain", {"script": "true", "timeout_s": 5}).digest == first.digest
    assert request_of("toolchain", {"script": "true"}).environment == settings.PACKAGE_REGISTRIES
    others = [{"script": "false"}, {"script": "true", "network": False}, {"use": "go"}]
    digests = {request_of("toolchain", spec).digest for spec in others}
    digests.add(request_of("toolchain", {"script": "true"}, fresh="x").digest)
    assert len({*digests, first.digest}) == 5


def test_a_git_source_is_what_its_commit_is():
    spec = {"git": "https://example.org/a$(b).git", "ref": "main", "setup": "npm ci"}
    one = request_of("project", spec, commit=Commit("1" * 40, "main"))
    two = request_of("project", spec, commit=Commit("2" * 40, "main"))
    assert one.digest != two.digest
    assert "'https://example.org/a$(b).git'" in one.script
    assert one.script.index("checkout") < one.script.index("npm ci")
    assert (one.prefix, one.image) == ("/workspace", f"vibenv/project-it:{one.digest[:12]}")


@pytest.mark.parametrize("ready", readymade.CATALOGUE, ids=lambda ready: ready.name)
def test_every_recipe_of_the_catalogue_can_be_made(board, ready):
    recipe, _ = Recipe.objects.get_or_create(
        scope=board.pk,
        kind=ready.kind,
        name=ready.name,
        defaults={"spec": specs.plain(specs.parse(ready.kind, ready.spec))},
    )
    assert library.build(recipe, asked_by="me").number == 1


# a git reference ----------------------------------------------------------------------------------------
ANSWER = f"""ref: refs/heads/trunk\tHEAD
{"a" * 40}\tHEAD
{"b" * 40}\trefs/heads/main
{"c" * 40}\trefs/tags/v1
{"d" * 40}\trefs/tags/v1^{{}}
"""


def test_a_reference_is_a_branch_a_tag_or_the_usual_branch():
    assert lookup.read(ANSWER, "x", "main") == Commit("b" * 40, "main")
    assert lookup.read(ANSWER, "x", "v1") == Commit("d" * 40)
    assert lookup.read(ANSWER, "x", "") == Commit("a" * 40, "trunk")
    assert lookup.look_up("x", "e" * 40) == Commit("e" * 40)


# uploads ------------------------------------------------------------------------------------------------
def packed(**files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "/"))
            member.size, member.mtime = len(content), 7
            tar.addfile(member, io.BytesIO(content))
    buffer.seek(0)
    return buffer


def test_an_upload_is_known_by_its_content_however_it_was_packed():
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("b/c", b"2")
        archive.writestr("a", b"1")
    kept = uploads.keep(packed(a=b"1", b__c=b"2"))
    assert uploads.keep(zipped).digest == kept.digest
    assert (kept.files, kept.size_bytes) == (2, 2)
    assert uploads.path_of(kept.digest).stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInput, match="Upload them again"):
        uploads.path_of("0" * 64)


def test_what_unpacks_to_more_than_may_be_kept_is_refused_before_it_fills_the_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    with pytest.raises(InvalidInput, match="take at most"):
        uploads.keep(packed(a=bytes(50_000_000)))
    with pytest.raises(InvalidInput, match="take at most"):
        uploads.keep(packed(a=b"", b=b""))
    broken = bytearray(packed(a=secrets.token_bytes(900)).getvalue())
    broken[40:60] = bytes(20)
    with pytest.raises(InvalidInput, match="could not be unpacked"):
        uploads.keep(io.BytesIO(broken))
    assert not list((tmp_path / "uploads").iterdir())


def test_an_upload_is_collected_when_no_recipe_and_no_version_names_it(board):
    kept, other = uploads.keep(packed(a=b"1")).digest, uploads.keep(packed(a=b"2")).digest
    recipe = library.create(board.pk, "project", "p", {"files": kept}, actor="me")
    assert [item.name for item in collect._uploads(grace_s=-1)] == [other]
    assert list(collect._uploads(grace_s=60)) == []
    assert collect._remove_upload(kept) == "It came into use."
    built(recipe)
    library.edit(recipe, spec={"files": other})
    assert list(collect._uploads(grace_s=-1)) == [], "an older version can be built again"
    library.delete(recipe)
    assert collect._remove_upload(other) == ""
    assert list(uploads.kept()) == [kept]


def link(name, target):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.SYMTYPE, target
        tar.addfile(member)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (packed(**{"..__etc": b""}), "outside"),
        (packed(**{"__etc": b""}), "outside"),
        (link("a/b", "../../etc"), "points out"),
        (link("a", "/etc/passwd"), "points out"),
        (io.BytesIO(b"no archive"), "could not be unpacked"),
        (packed(), "are none"),
    ],
)
def test_an_upload_that_reaches_out_or_is_none_is_refused(file, said, tmp_path):
    with pytest.raises(InvalidInput, match=said):
        uploads.keep(file)
    assert not list((tmp_path / "uploads").iterdir())


def test_a_link_within_the_folder_is_fine():
    assert uploads.keep(link("a/b", "../c")).files == 1


# what changed, and logs ---------------------------------------------------------------------------------
def test_files_that_differ_are_told_largest_first_and_folders_are_not():
    was = {
        "/a": File("file", 1, "x"),
        "/b": File("file", 9, "y"),
        "/d": File("dir", 0, "755"),
        "/same": File("file", 1, "s"),
    }
    now = {
        "/a": File("file", 2, "z"),
        "/c": File("link", 0, "a"),
        "/d": File("dir", 0, "700"),
        "/same": File("file", 1, "s"),
    }
    found = differences.compared(was, now)
    assert (found["added"], found["removed"], found["changed"]) == (1, 1, 1)
    assert [(each["path"], each["change"]) for each in found["entries"]] == [
        *(("/b", "removed"), ("/a", "changed"), ("/c", "added"))
    ]


def test_versions_of_two_recipes_are_not_compared(board):
    with pytest.raises(InvalidInput, match="different recipes"):
        differences.between(built(toolchain(board)), built(toolchain(board, name="others")))


def test_a_log_is_read_in_parts_that_join(board, monkeypatch):
    version = built(toolchain(board))
    path = builds.log_path(version.build)
    path.parent.mkdir(parents=True)
    text = "".join(f"line {number} ✓\n" for number in range(5000))
    path.write_text(text)
    monkeypatch.setattr(logs, "PART_BYTES", 1000)
    offset, found = 0, ""
    while not (part := logs.part(version.build, offset))["ended"]:
        found, offset = found + part["text"], part["offset"]
    assert found + part["text"] == text
