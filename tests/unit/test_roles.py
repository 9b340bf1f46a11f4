"""Who may use which path of the API: each tried by nobody, an outsider, and members whose role is too small."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards import actions, labels, links, members, questions, setup, tokens, verbs
from boards.access import Role
from boards.api import api
from layers.models import Build, LayerVersion
from sessions.models import Recording, Snapshot, Terminal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_this_thread")]

ANYBODY = None  # who is logged in, member or not
NEEDS = {
    "GET /boards": ANYBODY,
    "POST /boards": ANYBODY,
    "GET /sessions": ANYBODY,  # of the boards that one is a member of
    "GET /boards/{board_id}": Role.VIEWER,
    "PATCH /boards/{board_id}": Role.EDITOR,
    "DELETE /boards/{board_id}": Role.OWNER,
    "GET /boards/{board_id}/archive": Role.VIEWER,
    "GET /boards/{board_id}/events": Role.VIEWER,
    "GET /cards/{card_id}/events": Role.VIEWER,
    "GET /versions/{version_id}/events": Role.VIEWER,
    "GET /boards/{board_id}/cards": Role.VIEWER,
    "POST /boards/{board_id}/cards": Role.EDITOR,
    "POST /boards/{board_id}/cards/archive": Role.EDITOR,
    "POST /boards/{board_id}/cards/delete": Role.EDITOR,
    "POST /boards/{board_id}/cards/edit": Role.EDITOR,
    "POST /boards/{board_id}/cards/move": Role.EDITOR,
    "POST /boards/{board_id}/cards/restore": Role.EDITOR,
    "POST /boards/{board_id}/columns": Role.EDITOR,
    "GET /boards/{board_id}/invites": Role.OWNER,
    "POST /boards/{board_id}/invites": Role.OWNER,
    "DELETE /boards/{board_id}/invites/{invite_id}": Role.OWNER,
    "GET /boards/{board_id}/members": Role.VIEWER,
    "PATCH /boards/{board_id}/members/{user_id}": Role.OWNER,
    "DELETE /boards/{board_id}/members/{user_id}": Role.OWNER,  # of another; oneself may always leave
    "GET /cards/{card_id}": Role.VIEWER,
    "PATCH /cards/{card_id}": Role.EDITOR,
    "DELETE /cards/{card_id}": Role.EDITOR,
    "POST /cards/{card_id}/archive": Role.EDITOR,
    "POST /cards/{card_id}/copy": Role.EDITOR,
    "POST /cards/{card_id}/extend": Role.EDITOR,
    "PATCH /cards/{card_id}/rules": Role.EDITOR,
    "GET /boards/{board_id}/rules": Role.VIEWER,
    "PATCH /boards/{board_id}/rules": Role.EDITOR,
    "GET /boards/{board_id}/recording": Role.VIEWER,
    "PATCH /boards/{board_id}/recording": Role.OWNER,
    "GET /cards/{card_id}/recordings": Role.VIEWER,
    "GET /cards/{card_id}/recordings/search": Role.VIEWER,
    "GET /recordings/{recording_id}": Role.VIEWER,
    "GET /recordings/{recording_id}/cast": Role.VIEWER,
    "DELETE /recordings/{recording_id}": Role.EDITOR,
    "GET /cards/{card_id}/description": Role.VIEWER,
    "GET /cards/{card_id}/links": Role.EDITOR,
    "POST /cards/{card_id}/links": Role.EDITOR,
    "DELETE /cards/{card_id}/links/{link_id}": Role.EDITOR,
    "GET /cards/{card_id}/log": Role.VIEWER,
    "POST /cards/{card_id}/move": Role.EDITOR,
    "POST /cards/{card_id}/restore": Role.EDITOR,
    "POST /cards/{card_id}/start": Role.EDITOR,
    "POST /cards/{card_id}/sleep": Role.EDITOR,
    "GET /boards/{board_id}/secrets": Role.EDITOR,
    "PUT /boards/{board_id}/secrets/{name}": Role.OWNER,
    "DELETE /boards/{board_id}/secrets/{name}": Role.OWNER,
    "GET /cards/{card_id}/secrets": Role.EDITOR,
    "PUT /cards/{card_id}/secrets/{name}": Role.EDITOR,
    "DELETE /cards/{card_id}/secrets/{name}": Role.EDITOR,
    "GET /cards/{card_id}/terminals": Role.VIEWER,
    "POST /cards/{card_id}/terminals": Role.EDITOR,
    "PATCH /cards/{card_id}/terminals/{number}": Role.EDITOR,
    "DELETE /cards/{card_id}/terminals/{number}": Role.EDITOR,
    "GET /cards/{card_id}/snapshots": Role.VIEWER,
    "POST /cards/{card_id}/snapshots": Role.EDITOR,
    "PATCH /snapshots/{snapshot_id}": Role.EDITOR,
    "DELETE /snapshots/{snapshot_id}": Role.EDITOR,
    "POST /snapshots/{snapshot_id}/restore": Role.EDITOR,
    "POST /cards/{card_id}/fork": Role.EDITOR,
    "GET /cards/{card_id}/lineage": Role.VIEWER,
    "GET /cards/{card_id}/history": Role.VIEWER,
    "POST /cards/{card_id}/exec": Role.EDITOR,
    "POST /cards/{card_id}/run": Role.EDITOR,
    "POST /cards/{card_id}/type": Role.EDITOR,
    "POST /cards/{card_id}/wait": Role.VIEWER,
    "GET /cards/{card_id}/screen": Role.VIEWER,
    "GET /cards/{card_id}/file": Role.VIEWER,
    "PUT /cards/{card_id}/file": Role.EDITOR,
    "GET /cards/{card_id}/dir": Role.VIEWER,
    "POST /cards/{card_id}/patch": Role.EDITOR,
    "GET /cards/{card_id}/diff": Role.VIEWER,
    "GET /cards/{card_id}/tar": Role.VIEWER,
    "PUT /cards/{card_id}/tar": Role.EDITOR,
    "PATCH /columns/{column_id}": Role.EDITOR,
    "DELETE /columns/{column_id}": Role.EDITOR,
    "POST /columns/{column_id}/move": Role.EDITOR,
    "POST /boards/{board_id}/markdown": Role.VIEWER,
    "POST /boards/{board_id}/labels": Role.EDITOR,
    "PATCH /labels/{label_id}": Role.EDITOR,
    "DELETE /labels/{label_id}": Role.EDITOR,
    "GET /boards/{board_id}/recipes": Role.VIEWER,
    "POST /boards/{board_id}/recipes": Role.EDITOR,
    "GET /boards/{board_id}/recipes/catalogue": Role.VIEWER,
    "GET /recipes/{recipe_id}": Role.VIEWER,
    "PATCH /recipes/{recipe_id}": Role.EDITOR,
    "DELETE /recipes/{recipe_id}": Role.EDITOR,
    "POST /recipes/{recipe_id}/build": Role.EDITOR,
    "GET /recipes/{recipe_id}/versions": Role.VIEWER,
    "GET /versions/{version_id}": Role.VIEWER,
    "GET /versions/{version_id}/log": Role.VIEWER,
    "POST /versions/{version_id}/cancel": Role.EDITOR,
    "GET /versions/{version_id}/diff/{other_id}": Role.VIEWER,
    "POST /boards/{board_id}/uploads": Role.EDITOR,
    "GET /boards/{board_id}/vibenv-toml": Role.VIEWER,
    "POST /boards/{board_id}/vibenv-toml": Role.EDITOR,
    "GET /boards/{board_id}/stack": Role.VIEWER,
    "PUT /boards/{board_id}/stack": Role.EDITOR,
    "GET /boards/{board_id}/exports": Role.VIEWER,
    "POST /boards/{board_id}/exports": Role.EDITOR,
    "DELETE /boards/{board_id}/exports/{export_id}": Role.EDITOR,
    "GET /cards/{card_id}/stack": Role.VIEWER,
    "PUT /cards/{card_id}/stack": Role.EDITOR,
    "DELETE /cards/{card_id}/stack": Role.EDITOR,
    "POST /boards/{board_id}/layers/update": Role.EDITOR,
    "POST /cards/{card_id}/layers": Role.EDITOR,
    "POST /cards/{card_id}/layers/update": Role.EDITOR,
    "DELETE /cards/{card_id}/layers/{recipe_id}": Role.EDITOR,
    "POST /cards/{card_id}/restart": Role.EDITOR,
    "GET /cards/{card_id}/comments": Role.VIEWER,
    "POST /cards/{card_id}/comments": Role.EDITOR,
    "POST /cards/{card_id}/comments/seen": Role.VIEWER,
    "PATCH /cards/{card_id}/comments/{comment_id}": Role.EDITOR,
    "DELETE /cards/{card_id}/comments/{comment_id}": Role.EDITOR,
    "GET /agent-templates": ANYBODY,
    "PUT /cards/{card_id}/agent": Role.EDITOR,
    "POST /cards/{card_id}/agent/start": Role.EDITOR,
    "POST /cards/{card_id}/agent/stop": Role.EDITOR,
    "POST /cards/{card_id}/agent/pause": Role.EDITOR,
    "POST /cards/{card_id}/agent/resume": Role.EDITOR,
    "GET /cards/{card_id}/questions": Role.VIEWER,
    "POST /cards/{card_id}/questions": Role.EDITOR,
    "GET /questions/{question_id}": Role.VIEWER,
    "POST /questions/{question_id}/answer": Role.EDITOR,
    "DELETE /questions/{question_id}": Role.EDITOR,
    "GET /cards/{card_id}/files": Role.VIEWER,
    "POST /cards/{card_id}/files": Role.EDITOR,
    "GET /cards/{card_id}/files/{file_id}": Role.VIEWER,
    "DELETE /cards/{card_id}/files/{file_id}": Role.EDITOR,
    "GET /me": ANYBODY,
    "PATCH /me": ANYBODY,
    "POST /me/password": ANYBODY,
    "GET /me/logins": ANYBODY,
    "GET /me/mentions": ANYBODY,
    "DELETE /me/logins": ANYBODY,
    "DELETE /me/logins/{login_id}": ANYBODY,
    "POST /device": ANYBODY,
    "POST /device/token": ANYBODY,
    "GET /tokens": ANYBODY,
    "POST /tokens": ANYBODY,
    "DELETE /tokens/{token_id}": ANYBODY,
}
DOCUMENT = api.get_openapi_schema()
PREFIX = "/api/v1"
EVERYTHING = {
    f"{method.upper()} {path.removeprefix(PREFIX)}": what
    for path, methods in DOCUMENT["paths"].items()
    for method, what in methods.items()
}
OF_MEMBERS = sorted(name for name, need in NEEDS.items() if need is not ANYBODY and name in EVERYTHING)
SAMPLES = {"string": "x", "integer": 1, "number": 1.0, "boolean": True, "array": [], "object": {}, "null": None}


def sample(schema):
    """Something that the schema takes, so that nobody is refused for the body before they are for who they are."""
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0])
    if schema.get("format") == "date":
        return "2026-11-25"
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {name: sample(each) for name, each in schema["properties"].items()}
    return SAMPLES[schema.get("type", "string")]


class Place:
    """A board with a card, and the ids that stand in the paths; those of other things name nothing."""

    def __init__(self, tmp_path):
        setup.prepare(tmp_path)
        self.owner = setup.owner()
        self.board = self.owner.boards.get()
        self.card = actions.create_card(self.board, self.owner, title="Here")
        self.ids = {"board_id": self.board.pk, "card_id": self.card.pk, "column_id": self.card.column_id}
        self.ids["user_id"] = str(self.owner.pk)
        recipe = self.board.stack.layers.get(recipe__kind="profile").recipe
        built = Build.objects.create(kind="profile", digest="0" * 64, image="vibenv/profile-default:0", state="ready")
        version = LayerVersion.objects.create(recipe=recipe, number=1, build=built)
        self.ids |= {"recipe_id": str(recipe.pk), "version_id": str(version.pk), "other_id": str(version.pk)}
        self.ids["export_id"] = "1"
        terminal = Terminal.objects.create(session=self.card.session, number=1, name="Logs", created_by="owner")
        self.ids["number"] = str(terminal.number)
        taken = Snapshot.objects.create(session=self.card.session, kind="asked", author="owner", state="failed")
        self.ids["snapshot_id"] = taken.pk
        self.ids["question_id"] = questions.ask(self.card, "Which one?", asked_by="an agent").pk
        self.ids["recording_id"] = Recording.objects.create(session=self.card.session).pk
        self.ids["label_id"] = labels.create(self.board, name="Bug").pk

    def member(self, role):
        user = User.objects.create_user(f"a-{role}")
        members.add(self.board, user, role)
        return bearer(user)

    def answer(self, client, name):
        method, path = name.split(" ")
        for part, value in self.ids.items():
            path = path.replace("{" + part + "}", value)
        path = PREFIX + path.replace("{", "no-").replace("}", "")
        wanted = [p for p in EVERYTHING[name].get("parameters", []) if p["in"] == "query" and p.get("required")]
        path += "?" + urlencode({p["name"]: sample(p["schema"]) for p in wanted}) if wanted else ""
        content = EVERYTHING[name].get("requestBody", {}).get("content", {})
        if "multipart/form-data" in content:
            fields = sample(content["multipart/form-data"]["schema"])
            return client.post(path, {field: SimpleUploadedFile("a.txt", b"a") for field in fields})
        body = json.dumps(sample(content["application/json"]["schema"])) if content else ""
        return client.generic(method, path, body, content_type="application/json")


def bearer(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_every_path_has_said_who_may_use_it():
    assert set(EVERYTHING) == set(NEEDS), "say in NEEDS which role the path wants"


@pytest.mark.parametrize("name", OF_MEMBERS)
def test_an_outsider_finds_nothing(place, name):
    assert place.answer(bearer(User.objects.create_user("charlie")), name).status_code == 404


@pytest.mark.parametrize("name", [name for name in OF_MEMBERS if NEEDS[name] != Role.VIEWER])
def test_a_viewer_is_refused_what_needs_more(place, name):
    answer = place.answer(place.member(Role.VIEWER), name)
    assert answer.status_code == 403, answer.content
    assert "owner" in answer.json()["detail"]


@pytest.mark.parametrize("name", [name for name in OF_MEMBERS if NEEDS[name] == Role.OWNER])
def test_an_editor_is_refused_what_owners_decide(place, name):
    assert place.answer(place.member(Role.EDITOR), name).status_code == 403


@pytest.mark.parametrize("name", [name for name in OF_MEMBERS if NEEDS[name] != Role.OWNER])
def test_a_member_with_the_role_is_let_through(place, name):
    assert place.answer(place.member(NEEDS[name]), name).status_code not in {401, 403}


def test_nobody_and_guests_have_no_api_at_all(place):
    _, secret = links.create(place.card, place.owner, role="type", expires_in_s=60)
    guest = Client()
    guest.post(f"/s/{secret}", {"name": "Guest"})
    for name in set(EVERYTHING) - verbs.WITHOUT_A_CALLER:
        assert place.answer(Client(), name).status_code == 401, name
        assert place.answer(guest, name).status_code == 401, name


def test_an_outsider_sees_none_of_the_boards(place):
    assert bearer(User.objects.create_user("charlie")).get("/api/v1/boards").json() == []
