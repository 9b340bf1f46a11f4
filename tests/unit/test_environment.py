import pytest

from vibenv_site import environment as env


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "many", "1e999"])
def test_it_rejects_numbers_that_are_no_limits_and_says_what_it_takes(monkeypatch, value):
    monkeypatch.setenv("VIBENV_SESSION_CPUS", value)
    with pytest.raises(SystemExit, match=r"VIBENV_SESSION_CPUS=.*a number of cores"):
        env.number("VIBENV_SESSION_CPUS", 2.0, float, "a number of cores")


@pytest.mark.parametrize(("value", "expected"), [("512m", 512 * 1024**2), ("2g", 2 * 1024**3), ("1000", 1000)])
def test_sizes_are_read(monkeypatch, value, expected):
    monkeypatch.setenv("X", value)
    assert env.number("X", 1, env.memory, "a size") == expected


def test_a_kept_value_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "deep" / "secret"
    first = env.kept(path)
    assert env.kept(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("value", "seconds"), [("90s", 90), ("30m", 1800), ("1.5h", 5400), ("7d", 604800), ("45", 45), ("Off", 0), ("0", 0)]
)
def test_durations_are_read(monkeypatch, value, seconds):
    monkeypatch.setenv("X", value)
    assert env.duration("X", "1h") == seconds


@pytest.mark.parametrize("value", ["soon", "-5m", "m", "400d", "inf", "nan", "0.1s", "1e9d"])
def test_what_is_no_duration_is_refused_with_what_it_takes(monkeypatch, value):
    monkeypatch.setenv("X", value)
    with pytest.raises(SystemExit, match=r"X=.*90s, 30m, 2h or 7d"):
        env.duration("X", "1h")
