import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards.rank import after_all, between


@given(st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=120))
def test_it_always_finds_a_rank_between_its_neighbours(places):
    ranks: list[str] = []
    for where, at_end in places:
        at = len(ranks) if at_end else where % (len(ranks) + 1)
        before, after = ranks[at - 1] if at else "", ranks[at] if at < len(ranks) else ""
        ranks.insert(at, between(before, after) if after else after_all(before))
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_cards_that_are_only_ever_added_at_the_end_keep_short_ranks():
    last = ""
    for _ in range(1000):
        last = after_all(last)
    assert len(last) < 40


def test_it_rejects_neighbours_that_leave_no_room():
    with pytest.raises(ValueError, match="no rank"):
        between("b", "a")
