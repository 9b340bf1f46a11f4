from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sessions.terminal.marks import LONGEST, Mark, Marks

SESSION = (
    b"\x1b]7;file://here/\x1b\\\x1b]133;A\x1b\\$ \x1b]133;B\x1b\\make\r\n\x1b]133;C\x1b\\done\r\n"
    b"\x1b]133;D;2\x07\x1b]133;A\x07$ \x1b]133;B\x07"
)


def in_pieces(data: bytes, cuts: list[int]) -> list[Mark]:
    marks, found, at = Marks(), [], 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += marks.feed(data[at:cut])
        at = max(at, cut)
    return found


def test_a_command_is_marked_from_its_prompt_to_its_exit_code():
    found = Marks().feed(SESSION)
    assert [mark.kind for mark in found] == ["prompt", "typing", "output", "end", "prompt", "typing"]
    assert [mark.exit_code for mark in found if mark.kind == "end"] == [2]
    typing, output, end = found[1:4]
    assert SESSION[typing.end : output.start] == b"make\r\n"
    assert SESSION[output.end : end.start] == b"done\r\n"


@given(st.lists(st.integers(0, 1000), max_size=12))
def test_marks_are_the_same_however_the_output_is_cut(cuts: list[int]):
    assert in_pieces(SESSION, cuts) == Marks().feed(SESSION)


@given(st.binary(max_size=300), st.lists(st.integers(0, 1000), max_size=5))
def test_garbage_breaks_nothing_and_reads_the_same_in_pieces(garbage: bytes, cuts: list[int]):
    data = garbage + b"\x07\x1b]133;D;0\x07"
    assert in_pieces(data, cuts) == Marks().feed(data)
    assert Marks().feed(data)[-1].kind == "end"


def test_what_is_no_number_is_no_exit_code_and_other_letters_are_no_marks():
    found = Marks().feed(b"\x1b]133;D;bad\x07\x1b]133;D\x07\x1b]133;Z\x07\x1b]133;D;12;aid=1\x07")
    assert [mark.exit_code for mark in found] == [None, None, 12]


def test_a_sequence_that_never_ends_is_given_up_and_not_kept():
    marks = Marks()
    marks.feed(b"\x1b]133;A" + b"x" * 10 * LONGEST)
    assert marks._rest == b""
    assert [mark.kind for mark in marks.feed(b"\x1b]133;B\x07")] == ["typing"]
