"""analytics.session_quality: how complete and how even."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.sampling import quality
from tests.support.readings import reading_at

pytestmark = pytest.mark.integration

QUALITY = """
select count, achieved_hz, expected_hz, expected_from, expected_count, coverage, gap_count, max_gap_s, jitter_ms
from analytics.session_quality(%s) order by sensor
"""

# Milliseconds, so that times are exact; steps from even to full of holes.
steps = st.lists(st.sampled_from([9, 10, 10, 10, 11, 25, 31, 90, 2000]), min_size=1, max_size=60)
rates = st.sampled_from([None, 100, 50, 33.3, 1])


def at(seconds, sensor="gyroscope"):
    return [reading_at(second, sensor, x=1.0) for second in seconds]


def test_an_even_recording(record, ask):
    assert ask(QUALITY, record(at([0, 0.5, 1, 1.5, 2]), sample_rate=2)) == [
        {"count": 5, "achieved_hz": 2.0, "expected_hz": 2.0, "expected_from": "sample_rate", "expected_count": 5,
         "coverage": 1.0, "gap_count": 0, "max_gap_s": 0.5, "jitter_ms": 0.0}
    ]  # fmt: skip


def test_a_gap_is_longer_than_three_intervals(record, ask):
    [row] = ask(QUALITY, record(at([0, 1, 2, 5, 9.5, 10]), sample_rate=1))
    assert (row["gap_count"], row["max_gap_s"], row["expected_count"]) == (1, 4.5, 11)
    assert row["coverage"] == pytest.approx(6 / 11)


def test_without_a_sample_rate_the_median_interval_counts(record, ask):
    [row] = ask(QUALITY, record(at([0, 1, 2, 3, 10])))
    assert (row["expected_hz"], row["expected_from"], row["gap_count"]) == (1.0, "median_interval", 1)


def test_a_slow_sensor_has_a_rate_of_its_own(record, ask):
    readings = at([n / 100 for n in range(100)]) + at([n / 5 for n in range(6)], "barometer")
    rows = ask(
        "select sensor, expected_hz, expected_from, coverage from analytics.session_quality(%s) order by sensor",
        record(readings, sample_rate=100),
    )
    assert rows == [
        {"sensor": "barometer", "expected_hz": pytest.approx(5), "expected_from": "median_interval", "coverage": 1.0},
        {"sensor": "gyroscope", "expected_hz": 100.0, "expected_from": "sample_rate", "coverage": 1.0},
    ]


def test_one_reading(record, ask):
    [row] = ask(QUALITY, record(at([3])))
    assert row == {
        "count": 1, "achieved_hz": None, "expected_hz": None, "expected_from": None, "expected_count": None,
        "coverage": None, "gap_count": 0, "max_gap_s": None, "jitter_ms": None,
    }  # fmt: skip


def test_a_session_without_readings_has_no_rows(record, ask):
    assert ask(QUALITY, record([], sample_rate=100)) == []


@pytest.mark.parametrize("sample_rate", [1e-300, 1e6])
def test_an_absurd_sample_rate_breaks_nothing(record, ask, sample_rate):
    [row] = ask(QUALITY, record(at([0, 1, 2]), sample_rate=sample_rate))
    assert (row["expected_hz"], row["expected_from"]) == (1.0, "median_interval")


def test_readings_outside_the_session_are_counted(record, ask):
    session = record(at([-2, -1, 0, 1, 2, 3]), end_time="2025-10-09T08:53:22Z")
    assert ask("select outside_count from analytics.session_quality(%s)", session) == [{"outside_count": 3}]


@given(steps, rates)
def test_equal_to_plain_python(record, ask, steps, rate):
    milliseconds = [0]
    for step in steps:
        milliseconds.append(milliseconds[-1] + step)
    [row] = ask(QUALITY, record(at([value / 1000 for value in milliseconds]), sample_rate=rate))
    expected = quality([value / 1000 for value in milliseconds], rate)
    # An interval that is a gap by the last digit of a double only.
    edge = [step for step in steps if abs(step / 1000 * expected["expected_hz"] - 3) < 1e-9]
    if not edge:
        for name, value in expected.items():
            assert row[name] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), name
