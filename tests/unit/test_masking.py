"""Secrets are taken out of streams, however these are cut; everything else comes through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import lifecycle, masking
from sessions.masking import Masker
from sessions.models import SessionSecret
from sessions.sealing import seal

VALUES = ("hunter2-hunter3", "hunter2-hunter3-and-more", "aaaaaaab", "läßt-grüßen")
PARTS = st.sampled_from([*VALUES, "hunter2-", "a", "aaaa", "ü", "\r\n", "plain text "])


def whole(data, cuts):
    masker = Masker(VALUES)
    ends = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    starts = [0, *ends[:-1]]
    return b"".join(masker.feed(data[a:b]) for a, b in zip(starts, ends, strict=True)) + masker.rest()


@given(st.lists(PARTS, max_size=12), st.lists(st.integers(0, 200), max_size=8))
def test_no_value_comes_through_however_it_is_cut(parts, cuts):
    said = whole("".join(parts).encode(), cuts)
    assert not any(value.encode() in said for value in VALUES)
    assert said == whole("".join(parts).encode(), [])


@given(st.text(alphabet="abc 123\n", max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_what_has_none_is_as_it_was(text, cuts):
    assert whole(text.encode(), cuts).decode() == text


def test_little_is_held_back_and_short_values_are_left():
    masker = Masker(["secret-value", "abc"])
    assert masker.feed(b"abc $ echo sec") == b"abc $ echo "
    assert masker.feed(b"ond") == b"second"
    assert masker.rest() == b""


def test_on_a_screen_a_value_is_found_across_the_edge_and_nothing_moves():
    lines = ["$ echo 123456", "789-abc and", "", "more"]
    assert masking.mask_screen(["123456789-abc"], lines, 13) == ["$ echo ******", "******* and", "", "more"]
    assert masking.mask_screen([], lines, 13) == lines


@pytest.mark.django_db
def test_a_sessions_own_secrets_are_taken_out_line_by_line():
    mine, other = (lifecycle.create(name, None) for name in ("mine", "other"))
    for session, value in ((mine, "first-line\nsecond-line"), (other, "of-another")):
        SessionSecret.objects.create(session=session, name="KEY", sealed=seal(value), origin="card")
    said = "first-line, of-another, second-line"
    assert masking.mask(mine.pk, said) == "******, of-another, ******"
