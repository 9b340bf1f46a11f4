"""Which terminals wait for somebody."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sessions import attention, lifecycle
from sessions.models import Session
from sessions.present import session_json
from sessions.signals import session_changed
from sessions.states import Desired, State
from sessions.terminal.signs import BELL, LONG_COMMAND_S, LONGEST_WORDS, Signs

STREAMS = [
    (b"plain \x1b[31mred\x1b[0m", None),
    (b"ding\x07", BELL),
    (b"\x1b]0;a title\x07prompt", None),
    (b"\x1b]0;a title\x1b\\prompt", None),
    (b"\x1b]9;Tests passed\x07", "Tests passed"),
    (b"\x1b]9;Tests passed\x1b\\", "Tests passed"),
    (b"\x1b]9;4;1;50\x07", None),
    (b"\x1b]777;notify;Agent;needs you\x07", "Agent: needs you"),
    (b"\x1b]9;with\x01control\xe2\x80\xaes\x07", "with control s"),
    (b"\x1b]52;c;" + b"QUJD" * 5000 + b"\x07", None),
    (b"\x1b]0;never ended\x1b]9;Next\x07", "Next"),
    (b"\x07\x1b]9;Words beat bells\x07", "Words beat bells"),
]


@pytest.mark.parametrize(("stream", "wanted"), STREAMS)
def test_signs_are_found_however_the_stream_is_cut(stream, wanted):
    for cut in {*range(min(60, len(stream))), len(stream) // 2, len(stream)}:
        signs = Signs()
        said = [signs.feed(stream[:cut], 0), signs.feed(stream[cut:], 0)]
        assert [s for s in said if s][-1:] == ([wanted] if wanted else []), cut


def test_the_end_of_a_long_command_is_a_sign_and_that_of_a_short_one_is_not():
    signs = Signs()
    signs.feed(b"\x1b]133;C\x07", 0)
    assert signs.feed(b"\x1b]133;D;0\x07", LONG_COMMAND_S - 1) is None
    signs.feed(b"\x1b]133;C\x07", 100)
    assert signs.feed(b"\x1b]133;D;2\x07", 100 + LONG_COMMAND_S) == "A command ended with 2."
    assert signs.feed(b"\x1b]133;D;2\x07", 900) is None


def test_a_notification_is_cut_to_a_length():
    assert len(Signs().feed(b"\x1b]9;" + b"x" * 5000 + b"\x07", 0)) == LONGEST_WORDS


@given(st.lists(st.sampled_from([b"\x1b", b"]", b"9;", b"\x07", b"\\", b"a", b"133;D", b"777;notify;"]), max_size=40))
def test_it_survives_any_bytes(pieces):
    signs = Signs()
    for piece in pieces:
        assert signs.feed(piece, 0) != ""


@pytest.fixture
def session(db):
    made = lifecycle.create("Waits")
    Session.objects.filter(pk=made.pk).update(
        desired=Desired.RUNNING, state=State.RUNNING, wanted_at=timezone.now(), started_at=timezone.now()
    )
    made.refresh_from_db()
    yield made
    attention.mark_path(made.pk).unlink(missing_ok=True)


@pytest.fixture
def heard(session):
    told = []

    def hear(session_id, **_):
        told.append(session_id)

    session_changed.connect(hear)
    yield told
    session_changed.disconnect(hear)


def test_a_mark_is_shown_until_somebody_looks(session, heard, django_capture_on_commit_callbacks):
    assert session_json(session)["waiting"] == ""
    with django_capture_on_commit_callbacks(execute=True):
        attention.mark(session.pk, attention.shell_of(session), "Look!")
    assert session_json(session)["waiting"] == "Look!"
    assert heard == [session.pk]
    attention.clear(session.pk)
    assert session_json(session)["waiting"] == ""


def test_looking_at_what_waits_is_told(session, heard, django_capture_on_commit_callbacks):
    attention.mark_path(session.pk).write_text("{}")
    with django_capture_on_commit_callbacks(execute=True):
        attention.clear(session.pk)
    assert heard == [session.pk]


def test_looking_at_what_does_not_wait_tells_nobody(session, heard, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        attention.clear(session.pk)
    assert heard == []


def test_a_mark_of_an_earlier_start_says_nothing(session):
    attention.mark(session.pk, "another start", "Look!")
    assert session_json(session)["waiting"] == ""


def test_a_session_that_does_not_run_does_not_wait(session):
    attention.mark(session.pk, attention.shell_of(session), "Look!")
    session.state = State.ASLEEP
    assert session_json(session)["waiting"] == ""
