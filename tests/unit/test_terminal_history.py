import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.protocol import REPLAY_BYTES, RING_BYTES
from sessions.terminal.history import History
from sessions.terminal.modes import Modes
from sessions.terminal.ring import Ring, RingBusy


@pytest.fixture
def path(tmp_path):
    return tmp_path / "t.ring"


def test_the_ring_gives_back_the_last_bytes_whatever_the_sizes_written(path):
    ring, everything = Ring(path), b""
    for size in [1, 1000, RING_BYTES - 5, 10, 3, RING_BYTES * 2 + 7, 999]:
        piece = bytes((len(everything) + i) % 251 for i in range(size))
        ring.append(piece)
        everything += piece
        assert ring.seq == len(everything)
        assert ring.read(ring.start) == everything[-RING_BYTES:]
        assert ring.read(ring.seq) == b""


def test_it_rejects_reads_of_what_is_not_held(path):
    ring = Ring(path)
    ring.append(b"abc")
    with pytest.raises(ValueError, match="not within"):
        ring.read(4)


def test_a_second_holder_is_refused_and_a_later_one_finds_everything(path):
    first = Ring(path)
    first.append(b"hello")
    with pytest.raises(RingBusy):
        Ring(path)
    epoch = first.epoch
    first.close()
    second = Ring(path)
    assert (second.epoch, second.seq, second.read(0)) == (epoch, 5, b"hello")


def test_modes_follow_sequences_cut_anywhere():
    stream = b"a\x1b[?1049hb\x1b[?25l\x1b[?1000;1006hc\x1b[?1000ld"
    for cut in range(len(stream)):
        modes = Modes()
        modes.feed(stream[:cut])
        modes.feed(stream[cut:])
        assert modes.on == {7, 1049, 1006}, cut
        assert modes.alternate
        assert modes.prelude() == "\x1b[?25l\x1b[?1006h\x1b[?1049h"


def test_a_reset_clears_all_modes():
    modes = Modes()
    modes.feed(b"\x1b[?1049h\x1b[?2004h\x1bc")
    assert modes.prelude() == ""


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"\x1b", b"[", b"?", b"1049", b"h", b"l", b";", b"25", b"x" * 50, b"\n", b"c"]), max_size=60
    )
)
def test_modes_are_the_same_however_the_stream_is_cut(pieces):
    whole, parts = Modes(), Modes()
    whole.feed(b"".join(pieces))
    for piece in pieces:
        parts.feed(piece)
    assert whole.on == parts.on


def test_a_joiner_gets_a_short_history_whole(path):
    history = History(path)
    history.append(b"one\r\ntwo")
    replay = history.screen()
    assert (replay.data, replay.seq, replay.reset, replay.complete) == (b"one\r\ntwo", 8, True, True)


def test_a_joiner_of_a_long_history_starts_at_a_line_with_the_modes_of_that_place(path):
    history = History(path)
    history.append(b"\x1b[?1049h\x1b[?1006h")
    line = b"%06d " + b"x" * 60 + b"\r\n"
    for n in range(60_000):
        history.append(line % n)
    replay = history.screen()
    assert len(replay.data) <= REPLAY_BYTES
    assert replay.data[6:7] == b" "
    assert replay.data[:6].isdigit()
    assert replay.data.endswith(line % 59_999)
    assert replay.prelude == "\x1b[?1006h\x1b[?1049h"
    assert not replay.complete


def test_modes_outlive_the_process_even_when_their_sequence_left_the_ring(path):
    history = History(path)
    history.append(b"\x1b[?1049h")
    for _ in range(80):
        history.append(b"y" * 65_536)
    history.close()
    again = History(path)
    assert again.alternate
    assert again.screen().prelude == "\x1b[?1049h"


def test_a_returning_viewer_gets_only_what_it_missed(path):
    history = History(path)
    history.append(b"seen")
    history.append(b"missed")
    replay = history.resume(history.epoch, 4)
    assert replay is not None
    assert (replay.data, replay.reset) == (b"missed", False)
    assert history.resume("another", 4) is None
    assert history.resume(history.epoch, 99) is None
    history.append(b"z" * RING_BYTES)
    assert history.resume(history.epoch, 4) is None


def test_a_new_shell_begins_in_default_modes_and_the_same_one_is_left_alone(path):
    history = History(path)
    assert history.begin_shell("one") == b""
    history.append(b"\x1b[?1049h\x1b[?25lvim")
    assert history.begin_shell("one") == b""
    history.close()
    again = History(path)
    assert again.begin_shell("one") == b""
    ahead = again.begin_shell("two")
    again.append(ahead)
    assert ahead == b"\x1b[?1049l\x1b[?25h\x1b[0m\r\n"
    assert not again.alternate
    assert again.begin_shell("two") == b""
