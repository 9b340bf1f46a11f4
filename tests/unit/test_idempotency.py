"""A request that is sent again with its `Idempotency-Key` does its work once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from boards import idempotency, setup, tokens
from boards.models import ApiToken, Card, KeptAnswer
from boards.tasks import forget_kept_answers
from engines.errors import InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(tmp_path):
    setup.prepare(tmp_path)
    return setup.owner()


@pytest.fixture
def board(owner):
    return owner.boards.get()


def client_of(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


@pytest.fixture
def client(owner):
    return client_of(owner)


def create(client, board, title="Once", key="k1", **headers):
    return client.post(
        f"/api/v1/boards/{board.pk}/cards",
        {"title": title},
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def test_a_repeat_is_given_the_first_answer_and_changes_nothing(client, board):
    first, again = create(client, board), create(client, board)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert (again["Idempotent-Replayed"], again["Content-Type"]) == ("true", first["Content-Type"])
    assert Card.objects.filter(title="Once").count() == 1


def test_another_key_and_no_key_do_it_anew(client, board):
    create(client, board, key="a")
    create(client, board, key="b")
    client.post(f"/api/v1/boards/{board.pk}/cards", {"title": "Once"}, content_type="application/json")
    assert Card.objects.filter(title="Once").count() == 3


def test_a_key_of_another_request_is_refused(client, board):
    create(client, board)
    answer = create(client, board, title="Other")
    assert answer.status_code == 422
    assert "another request" in answer.json()["detail"]


def test_another_caller_has_keys_of_its_own(client, owner, board):
    create(client, board)
    create(client_of(owner), board)
    assert Card.objects.filter(title="Once").count() == 2


def test_a_refusal_is_an_answer_too(client, board):
    first, again = create(client, board, title=" "), create(client, board, title=" ")
    assert first.status_code == again.status_code == 422
    assert first.json() == again.json()
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"


def test_an_answer_without_a_body_is_kept(client, board):
    card = create(client, board).json()["id"]
    one, two = (client.delete(f"/api/v1/cards/{card}", headers={"Idempotency-Key": "gone"}) for _ in "12")
    assert (one.status_code, two.status_code, two.content) == (202, 202, b"")


def test_a_revoked_token_is_not_told_an_old_answer(client, board):
    create(client, board)
    tokens.revoke(ApiToken.objects.filter(name="test"))
    assert create(client, board).status_code == 401


def test_a_repeat_while_the_first_runs_is_told_to_wait(client, board):
    create(client, board)
    KeptAnswer.objects.update(status=0)
    answer = create(client, board)
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=2))  # its process died
    assert create(client, board).status_code == 201


def test_a_failure_of_ours_is_not_kept(client, board, monkeypatch):
    client.raise_request_exception = False

    def broken(*_args, **_kwargs):
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("boards.actions.create_card", broken)
        assert create(client, board).status_code == 500
    assert create(client, board).status_code == 201


def test_what_is_told_once_is_not_readable_in_what_is_kept(client):
    made = client.post(
        "/api/v1/tokens", {"name": "x"}, content_type="application/json", headers={"Idempotency-Key": "t"}
    ).json()
    kept = bytes(KeptAnswer.objects.get().body)
    assert made["token"].encode() not in kept
    again = client.post(
        "/api/v1/tokens", {"name": "x"}, content_type="application/json", headers={"Idempotency-Key": "t"}
    )
    assert again.json() == made


def test_reading_takes_no_key_and_streams_refuse_it(client, board):
    assert client.get("/api/v1/boards", headers={"Idempotency-Key": "x"}).status_code == 200
    assert KeptAnswer.objects.count() == 0
    assert create(client, board, Accept="application/x-ndjson").status_code == 422
    assert create(client, board, key="").status_code == 422


def test_answers_are_kept_for_a_day(client, board):
    create(client, board)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=23))
    forget_kept_answers()
    assert KeptAnswer.objects.count() == 1
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert create(client, board).headers.get("Idempotent-Replayed") is None
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    forget_kept_answers()
    assert KeptAnswer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_operation_that_waits_goes_on_without_its_caller_and_its_answer_is_kept():
    def asked():
        request = RequestFactory().post("/x", b"{}", content_type="application/json", headers={"Idempotency-Key": "k"})
        idempotency.begin(request, "somebody")
        return request

    async def scenario(request):
        go_on, done = asyncio.Event(), []

        async def run(_request):
            await go_on.wait()
            done.append(True)
            return HttpResponse(b"all of it \xff", content_type="text/plain")

        caller = asyncio.create_task(idempotency.keeps_answers(run)(request))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        assert not done
        go_on.set()
        await asyncio.gather(*idempotency._running)
        assert done

    asyncio.run(scenario(asked()))
    with pytest.raises(idempotency.Kept) as kept:
        asked()
    assert kept.value.answer.content == b"all of it \xff"


def test_an_upload_counts_by_its_length(client, board):
    from django.core.files.uploadedfile import SimpleUploadedFile

    card = create(client, board).json()["id"]

    def upload(data):
        return client.post(
            f"/api/v1/cards/{card}/files",
            {"file": SimpleUploadedFile("a.txt", data)},
            headers={"Idempotency-Key": "u"},
        )

    first, again = upload(b"one"), upload(b"one")
    assert (first.status_code, first.json()) == (201, again.json())
    assert upload(b"longer").status_code == 422


def test_a_key_must_be_printable():
    request = RequestFactory().post("/x", headers={"Idempotency-Key": "a\tb"})
    with pytest.raises(InvalidInput):
        idempotency.begin(request, "somebody")
