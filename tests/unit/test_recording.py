"""Recordings: what is written of a terminal's output, how much, and what can be read from it again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.recording import cast, command_line, plain
from sessions.recording.floods import BURST_BYTES, GLIMPSE_BYTES
from sessions.recording.masks import Masks
from sessions.recording.tape import Item, Tape

BEGAN = 1_700_000_000
HEADER = cast.Header(cols=80, rows=24, timestamp=BEGAN, title="A card", shell="s1")  # noqa: S604  (no command)
MIB = 1024**2


def tape(path, secrets=(), limit_bytes=32 * MIB, header=HEADER):
    masks = Masks()
    masks.use(secrets)
    return Tape(path, header, masks, limit_bytes=limit_bytes)


def out(at, data):
    return Item("output", BEGAN + at, data)


def output_of(path):
    return "".join(event.text for event in cast.read(path) if event.code == "o")


def check_strictly(path):
    """As the format's description has it; returns the events."""
    raw = path.read_bytes()
    assert raw.endswith(b"\n")
    header, *lines = [json.loads(line) for line in raw.decode().removesuffix("\n").split("\n")]
    assert header["version"] == 2
    assert all(isinstance(header[name], int) and header[name] > 0 for name in ("width", "height", "timestamp"))
    last = 0.0
    for at, code, text in lines:
        assert isinstance(at, float)
        assert at >= last
        last = at
        assert code in {"o", "i", "r", "m"}
        assert isinstance(text, str)
        assert code != "r" or cast.size_of(text)
    return lines


def test_a_recording_is_a_strict_asciicast_with_output_sizes_and_marks(tmp_path):
    path = tmp_path / "a" / "one.cast"
    made = tape(path)
    made.write([out(0.5, b"hello\r\n"), Item("size", BEGAN + 1, text="100x30")], BEGAN + 1)
    made.write([Item("mark", BEGAN + 2, text="→ Ada joined")], BEGAN + 2)
    made.close(BEGAN + 2)
    assert check_strictly(path) == [[0.5, "o", "hello\r\n"], [1.0, "r", "100x30"], [2.0, "m", "→ Ada joined"]]
    assert made.size_bytes == path.stat().st_size
    assert cast.read_header(path) == HEADER
    assert path.stat().st_mode & 0o777 == 0o600


@given(st.text(max_size=80), st.lists(st.integers(0, 400), max_size=8))
def test_letters_are_whole_however_the_output_is_cut(tmp_path_factory, text: str, cuts: list[int]):
    path, data = tmp_path_factory.mktemp("cut") / "one.cast", text.encode(errors="replace")
    made, at = tape(path), 0
    for cut in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        made.write([out(0, data[at:cut])], BEGAN)
        at = cut
    made.close(BEGAN)
    assert output_of(path) == data.decode()
    check_strictly(path)


def test_what_is_no_text_is_replaced_and_breaks_no_line(tmp_path):
    made = tape(tmp_path / "one.cast")
    made.write([out(0, bytes(range(256)) * 4), out(1, b"\xff\xfe after\r\n")], BEGAN + 1)
    made.close(BEGAN + 1)
    check_strictly(tmp_path / "one.cast")
    assert " after" in output_of(tmp_path / "one.cast")


def test_a_command_is_marked_with_its_line_and_its_exit_code(tmp_path):
    made = tape(tmp_path / "one.cast")
    made.write([out(0, b"\x1b]133;A\x1b\\box:~# \x1b]133;B\x1b\\")], BEGAN)
    for at, key in enumerate(b"maek"):
        made.write([out(1 + at, bytes([key]))], BEGAN + 1)
    made.write([out(6, b"\x08\x08ke te\x1b[0m st\r\n\x1b]133;C\x1b\\ok\r\n\x1b]133;D;2\x1b\\")], BEGAN + 6)
    made.close(BEGAN + 6)
    events = list(cast.read(tmp_path / "one.cast"))
    assert [(event.at, event.text) for event in events if event.code == "m"] == [(6, "$ make te st"), (6, "exit 2")]
    assert list(cast.marks(tmp_path / "one.cast")) == [event for event in events if event.code == "m"]
    texts = [event.text for event in events]
    assert texts[texts.index("$ make te st") + 1].startswith("ok")  # its output comes behind the mark
    assert cast.exit_code_of("exit 2") == (True, 2)
    assert cast.exit_code_of("$ exit 2") == (False, None)


