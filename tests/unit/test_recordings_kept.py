"""Recordings as rows and files: which one goes on, what goes first when there is no room, what a crash leaves."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from boards import actions, members
from boards.access import Role
from sessions import history
from sessions.models import Recording
from sessions.recording import cast, store
from sessions.recording.store import path_of
from sessions.recording.tape import Item
from sessions.recording.writing import Beginning, Writing

pytestmark = pytest.mark.django_db
KIB = 1024


@pytest.fixture(autouse=True)
def room(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.RECORDING_BYTES, settings.RECORDINGS_OF_CARD_BYTES = 64 * KIB, 256 * KIB
    settings.RECORDINGS_KEPT_S = 0


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def card(alice):
    return actions.create_card(actions.create_board("Work", alice), alice, title="Build it")


def beginning(shell="s1", **more):
    usual = {"rows": 24, "cols": 80, "title": "Build it", "with_input": False, "earlier": b"", "secrets": ()}
    return Beginning(shell=shell, **(usual | more))


def out(text):
    return [Item("output", time.time(), text.encode())]


def rows(card):
    return list(Recording.objects.filter(session=card.session_id).order_by("started_at"))


def output_of(row):
    return "".join(event.text for event in cast.read(path_of(row)) if event.code == "o")


def test_a_terminal_that_is_left_and_come_back_to_goes_on_in_the_same_recording(card):
    for text in ("one\r\n", "two\r\n"):
        writing = Writing(card.session_id, 0)
        writing.write(out(text), beginning())
        writing.close()
    (row,) = rows(card)
    assert output_of(row) == "one\r\ntwo\r\n"
    assert (row.ended_at is not None, row.size_bytes) == (True, path_of(row).stat().st_size)


def test_a_terminal_that_prints_nothing_has_no_recording(card):
    writing = Writing(card.session_id, 0)
    writing.write([Item("mark", time.time(), text="→ Ada joined")], beginning())
    writing.close()
    assert rows(card) == []


def test_another_shell_and_another_terminal_have_recordings_of_their_own(card):
    main, other = Writing(card.session_id, 0), Writing(card.session_id, 1)
    main.write(out("one"), beginning())
    main.write(out("two"), beginning("s2"))
    other.write(out("three"), beginning("s2"))
    assert [(row.terminal, output_of(row)) for row in rows(card)] == [(0, "one"), (0, "two"), (1, "three")]
    assert [row.ended_at is None for row in rows(card)] == [False, True, True]


def test_what_a_killed_process_left_is_ended_by_what_its_file_has(card):
    Writing(card.session_id, 0).write(out("before\r\n"), beginning())
    left = rows(card)[0]
    with path_of(left).open("ab") as file:
        file.write(b'[1.0,"o","hal')
    Writing(card.session_id, 0).write(out("after\r\n"), beginning(earlier=b"before\r\n"))
    first, second = rows(card)
    assert (first.pk, first.ended_at is not None) == (left.pk, True)
    assert output_of(first) == "before\r\n"
    assert output_of(second) == "before\r\nafter\r\n"


def test_one_that_is_full_is_cut_and_the_next_goes_on(card):
    writing = Writing(card.session_id, 0)
    for _ in range(3):
        writing.write(out("x" * 40 * KIB), beginning())
    assert [row.cut for row in rows(card)] == [True, False]
    assert rows(card)[0].ended_at is not None


def test_a_cards_oldest_make_room_with_their_lines_in_the_history(card, django_capture_on_commit_callbacks):
    writing = Writing(card.session_id, 0)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(14):
            writing.write(out(f"{number} " + "x" * 40 * KIB), beginning())
    kept = rows(card)
    assert sum(path_of(row).stat().st_size for row in kept) <= 256 * KIB
    assert len(kept) > 1
    assert output_of(kept[-1]).startswith("12 ")
    assert {path.stem for path in store.root().glob("*/*.cast")} == {row.pk for row in kept}
    told = [event.detail["recording"] for event in history.of(card.session_id) if event.kind == store.EVENT]
    assert sorted(told) == sorted(row.pk for row in kept)


def test_a_full_disk_ends_the_recording_says_so_and_is_tried_again_later(card, monkeypatch):
    writing = Writing(card.session_id, 0)
    writing.write(out("kept\r\n"), beginning())
    with monkeypatch.context() as full:
        full.setattr("sessions.recording.tape.os.write", _no_space)
        writing.write(out("lost\r\n"), beginning())
    assert "No space left" in writing.problem
    writing.write(out("lost too\r\n"), beginning())
    assert [output_of(row) for row in rows(card)] == ["kept\r\n"]
    monkeypatch.setattr("sessions.recording.writing.AGAIN_AFTER_S", -1)
    writing._again_at = 0.0
    writing.write(out("again\r\n"), beginning())
    assert writing.problem == ""
    assert output_of(rows(card)[-1]).endswith("again\r\n")


def _no_space(*_):
    raise OSError(28, "No space left on device")


def test_what_is_older_than_the_settings_keep_is_removed(card, settings):
    writing = Writing(card.session_id, 0)
    writing.write(out("old"), beginning())
    writing.close()
    Recording.objects.update(ended_at=timezone.now() - timedelta(days=2))
    store.remove_old()
    assert len(rows(card)) == 1
    settings.RECORDINGS_KEPT_S = 24 * 3600
    store.remove_old()
    assert rows(card) == []


def test_files_of_a_session_that_is_gone_are_removed(card):
    Writing(card.session_id, 0).write(out("kept"), beginning())
    stray = store.root() / "gone"
    stray.mkdir()
    store.remove_leftovers()
    assert stray.exists()  # it may be having its row made
    os.utime(stray, (0, 0))
    store.remove_leftovers()
    assert not stray.exists()
    assert path_of(rows(card)[0]).exists()


def test_a_viewer_watches_and_searches_but_does_not_delete(card, django_capture_on_commit_callbacks):
    Writing(card.session_id, 0).write(out("a need''le\r\n\x1b[31mneedle\x1b[0m here\r\n"), beginning())
    row = rows(card)[0]
    viewer = User.objects.create_user("vera")
    members.add(card.board, viewer, Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    found = client.get(f"/api/v1/cards/{card.pk}/recordings/search?q=Needle").json()
    (hit,) = found["hits"]
    assert (hit["line"][hit["start"] : hit["end"]], hit["line"], found["more"]) == ("needle", "needle here", False)
    assert client.get(f"/c/{card.pk}/recordings/{row.pk}").status_code == 200
    assert client.delete(f"/api/v1/recordings/{row.pk}").status_code == 403
    assert path_of(row).exists()
    client.force_login(User.objects.get(username="alice"))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"/api/v1/recordings/{row.pk}").status_code == 204
    assert not path_of(row).exists()


def test_a_search_of_nothing_is_refused(card, client, alice):
    client.force_login(alice)
    answer = client.get(f"/api/v1/cards/{card.pk}/recordings/search?q=%20")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("q:")


def test_only_owners_say_what_is_recorded_and_without_output_there_is_no_input(card, client, alice):
    client.force_login(alice)
    path = f"/api/v1/boards/{card.board_id}/recording"
    assert client.get(path).json() == {"output": True, "input": False}
    answer = client.patch(path, {"output": False, "input": True}, content_type="application/json")
    assert answer.json() == {"output": False, "input": False}
    assert client.get(f"/api/v1/boards/{card.board_id}").json()["recording"] == {"output": False, "input": False}
    editor = User.objects.create_user("eddy")
    members.add(card.board, editor, Role.EDITOR)
    client.force_login(editor)
    assert client.patch(path, {"output": True}, content_type="application/json").status_code == 403


@pytest.mark.parametrize(("recorded", "told"), [(True, True), (False, False)])
def test_a_guest_is_told_before_coming_in(card, alice, client, recorded, told):
    from boards import links

    card.board.recording = recorded
    card.board.save(update_fields=["recording"])
    _, secret = links.create(card, alice, role="type", expires_in_s=60)
    page = client.get(f"/s/{secret}").content.decode()
    assert ("This terminal is recorded" in page) is told
