"""Miniatures: whatever is sent and skipped, a page ends with the terminal's own end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.terminal.history import History
from sessions.terminal.messages import BadMessage
from sessions.terminal.preview import Preview
from sessions.terminal.screens import parse, place_of
from sessions.terminal.screens_protocol import BYTES_PER_S, FIRST_BYTES, FRAME_S, SKIP_BYTES

SIZE = (24, 80)


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "p.ring")


class Page:
    """Keeps what a page would write to its terminal since the last reset."""

    def __init__(self):
        self.preview, self.prelude, self.written, self.frames = Preview(), "", b"", 0

    def take(self, history, now, size=SIZE):
        frame = self.preview.frame(history, size, now)
        if frame is None:
            return None
        if frame.reset:
            self.prelude, self.written = frame.prelude, b""
        self.written += frame.data
        self.frames += 1
        return frame


def test_the_first_frame_begins_anew_and_the_next_has_only_what_is_new(history):
    page = Page()
    history.append(b"one\r\n")
    assert page.take(history, 0).reset
    page.preview.drawn()
    history.append(b"two")
    frame = page.take(history, 1)
    assert (frame.data, frame.reset) == (b"two", False)


def test_nothing_is_sent_while_nothing_changes(history):
    page = Page()
    history.append(b"one")
    page.take(history, 0)
    page.preview.drawn()
    assert page.take(history, 100) is None


def test_a_page_that_has_not_drawn_is_sent_nothing_more(history):
    page = Page()
    page.take(history, 0)
    history.append(b"more")
    assert page.take(history, 100) is None
    page.preview.drawn()
    assert page.take(history, 101).data == b"more"


def test_frames_are_apart_and_large_ones_further(history):
    page = Page()
    history.append(b"x" * BYTES_PER_S)
    first = page.take(history, 0)
    page.preview.drawn()
    history.append(b"y")
    assert page.take(history, len(first.data) / BYTES_PER_S - 0.01) is None
    assert page.take(history, 2).data == b"y"
    page.preview.drawn()
    history.append(b"z")
    assert page.take(history, 2 + FRAME_S * 0.9) is None


def test_a_change_of_size_is_a_frame_of_its_own(history):
    page = Page()
    page.take(history, 0)
    page.preview.drawn()
    assert page.take(history, 1, (40, 120)).data == b""


def test_more_than_is_worth_sending_is_replaced_by_its_end(history):
    page = Page()
    page.take(history, 0)
    page.preview.drawn()
    history.append(b"\x1b[?1049h" + b"old line\r\n" * 200_000 + b"the end")
    frame = page.take(history, 1)
    assert frame.reset
    assert len(frame.data) <= SKIP_BYTES
    assert frame.data.startswith(b"old line")
    assert frame.data.endswith(b"the end")
    assert frame.prelude == "\x1b[?1049h"


def test_the_first_frame_of_a_long_history_is_bounded(history):
    history.append(b"a line\r\n" * 100_000)
    assert len(Page().take(history, 0).data) <= FIRST_BYTES


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"a", b"line\r\n", b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25l", b"wide\r\n" * 9000]),
            st.booleans(),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_page_ends_where_a_full_redraw_ends(tmp_path_factory, steps):
    """However output and frames alternate: the same bytes last, the same modes at the start of what was kept."""
    history, page, everything = History(tmp_path_factory.mktemp("p") / "p.ring"), Page(), b""
    for number, (data, drawn) in enumerate(steps):
        history.append(data)
        everything += data
        page.take(history, number * 10.0)
        if drawn:
            page.preview.drawn()
    page.preview.drawn()
    page.take(history, 1e6)
    assert everything.endswith(page.written)
    from sessions.terminal.modes import Modes

    before, told = Modes(), Modes()
    before.feed(everything[: len(everything) - len(page.written)])
    told.feed(page.prelude.encode())
    assert told.on == before.on
    history.close()


def test_messages_of_pages_are_checked():
    assert parse('{"type":"show","cards":["a"]}') == {"type": "show", "cards": ["a"]}
    for bad in (
        "",
        "[]",
        '{"type":"show","cards":[1]}',
        '{"type":"show","cards":' + str(["x"] * 500) + "}",
        '{"type":"x"}',
    ):
        with pytest.raises(BadMessage):
            parse(bad.replace("'", '"'))


@pytest.mark.parametrize(
    ("said", "meant"),
    [("c1", ("c1", 0)), ("c1/3", ("c1", 3)), ("c1/", ("c1", 0)), ("c1/x", ("c1", 0)), ("c1/99999999999", ("c1", 0))],
)
def test_a_page_names_a_card_or_one_of_its_terminals(said, meant):
    assert place_of(said) == meant
