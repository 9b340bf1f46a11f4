"""Files on cards: what is taken, under which name, who may have it, and that nothing of it stays behind."""

import os
import stat
import time
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards import actions, attachments, tokens
from boards.models import Member
from engines.errors import InvalidInput, PolicyRejected
from sessions import files, lifecycle
from sessions.models import Session, SessionFile

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def owner():
    return User.objects.create_user("olga")


@pytest.fixture
def card(owner):
    return actions.create_card(actions.create_board("Work", owner), owner, title="Fix login")


def client_of(user):
    return Client(headers={"authorization": f"Bearer {tokens.issue(user, 'test')}"})


@pytest.fixture
def api(owner):
    return client_of(owner)


def attach(card, name="notes.txt", content=b"hello"):
    user = User.objects.get(username="olga")
    return attachments.attach(card, user, name, len(content), [content])


def body(answer):
    async def read():
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(read)()


def on_disk(data_dir):
    return [path for path in Path(data_dir, "files").rglob("*") if path.is_file()]


def test_a_file_is_kept_privately_and_counted(card, data_dir):
    file = attach(card)
    path = Path(data_dir, "files", card.session_id, file.pk)
    assert path.read_bytes() == b"hello"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    card.refresh_from_db()
    assert card.file_count == 1


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\nb", "a\x00b", "x" * 121, "é" * 121, "\u202egpj.exe"])
def test_a_bad_name_is_refused(card, name, data_dir):
    with pytest.raises(InvalidInput, match="name"):
        attach(card, name)
    assert not Path(data_dir, "files").exists()


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.html", "-rf", "a b.txt", "Bild 1\u202fPM.png", "日本.txt"]
)
def test_an_odd_name_is_just_a_name(card, name):
    assert attach(card, name).name == name


def test_a_name_that_is_taken_gets_a_number(card):
    assert [attach(card, "a.tar.gz").name for _ in range(3)] == ["a.tar.gz", "a.tar (2).gz", "a.tar (3).gz"]
    assert [attach(card, ".env").name for _ in range(2)] == [".env", ".env (2)"]
    assert len([attach(card, "ü" * 116 + ".txt").name for _ in range(2)][1].encode()) <= 240


def test_too_large_a_file_and_too_many_are_refused_with_the_reason(card, monkeypatch, data_dir):
    with pytest.raises(InvalidInput, match="50 MiB"):
        attachments.attach(card, card.created_by, "big", files.LARGEST_BYTES + 1, [])
    monkeypatch.setattr(files, "LARGEST_BYTES", 10)
    with pytest.raises(InvalidInput, match="larger than"):
        attachments.attach(card, card.created_by, "liar", 5, [b"x" * 6, b"x" * 6])
    monkeypatch.setattr(files, "LARGEST_SUM_BYTES", 12)
    attach(card, "a", b"x" * 8)
    with pytest.raises(PolicyRejected, match="Delete a file first"):
        attach(card, "b", b"x" * 8)
    assert len(on_disk(data_dir)) == 1


def test_a_download_is_a_file_to_be_saved_and_nothing_else(card, api):
    name = "<img src=x onerror=alert(1)>.html"
    sent = api.post(f"/api/v1/cards/{card.pk}/files", {"file": SimpleUploadedFile(name, b"<script>", "text/html")})
    assert sent.status_code == 201, sent.content
    assert (sent.json()["path"], sent.json()["in_session"]) == (f"/attachments/{name}", False)
    answer = api.get(f"/api/v1/cards/{card.pk}/files/{sent.json()['id']}")
    assert body(answer) == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_a_deleted_file_is_gone_from_the_disk(card, api, data_dir, django_capture_on_commit_callbacks):
    file = attach(card)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/cards/{card.pk}/files/{file.pk}").status_code == 204
    assert on_disk(data_dir) == []
    card.refresh_from_db()
    assert card.file_count == 0
    assert api.get(f"/api/v1/cards/{card.pk}/files/{file.pk}").status_code == 404


def test_viewers_take_files_and_strangers_find_none(card, data_dir):
    viewer, stranger = User.objects.create_user("vic"), User.objects.create_user("sam")
    Member.objects.create(board=card.board, user=viewer, role=Member.Role.VIEWER)
    file, path = attach(card), f"/api/v1/cards/{card.pk}/files"
    assert client_of(viewer).get(path).json()[0]["name"] == "notes.txt"
    assert body(client_of(viewer).get(f"{path}/{file.pk}")) == b"hello"
    for user, status in ((viewer, 403), (stranger, 404)):
        assert client_of(user).post(path, {"file": SimpleUploadedFile("x", b"x")}).status_code == status
        assert client_of(user).delete(f"{path}/{file.pk}").status_code == status
    assert client_of(stranger).get(path).status_code == 404
    assert client_of(stranger).get(f"{path}/{file.pk}").status_code == 404
    assert len(on_disk(data_dir)) == 1


def test_a_file_is_in_the_session_only_in_the_container_that_got_it(card):
    file, session = attach(card), card.session
    assert not files.in_session(file, session)
    session.container_id = "one"
    assert files.not_tried(session) == [file]
    files.delivered(file, session)
    file.refresh_from_db()
    assert files.in_session(file, session)
    assert files.not_delivered(session) == []
    session.container_id = "two"
    assert not files.in_session(file, session)
    assert files.not_tried(session) == [file]


def test_a_file_that_could_not_be_copied_is_tried_again_by_the_next_start_only(card):
    file, session = attach(card), card.session
    session.container_id = "one"
    files.delivered(file, session, "no room")
    assert files.not_tried(session) == []
    assert files.not_delivered(session) == [file]


def test_the_sweep_finds_a_running_session_that_lacks_a_file(card):
    file = attach(card)
    Session.objects.update(desired="running", state="running", container_id="one")
    assert list(files.sessions_lacking_files()) == [card.session_id]
    files.delivered(file, Session.objects.get())
    assert list(files.sessions_lacking_files()) == []


def test_a_copied_card_has_the_files_on_its_own(card, data_dir, django_capture_on_commit_callbacks):
    file, twin = attach(card), lifecycle.create("twin")
    assert files.copy_all(card.session, twin) == 1
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(card, file.pk)
    copy = SessionFile.objects.get()
    assert (copy.session, copy.name) == (twin, "notes.txt")
    assert files.stored(copy).read_bytes() == b"hello"


def test_directories_of_sessions_that_are_gone_are_swept(card, data_dir):
    attach(card)
    left, fresh = Path(data_dir, "files", "gone"), Path(data_dir, "files", "fresh")
    for folder in (left, fresh):
        folder.mkdir()
        (folder / "x").write_text("x")
    old = time.time() - files.LEFTOVER_AGE_S - 10
    for folder in (left, files.folder(card.session_id)):
        os.utime(folder, (old, old))
    files.remove_leftovers()
    assert {path.name for path in Path(data_dir, "files").iterdir()} == {card.session_id, "fresh"}
