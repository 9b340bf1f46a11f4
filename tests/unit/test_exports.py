"""Exports as rows and answers: who is refused what, and that a killed or failed one is never ready."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards import actions, setup, tokens
from engines.errors import BuildError, InvalidInput, PolicyRejected
from layers import export, exports, library
from layers.models import Build, BuildState, Export, LayerVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """Ids of the exports that workers were told of."""
    told = []
    monkeypatch.setattr(exports, "_announce_work", told.append)
    return told


@pytest.fixture
def board(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner().boards.get()


@pytest.fixture
def ready(board):
    """The board's stack, all of it built."""
    for layer in board.stack.layers.select_related("recipe"):
        kind, name = layer.recipe.kind, layer.recipe.name
        build = Build.objects.create(kind=kind, digest=kind * 8, image=f"vibenv/{kind}-{name}:0", state="ready")
        LayerVersion.objects.create(recipe=layer.recipe, number=1, build=build)
    return board


@pytest.fixture
def client():
    return Client(headers={"authorization": f"Bearer {tokens.issue(setup.owner(), 'test')}"})


def post(client, board, **wanted):
    return client.post(f"/api/v1/boards/{board.pk}/exports", wanted, content_type="application/json")


def test_a_board_is_exported_by_a_worker(ready, client, asked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = post(client, ready, image="app:1")
    assert made.status_code == 202, made.content
    assert (made.json()["image"], made.json()["state"]) == ("vibenv-export/app:1", "building")
    assert asked == [made.json()["id"]]
    assert client.get(f"/api/v1/boards/{ready.pk}/exports").json() == [made.json()]
    assert len(Export.objects.get().layers) == 2


def test_without_a_name_the_board_and_the_moment_make_one(ready, client):
    assert post(client, ready).json()["image"].startswith(f"vibenv-export/{ready.pk}:20")


def test_a_stack_that_is_not_built_is_not_exported(board, client):
    recipe = library.create(board.pk, "toolchain", "x", {"script": "true"}, actor="a")
    failed = Build.objects.create(kind="toolchain", digest="f" * 64, image="i", state="failed", reason="It broke.")
    LayerVersion.objects.create(recipe=recipe, number=1, build=failed)
    board.stack.layers.all().delete()
    board.stack.layers.create(recipe=recipe)
    refused = post(client, board)
    assert refused.status_code == 409
    assert "It broke" in refused.json()["detail"]


@pytest.mark.parametrize("name", ["Not A Name", "a//b", "a:b:c", "../x", "x" * 200, "a:"])
def test_a_name_that_is_none_is_refused(ready, client, name):
    refused = post(client, ready, image=name)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("image:")


@pytest.mark.parametrize("name", ["app", "app:1", "team/app:v1.2-b", "registry.example:5000/app", "a__b/c-d"])
def test_names_of_images_are_taken(name):
    export.check_name(name)


def test_no_image_of_others_can_be_replaced(ready, client):
    assert post(client, ready, image="vibenv/base:123").json()["image"] == "vibenv-export/vibenv/base:123"
    other = actions.create_board("Other", setup.owner())
    for layer, mine in zip(other.stack.layers.all(), ready.stack.layers.all(), strict=True):
        LayerVersion.objects.create(recipe=layer.recipe, number=1, build=mine.recipe.versions.get().build)
    refused = post(client, other, image="vibenv/base:123")
    assert (refused.status_code, "Another board" in refused.json()["detail"]) == (409, True)


def test_a_second_of_one_name_waits_for_the_first(ready, client):
    post(client, ready, image="app")
    assert post(client, ready, image="app:latest").status_code == 409


def test_a_card_of_another_board_is_not_found(ready, client):
    card = actions.create_card(actions.create_board("Other", setup.owner()), setup.owner(), title="x")
    assert post(client, ready, card=card.pk).status_code == 404


def test_a_card_never_started_is_exported_as_its_stack(ready, client):
    card = actions.create_card(ready, setup.owner(), title="x")
    assert post(client, ready, card=card.pk).status_code == 202
    assert Export.objects.get().container == ""


def test_a_failed_one_says_why_and_is_deleted_without_the_engine(ready, client, monkeypatch):
    made = exports.ask(ready.pk, [], name="x")

    def fail(*_):
        raise BuildError("The disk is full.")

    monkeypatch.setattr(exports, "_make", fail)
    exports.run(made.pk)
    made.refresh_from_db()
    assert (made.state, made.reason, made.lease) == ("failed", "The disk is full.", "")
    assert client.delete(f"/api/v1/boards/{ready.pk}/exports/{made.pk}").status_code == 204
    assert not Export.objects.exists()


def test_a_killed_one_is_begun_again_by_the_sweep_and_given_up_in_the_end(ready, asked):
    made = exports.ask(ready.pk, [], name="x")
    for _ in range(exports.MOST_ATTEMPTS):
        assert exports._claim(made.pk)
        assert exports._claim(made.pk) is None  # while its worker lives
        asked.clear()
        exports.sweep()
        assert asked == []
        Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))  # killed
        exports.sweep()
        assert asked == [made.pk]
    exports.run(made.pk)
    made.refresh_from_db()
    assert made.state == BuildState.FAILED
    assert "killed" in made.reason


def test_one_that_is_being_made_is_not_deleted(ready):
    with pytest.raises(PolicyRejected):
        exports.remove(exports.ask(ready.pk, [], name="x"))


def test_a_ready_one_takes_the_place_of_an_earlier_one_of_its_name(ready, monkeypatch):
    monkeypatch.setattr(exports, "_make", lambda _: 7)
    for _ in range(2):
        exports.run(exports.ask(ready.pk, [], name="x").pk)
    made = Export.objects.get()
    assert (made.state, made.size_bytes) == ("ready", 7)


def test_a_bad_name_never_reaches_the_table(ready):
    with pytest.raises(InvalidInput):
        exports.ask(ready.pk, [], name="A B")
    assert not Export.objects.exists()
