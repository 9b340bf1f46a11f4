"""Recipes, versions, uploads, `vibenv.toml` and stacks over HTTP."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards import setup, tokens
from layers import builds, library
from tests.unit.test_library import board, built, no_engine, packed, toolchain

__all__ = ["board", "no_engine"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(board):
    client = Client(headers={"authorization": f"Bearer {tokens.issue(setup.owner(), 'test')}"})

    def call(method, path, given=None):
        answer = getattr(client, method)(f"/api/v1{path}", given, content_type="application/json")
        is_json = answer.content and "json" in answer["Content-Type"]
        return answer.status_code, answer.json() if is_json else answer.content.decode()

    call.client = client
    return call


def test_a_recipe_is_made_built_changed_and_deleted(api, board):
    new = {"kind": "toolchain", "name": "tools", "spec": {"script": "true"}}
    status, made = api("post", f"/boards/{board.pk}/recipes", new)
    assert (status, made["state"], made["newest"]["number"], made["newest"]["why"]) == (201, "building", 1, "new")
    assert api("patch", f"/recipes/{made['id']}", {"spec": {"script": "false"}})[1]["spec"] == {"script": "false"}
    status, answer = api("post", f"/recipes/{made['id']}/build", {"why": "to see"})
    assert (status, answer["version"]["number"], answer["version"]["why"]) == (202, 2, "to see")
    versions = api("get", f"/recipes/{made['id']}/versions?limit=1")[1]
    assert [version["number"] for version in versions] == [2]
    assert api("get", f"/versions/{versions[0]['id']}")[1]["state"] == "building"
    assert api("post", f"/versions/{versions[0]['id']}/cancel")[0] == 202
    assert api("get", f"/versions/{versions[0]['id']}")[1]["state"] == "cancelled"
    assert api("post", f"/versions/{versions[0]['id']}/cancel")[0] == 409
    assert api("delete", f"/recipes/{made['id']}")[0] == 204
    assert api("get", f"/recipes/{made['id']}")[0] == 404


def test_a_recipe_with_git_is_looked_up_before_it_has_a_version(api, board, monkeypatch):
    monkeypatch.setattr("layers.tasks.look_up.apply_async", lambda *_, **__: None)
    spec = {"git": "https://example.org/x.git"}
    _, made = api("post", f"/boards/{board.pk}/recipes", {"kind": "project", "name": "x", "spec": spec})
    assert (made["state"], made["looking_up"], made["newest"]) == ("building", True, None)
    assert api("post", f"/recipes/{made['id']}/build", {}) == (202, {"version": None})
    library.give_up(library.of_scope(board.pk, made["id"]), "git: it is not there.")
    found = api("get", f"/recipes/{made['id']}")[1]
    assert (found["state"], found["looking_up"], found["problem"]) == ("failed", False, "git: it is not there.")


def test_what_is_wrong_is_told_with_its_field(api, board):
    bad = {"kind": "toolchain", "name": "tools", "spec": {"use": "cobol"}}
    status, problem = api("post", f"/boards/{board.pk}/recipes", bad)
    assert (status, problem["detail"]) == (422, "use: takes text such as `python`.")
    toolchain(board)
    status, problem = api("post", f"/boards/{board.pk}/recipes", bad | {"spec": {"use": "go"}})
    assert (status, problem["detail"].split(".")[0]) == (409, "The board has a toolchain called tools already")
    status, problem = api("post", f"/boards/{board.pk}/vibenv-toml", {"text": "[base]\npackages = 5", "apply": True})
    assert (status, problem["detail"].split(" takes")[0]) == (422, "vibenv.toml, line 2: base.packages:")
    status, problem = api("put", f"/boards/{board.pk}/stack", {"layers": []})
    assert (status, problem["detail"]) == (422, "layers: a stack stands on a base. Add one.")


def test_a_log_is_told_from_an_offset(api, board):
    version = built(toolchain(board))
    builds.log_path(version.build).parent.mkdir(parents=True)
    builds.log_path(version.build).write_text("one\ntwo\n")
    part = {"text": "two\n", "offset": 8, "ended": True}
    assert api("get", f"/versions/{version.pk}/log?offset=4") == (200, part)


def test_an_upload_answers_with_what_a_spec_takes(api, board):
    file = SimpleUploadedFile("x.tar.gz", packed(a=b"1").getvalue())
    answer = api.client.post(f"/api/v1/boards/{board.pk}/uploads", {"file": file})
    assert (answer.status_code, answer.json()["files"]) == (201, 1)
    spec = {"files": answer.json()["digest"]}
    assert api("post", f"/boards/{board.pk}/recipes", {"kind": "project", "name": "x", "spec": spec})[0] == 201
    status, problem = api(
        "post", f"/boards/{board.pk}/recipes", {"kind": "project", "name": "y", "spec": {"files": "0" * 64}}
    )
    assert (status, problem["detail"]) == (422, "files: are not here (any more). Upload them again.")
    assert len(api("get", f"/boards/{board.pk}/recipes")[1]) == 3, "what could not be built at once was not made"


def test_a_file_is_told_then_applied_then_read_again(api, board):
    text = '[toolchain.tools]\nscript = "true"\n'
    path = f"/boards/{board.pk}/vibenv-toml"
    change = {"kind": "toolchain", "name": "tools", "change": "new", "recipe": None}
    assert api("post", path, {"text": text}) == (200, [change])
    status, done = api("post", path, {"text": text, "apply": True})
    assert (status, done[0]["change"]) == (200, "new")
    assert text in api("get", path)[1]
    in_stack = [layer["recipe"] for layer in api("get", f"/boards/{board.pk}/stack")[1]["layers"]]
    assert done[0]["recipe"] in in_stack


def test_lists_take_the_same_queries_however_many_recipes_there_are(api, board):
    paths = [f"/boards/{board.pk}", f"/boards/{board.pk}/recipes"]

    def queries():
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert api("get", path)[0] == 200
            counts.append(len(seen))
        return counts

    built(toolchain(board))
    queries()  # the first call of a token also notes that it is used
    few = queries()
    for number in range(8):
        built(toolchain(board, f"echo {number}", f"t{number}"))
    assert queries() == few