def test_a_line_that_was_edited_and_wrapped_is_read_as_it_stood():
    prompt = b"\x1b[32mbox\x1b[0m:~$ "
    assert command_line.typed(prompt, b"ls\x08\x08\x1b[Kpwd\r\n", 80) == "pwd"
    assert command_line.typed(prompt, b"echo " + b"x" * 30 + b"\r\n", 20) == "echo " + "x" * 30
    assert command_line.typed(prompt, b"\r\n", 80) == ""


def test_secrets_are_masked_before_anything_is_written(tmp_path):
    made = tape(tmp_path / "one.cast", secrets=("hunter2",))
    made.begin_with(b"old\r\nhunter2\r\n", BEGAN)
    made.write([out(0, b"\x1b]133;A\x07$ \x1b]133;B\x07echo hunter2\r\n\x1b]133;C\x07hunter2\r\n")], BEGAN)
    made.write([Item("input", BEGAN + 1, b"hunter2", "Ada")], BEGAN + 1)
    made.close(BEGAN + 1)
    raw = (tmp_path / "one.cast").read_text()
    assert "hunter2" not in raw
    assert "$ echo ******" in raw


@given(st.lists(st.integers(1, 30), max_size=6))
def test_a_secret_is_masked_wherever_the_output_is_cut(tmp_path_factory, sizes: list[int]):
    path, data, at = tmp_path_factory.mktemp("masked") / "one.cast", b"key: hunter2-and-more\r\nhunter2 hunt", 0
    made = tape(path, secrets=("hunter2-and-more", "hunter2"))
    for size in [*sizes, len(data)]:
        made.write([out(at, data[at : at + size])], BEGAN + at)
        at += size
    made.close(BEGAN + at)
    assert output_of(path) == "key: ******\r\n****** hunt"


def test_a_secret_that_comes_while_a_terminal_is_recorded_is_masked_from_then_on(tmp_path):
    masks = Masks()
    masks.use(("abcdefgh",))
    assert masks.output(b"so: abcd") == b"so: "
    masks.use(("abcdefgh", "hunter2"))
    assert masks.output(b"efgh hunter2!") == b"****** ******!"


def test_input_says_whose_it_is_whenever_that_changes(tmp_path):
    made = tape(tmp_path / "one.cast")
    keys = [("Ada", b"l"), ("Ada", b"s"), ("Bob", b"\r")]
    made.write([Item("input", BEGAN, data, who) for who, data in keys], BEGAN)
    made.close(BEGAN)
    events = [(event.code, event.text) for event in cast.read(tmp_path / "one.cast")]
    assert events == [("m", "⌨ Ada"), ("i", "l"), ("i", "s"), ("m", "⌨ Bob"), ("i", "\r")]


def test_of_a_flood_the_beginning_glimpses_and_the_end_are_kept(tmp_path):
    made = tape(tmp_path / "one.cast")
    line = b"the quick brown fox\r\n" * 3000
    made.write([out(0, b"\x1b]133;A\x07$ \x1b]133;B\x07yes\r\n\x1b]133;C\x07")], BEGAN)
    for number in range(800):  # 50 MB in 8 s
        made.write([out(number / 100, line)], BEGAN + number / 100)
    made.write([out(8, b"THE END\r\n\x1b]133;D;0\x07\x1b]133;A\x07$ \x1b]133;B\x07")], BEGAN + 8)
    made.close(BEGAN + 8)
    assert made.size_bytes < 2 * BURST_BYTES
    marks = [event.text for event in cast.marks(tmp_path / "one.cast")]
    assert marks[0] == "$ yes"
    assert marks[-1] == "exit 0"
    assert 4 <= sum("of output left out" in mark for mark in marks) <= 10
    assert "THE END" in output_of(tmp_path / "one.cast")[-GLIMPSE_BYTES:]


