"""When sessions sleep: the rules, as people write and read them."""

import pytest

from engines.errors import InvalidInput
from sessions import rules


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (45, "45 s"), (1800, "30 min"), (3600, "1 h"), (5400, "1 h 30 min"), (86400, "1 day"), (7 * 86400, "7 days"),
     (86400 + 60, "1 day"), (3661, "1 h 1 min"), (90000, "1 day 1 h")],
)  # fmt: skip
def test_durations_in_words(seconds, expected):
    assert rules.words(seconds) == expected


def test_a_card_goes_before_its_board_and_that_before_the_installation(settings):
    settings.SLEEP_RULES = {**settings.SLEEP_RULES, "idle_timeout_s": 100, "stop_after_s": 200, "archive_after_s": 300}
    found = rules.in_force({"idle_timeout_s": 11, "stop_after_s": 22}, {"idle_timeout_s": 1})
    assert (found.idle_timeout_s, found.stop_after_s, found.archive_after_s) == (1, 22, 300)


def test_a_rule_of_another_version_is_overlooked():
    assert rules.in_force({"sleeps_standing": 1}) == rules.installation()
    assert rules.changed({"sleeps_standing": 1}, {"ttl_s": 60}) == {"ttl_s": 60}


def test_a_rule_is_set_taken_back_and_switched_off():
    assert rules.changed({"ttl_s": 60}, {"idle_timeout_s": 0, "ttl_s": None}) == {"idle_timeout_s": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"idle_timeout_s": -1}, "idle_timeout_s: takes 0 for never, or 10 to 31536000 seconds"),
        ({"ttl_s": 366 * 86400}, "365 days"),
        ({"snapshot_every_s": 5}, "60 to"),
        ({"snapshots_kept": 0}, "takes 1 to 100 snapshots"),
        ({"ttl_s": "soon"}, "takes a whole number"),
        ({"ttl_s": True}, "takes a whole number"),
        ({"ttl": 5}, "no such rule; they are idle_timeout_s"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(change, words):
    with pytest.raises(InvalidInput, match=words):
        rules.changed({}, change)
