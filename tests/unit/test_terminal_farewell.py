"""dtach's own words at the end are left out, however the output is cut into pieces; nothing else is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.terminal.farewell import START, WHOLE, WORDS, Farewell


def filtered(pieces):
    farewell = Farewell()
    return b"".join([*(farewell.feed(piece) for piece in pieces), farewell.rest()])


def cut(data, places):
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(st.sampled_from(WHOLE), st.binary(max_size=60), st.lists(st.integers(0, 200), max_size=6))
def test_a_farewell_at_the_end_is_left_out_in_any_pieces(whole, before, places):
    assert filtered(cut(before + whole, places)) == before


@pytest.mark.parametrize("words", WORDS[:3])
def test_one_whose_last_bytes_did_not_come_is_left_out(words):
    assert filtered([b"$ exit\r\n" + START, words]) == b"$ exit\r\n"


@given(st.lists(st.sampled_from([b"a", b"\x1b", b"[", b"9", b"H", START, START + b"[E", b"\r\n", *WORDS]), max_size=12))
def test_all_that_is_no_farewell_comes_through(pieces):
    after = b"prompt$ "
    assert filtered([*pieces, after]) == b"".join(pieces) + after


def test_only_what_could_be_one_is_held_back():
    farewell = Farewell()
    assert farewell.feed(b"\x1b[31mred\x1b[0m") == b"\x1b[31mred\x1b[0m"
    assert farewell.feed(b"top\x1b[99") == b"top"
    assert farewell.feed(b"H") == b"\x1b[99H"