def test_a_mode_that_was_set_in_what_is_left_out_is_set_all_the_same(tmp_path):
    made = tape(tmp_path / "one.cast")
    made.write([out(0, b"x" * BURST_BYTES), out(0, b"\x1b[?1049h" + b"y" * 100_000 + b"\n")], BEGAN)
    assert made.waiting
    made.write([], BEGAN + 1.1)
    assert not made.waiting
    made.close(BEGAN + 2)
    assert "\x1b[?1049h" in output_of(tmp_path / "one.cast")


def test_a_file_that_was_left_in_the_middle_of_a_line_can_be_read_and_goes_on(tmp_path):
    path = tmp_path / "one.cast"
    made = tape(path)
    made.write([out(0, b"one\r\n"), out(1, b"two\r\n")], BEGAN + 1)
    path.write_bytes(path.read_bytes()[:-4])
    assert output_of(path) == "one\r\n"
    again = tape(path)
    again.write([out(5, b"three\r\n")], BEGAN + 5)
    again.close(BEGAN + 5)
    assert output_of(path) == "one\r\nthree\r\n"
    check_strictly(path)


def test_a_full_disk_leaves_whole_lines(tmp_path, monkeypatch):
    path = tmp_path / "one.cast"
    made = tape(path)
    made.write([out(0, b"kept\r\n")], BEGAN)
    write = made.__class__.__dict__["_append"].__globals__["os"].write
    monkeypatch.setattr("sessions.recording.tape.os.write", lambda fd, data: write(fd, data[:3]) and _full())
    with pytest.raises(OSError, match="No space"):
        made.write([out(1, b"lost\r\n")], BEGAN + 1)
    monkeypatch.undo()
    made.close(BEGAN + 1)
    assert output_of(path) == "kept\r\n"
    check_strictly(path)


def _full():
    raise OSError(28, "No space left on device")


def test_a_clock_that_is_set_back_never_takes_time_back(tmp_path):
    made = tape(tmp_path / "one.cast")
    made.write([out(5, b"a"), out(-100, b"b"), out(6, b"c")], BEGAN + 6)
    made.close(BEGAN + 6)
    assert [at for at, *_ in check_strictly(tmp_path / "one.cast")] == [5.0, 5.0, 6.0]


def test_the_end_of_what_was_there_before_begins_at_a_line(tmp_path):
    made = tape(tmp_path / "one.cast")
    made.begin_with(b"".join(b"line %06d\r\n" % number for number in range(20_000)), BEGAN)
    made.close(BEGAN)
    shown = output_of(tmp_path / "one.cast")
    assert shown.startswith("line ")
    assert shown.endswith("line 019999\r\n")
    assert len(shown) < 40_000


# plain text -------------------------------------------------------------------------------------------------
def texts(*pieces):
    events = [cast.Event(float(at), "o", piece) for at, piece in enumerate(pieces)]
    return [line.text for line in plain.lines(events)]


def test_plain_text_has_no_colours_and_what_is_overwritten_is_not_there():
    assert texts("\x1b[1;32mok\x1b[0m all\r\n") == ["ok all"]
    assert texts(" 10%\r 50%\r100%\r\n") == ["100%"]
    assert texts("a long line\rnew\x1b[K\r\n") == ["new"]
    assert texts("helo\b\blo!\r\n") == ["helo!"]
    assert texts("\x1b]0;a title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\r\n") == ["link"]
    assert texts("\x1b[5;10Hhere\x1b[7;1Hthere") == ["", "here", "there"]


def test_plain_text_is_the_same_however_it_is_cut():
    whole = "\x1b[1mone\x1b[0m\r\n\x1b]0;title\x1b\\two\x1b[3Cthree\r\nfour"
    for at in range(len(whole)):
        assert texts(whole[:at], whole[at:]) == texts(whole), at


def test_a_line_has_the_time_when_the_last_of_it_was_written():
    events = [cast.Event(1, "o", "ma"), cast.Event(2, "o", "ke"), cast.Event(9, "o", "\r\nok\r\n")]
    assert list(plain.lines(events)) == [(2, "make"), (9, "ok")]


def test_a_line_without_end_is_read_in_parts():
    found = texts(*["x" * 100_000] * 10)
    assert sum(map(len, found)) == 1_000_000
    assert len(found) >= 10
