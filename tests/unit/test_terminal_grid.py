"""A terminal's screen as text."""

from __future__ import annotations

import time

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.terminal.grid import Grid

# What both understand alike; the other one has no margins' home, and leaves lines behind when it deletes some.
PIECES = [
    *("a", "bc", "hello world", "x" * 25, "\n", "\r", "\r\n", "\b", "\t", "\x1b[A", "\x1b[3B", "\x1b[2C", "\x1b[D"),
    *("\x1b[5;7H", "\x1b[H", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[2L", "\x1b[2P"),
    *("\x1b[3@", "\x1b[4X", "\x1b[31m", "\x1bM", "\x1bD", "\x1b[5G", "\x1b[4d", "\x1b]0;title\x07"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.integers(0, 1000))
def test_it_paints_as_another_emulator_does(pieces, cut):
    text = "".join(pieces)
    other = pyte.Screen(20, 10)
    pyte.Stream(other).feed(text)
    grid, data = Grid(10, 20), text.encode()
    grid.feed(data[:cut])
    grid.feed(data[cut:])
    assert grid.text() == [line.rstrip() for line in other.display]
    assert (grid.y, grid.column) == (other.cursor.y, min(other.cursor.x, 19))


def painted(data: bytes, rows: int = 4, cols: int = 10) -> Grid:
    grid = Grid(rows, cols)
    grid.feed(data)
    return grid


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\n5", ["1", "3", "5", "4"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bM5", ["1", "5", "2", "4"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[M", ["1", "3", "4", ""]),
        ("日本語テキスト".encode(), ["日本語テキ", "スト", "", ""]),
        ("e\u0301x".encode(), ["e\u0301x", "", "", ""]),
        (b"\x1b(0lqk\x1b(B|", ["┌─┐|", "", "", ""]),
        (b"\x1b[?7l" + b"abcdefghijKLM", ["abcdefghiM", "", "", ""]),
        (b"-\x1b[5b", ["------", "", "", ""]),
        (b"ab\x1b7\r\n\nx\x1b8c", ["abc", "", "x", ""]),
        (b"junk\x1bcnew", ["new", "", "", ""]),
    ],
)
def test_what_it_shows(data, lines):
    assert painted(data).text() == lines


def test_a_full_screen_program_leaves_what_was_there():
    grid = painted(b"shell\r\n$ \x1b[?1049h\x1b[H\x1b[2Jeditor\x1b[?25l")
    assert (grid.text()[0], grid.alternate, grid.visible) == ("editor", True, False)
    grid.feed(b"\x1b[?25h\x1b[?1049l")
    assert (grid.text()[:2], grid.alternate, (grid.y, grid.x)) == (["shell", "$"], False, (1, 2))


@given(st.binary(max_size=600), st.integers(1, 30), st.integers(1, 30))
def test_garbage_leaves_a_whole_screen(data, rows, cols):
    grid = painted(data, rows, cols)
    assert [len(line) for line in grid.lines] == [cols] * rows
    assert 0 <= grid.y < rows
    assert 0 <= grid.column < cols


@pytest.mark.parametrize("piece", [b"\x1b[99999L", b"\x1b[99999b", b"\x1b[99999;99999H", b"\x1b]", b"\x1bM"])
def test_a_few_bytes_take_little_time(piece):
    began = time.perf_counter()
    painted(piece * 3000, 24, 80)
    assert time.perf_counter() - began < 3
