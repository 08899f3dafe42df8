"""analytics.session_quality: how complete and how even."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.sampling import is_undecided, quality
from tests.support.readings import START_MS, reading_at

pytestmark = pytest.mark.integration

QUALITY = """
select count, achieved_hz, expected_hz, expected_from, expected_count, coverage, gap_count, max_gap_s, jitter_ms,
    outside_count
from analytics.session_quality(%s) order by sensor
"""

# Milliseconds, so that times are exact; steps from even to full of holes.
steps = st.lists(st.sampled_from([9, 10, 10, 10, 11, 25, 31, 90, 2000]), min_size=1, max_size=60)
rates = st.sampled_from([None, 100, 50, 33.3, 1])


def at(seconds, sensor="gyroscope"):
    return [reading_at(second, sensor, x=1.0) for second in seconds]


def time_of(second):
    return datetime.fromtimestamp(START_MS / 1000 + second, UTC).isoformat()


def test_an_even_recording(record, ask):
    assert ask(QUALITY, record(at([0, 0.5, 1, 1.5, 2]), sample_rate=2)) == [
        {"count": 5, "achieved_hz": 2.0, "expected_hz": 2.0, "expected_from": "sample_rate", "expected_count": 5,
         "coverage": 1.0, "gap_count": 0, "max_gap_s": 0.5, "jitter_ms": 0.0, "outside_count": 0}
    ]  # fmt: skip


def test_a_gap_is_longer_than_three_intervals(record, ask):
    [row] = ask(QUALITY, record(at([0, 1, 2, 5, 9.5, 10]), sample_rate=1))
    assert (row["gap_count"], row["max_gap_s"], row["expected_count"]) == (1, 4.5, 11)
    assert row["coverage"] == pytest.approx(6 / 11)


def test_without_a_sample_rate_the_median_interval_counts(record, ask):
    [row] = ask(QUALITY, record(at([0, 1, 2, 3, 10])))
    assert (row["expected_hz"], row["expected_from"], row["gap_count"]) == (1.0, "median_interval", 1)


def test_a_slow_sensor_has_a_rate_of_its_own(record, ask):
    readings = at([n / 100 for n in range(101)]) + at([n / 5 for n in range(6)], "barometer")
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
        "coverage": None, "gap_count": 0, "max_gap_s": None, "jitter_ms": None, "outside_count": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "enabled", [["accelerometer", "gyroscope"], {"accelerometer": True, "gyroscope": True, "a": False}]
)
@pytest.mark.parametrize(("first", "gaps"), [(0, 1), (3180, 1), (1000, 2)])
def test_a_sensor_that_recorded_a_part_of_the_session_and_one_that_never_came(record, ask, enabled, first, gaps):
    """An hour at 10 Hz of which the accelerometer has seven minutes, at its beginning, end or in between."""
    last = first + 420
    readings = at([first + n / 10 for n in range(10 * (last - first))], "accelerometer")
    session = record(readings, sample_rate=10, enabled_sensors=enabled, end_time=time_of(3600))

    accelerometer, gyroscope = ask(QUALITY, session)

    assert accelerometer["coverage"] == pytest.approx(4200 / 36_001)
    assert accelerometer["gap_count"] == gaps
    assert accelerometer["max_gap_s"] == pytest.approx(max(first, 3600.1 - last))
    assert gyroscope == {
        "count": 0, "achieved_hz": None, "expected_hz": 10, "expected_from": "sample_rate", "expected_count": 36_001,
        "coverage": 0, "gap_count": 1, "max_gap_s": 3600, "jitter_ms": None, "outside_count": 0,
    }  # fmt: skip


def test_an_open_session_lasts_until_the_last_reading_of_any_sensor(record, ask):
    readings = at(range(61), "thermometer") + at(range(31), "barometer")
    coverage = [row["coverage"] for row in ask(QUALITY, record(readings, sample_rate=1, enabled_sensors=["light"]))]
    assert coverage == [pytest.approx(31 / 61), 0, 1]


def test_a_declared_sensor_is_known_by_its_name_in_any_case(record, ask):
    session = record(at([0, 1]), enabled_sensors=["Gyroscope", "GPS"])
    rows = ask("select sensor, count, coverage from analytics.session_quality(%s) order by count", session)
    assert rows == [
        {"sensor": "GPS", "count": 0, "coverage": 0}, {"sensor": "gyroscope", "count": 2, "coverage": 1},
    ]  # fmt: skip


def test_a_sensor_declared_twice_is_one(record, ask):
    session = record(at([0, 1]), enabled_sensors=["light", "Light", "", "LIGHT"])
    rows = ask("select sensor from analytics.session_quality(%s) where count = 0", session)
    assert rows == [{"sensor": "LIGHT"}]


@pytest.mark.parametrize("first", [-7200, 7200])
def test_a_sensor_that_recorded_outside_the_session_only_has_a_pause_as_long_as_it(record, ask, first):
    session = record(at([first + n for n in range(60)]), sample_rate=1, start_time=time_of(0), end_time=time_of(3600))
    [row] = ask(QUALITY, session)
    assert (row["coverage"], row["outside_count"], row["gap_count"], row["max_gap_s"]) == (0, 60, 1, 3600)


def test_without_readings_the_declared_sensors_are_named(record, ask):
    session = record([], enabled_sensors={"gyroscope": True, "light": False}, end_time=time_of(60))
    rows = ask("select sensor, count, coverage, gap_count, max_gap_s from analytics.session_quality(%s)", session)
    assert rows == [{"sensor": "gyroscope", "count": 0, "coverage": 0, "gap_count": 1, "max_gap_s": 60}]


@pytest.mark.parametrize("sensor", ["light", "proximity", "step_counter", "Heart Rate", "gps"])
def test_what_comes_when_something_changes_is_not_measured_by_the_sample_rate(record, ask, sensor):
    [row] = ask(QUALITY, record(at([0, 0.5, 40, 41, 300, 301, 302.5, 900], sensor), sample_rate=1))
    assert (row["expected_hz"], row["coverage"], row["gap_count"]) == (None, None, 0)
    assert row["max_gap_s"] == pytest.approx(597.5)


def test_what_comes_by_chance_has_no_rate_whatever_its_name(record, ask):
    [row] = ask(QUALITY, record(at([0, 0.5, 40, 41, 300, 301, 302.5, 900], "door"), sample_rate=100))
    assert (row["expected_hz"], row["expected_from"], row["coverage"], row["gap_count"]) == (None, None, None, 0)


def test_a_slow_sensor_that_dies_is_measured_by_its_own_rate(record, ask):
    session = record(at(range(420), "gps"), sample_rate=100, end_time=time_of(3599))
    [row] = ask(QUALITY, session)
    assert (row["expected_hz"], row["expected_count"], row["gap_count"]) == (1, 3600, 1)
    assert row["coverage"] == pytest.approx(420 / 3600)


def test_of_a_part_only_its_time_is_expected(record, ask):
    session = record(at(range(30)), sample_rate=1, end_time=time_of(99))
    part = "select count, expected_count, gap_count from analytics.session_quality(%s, _from => %s, _to => %s)"
    assert ask(part, session, time_of(10), time_of(19)) == [{"count": 10, "expected_count": 10, "gap_count": 0}]
    assert ask(part, session, time_of(20), time_of(49)) == [{"count": 10, "expected_count": 30, "gap_count": 1}]


def test_nothing_is_expected_of_archived_days(record, ask, db):
    """A day that was archived, then a minute of the next."""
    session = record(at([0, 1, 2]), sample_rate=1, enabled_sensors=["gyroscope"])
    db.execute("select app.archive_readings(%s)", [session])
    assert ask(QUALITY, session) == []
    [[name]] = db.execute("select session_id from app.recording_sessions where id = %s", [session]).fetchall()
    midnight = 86_400 - START_MS // 1000 % 86_400
    record(
        at([midnight + second for second in range(30)]), session_id=name, sample_rate=1, end_time=time_of(midnight + 59)
    )
    [row] = ask(QUALITY, session)
    assert (row["count"], row["expected_count"], row["coverage"], row["gap_count"]) == (30, 60, 0.5, 1)


def test_a_session_without_readings_has_no_rows(record, ask):
    assert ask(QUALITY, record([], sample_rate=100)) == []


def test_a_long_recording_is_counted_as_a_short_one(record, ask, db):
    """Its sensors are counted by processes of their own, which the number of readings decides."""
    readings = at([0, 0.5, 1, 3, 3.5, 9]) + at([n / 5 for n in range(40)], "barometer") + at([2], "light")
    session = record(readings, sample_rate=2)
    short = ask(QUALITY, session)
    db.execute("update app.recording_sessions set data_count = 1000000 where id = %s", [session])
    assert ask(QUALITY, session) == short
    assert [row["gap_count"] for row in short] == [0, 2, 0]


def test_sensors_of_a_long_recording_are_counted_in_parallel(record, db):
    intervals = "select i.* from analytics.parallel_intervals({}, {}, 1) as i"
    session = record(at([0, 1]) + at([0, 1], "barometer"))
    sensors = db.execute("select sensor_type_id from app.reading_changes where recording_id = %s", [session])
    query = " union all ".join(intervals.format(session, sensor) for [sensor] in sensors)
    plan = db.execute("explain " + query).fetchall()
    assert "Parallel Append" in str(plan)


@pytest.mark.parametrize("sample_rate", [1e-300, 1e6])
def test_an_absurd_sample_rate_breaks_nothing(record, ask, sample_rate):
    [row] = ask(QUALITY, record(at([0, 1, 2]), sample_rate=sample_rate))
    assert (row["expected_hz"], row["expected_from"]) == (1.0, "median_interval")


def test_readings_outside_the_session_are_counted_but_do_not_cover_it(record, ask):
    session = record(at([-2, -1, 0, 1, 2, 3]), end_time=time_of(2))
    [row] = ask(QUALITY, session)
    assert (row["count"], row["outside_count"], row["expected_count"], row["coverage"]) == (6, 3, 3, 1)


@given(steps, rates, st.integers(-300, 300), st.integers(-300, 3000))
def test_equal_to_plain_python(record, ask, steps, rate, before, after):
    milliseconds = [0]
    for step in steps:
        milliseconds.append(milliseconds[-1] + step)
    begin, end = -before, max(milliseconds[-1] + after, -before)
    session = record(
        at([value / 1000 for value in milliseconds]),
        sample_rate=rate, start_time=time_of(begin / 1000), end_time=time_of(end / 1000),
    )  # fmt: skip
    [row] = ask(QUALITY, session)
    expected = quality([value / 1000 for value in milliseconds], rate, begin / 1000, end / 1000)
    if not is_undecided([step / 1000 for step in steps], [before / 1000, after / 1000], rate):
        for name, value in expected.items():
            assert row[name] == (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value), name
