"""analytics.session_asof: each reading of one sensor with the latest of another."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.alignment import asof
from tests.support.readings import START_MS, reading_at
from tests.support.recordings import campus, strapdown

pytestmark = pytest.mark.integration

_START = START_MS * 1000
_VALUES = st.integers(-(10**6), 10**6).map(lambda n: n / 8)
_TIMES = st.lists(st.integers(0, 30), max_size=12, unique=True).map(sorted)


def joined(ask, *arguments):
    rows = ask("select * from analytics.session_asof(%s, %s, %s, %s, %s, %s) order by recorded_at", *arguments)
    return [
        (
            round(row["recorded_at"].timestamp() * 1e6),
            row["value"],
            None if row["other_at"] is None else round(row["other_at"].timestamp() * 1e6),
            row["other_value"],
        )
        for row in rows
    ]


def line(readings, sensor, axis):
    return [
        (round(row["timestamp"] * 1000), row["data"][axis])
        for row in readings
        if row["sensor_type"] == sensor and axis in row["data"]
    ]


@given(_TIMES, _TIMES, st.lists(_VALUES, min_size=24, max_size=24), st.integers(-1, 40))
def test_an_asof_join_equals_plain_python(record, ask, first, second, values, tolerance_s):
    readings = [reading_at(at, "left", level=values[n]) for n, at in enumerate(first)]
    readings += [reading_at(at, "right", level=values[12 + n]) for n, at in enumerate(second)]
    session = record(readings)
    for tolerance in (None, timedelta(seconds=tolerance_s)):
        limit = None if tolerance is None else tolerance_s * 1_000_000
        expected = asof(line(readings, "left", "level"), line(readings, "right", "level"), limit)
        assert joined(ask, session, "left", "level", "right", "level", tolerance) == expected


@pytest.mark.parametrize(
    ("readings", "sensor", "axis", "other", "other_axis", "tolerance"),
    [
        (strapdown, "accelerometer", "z", "gps", "speed", timedelta(seconds=2)),
        (strapdown, "gps", "speed", "barometer", "pressure", timedelta(seconds=1.5)),
        (campus, "gps", "speed", "barometer", "pressure", None),
    ],
)
def test_recordings_equal_plain_python(record, ask, readings, sensor, axis, other, other_axis, tolerance):
    rows = readings()
    session = record(rows, start_time=min(row["timestamp"] for row in rows))
    limit = None if tolerance is None else round(tolerance.total_seconds() * 1e6)
    expected = asof(line(rows, sensor, axis), line(rows, other, other_axis), limit)
    assert joined(ask, session, sensor, axis, other, other_axis, tolerance) == expected


def test_an_axis_without_values_joins_nothing(record, ask):
    session = record(
        [reading_at(0, "gps", speed=1.0, bearing=3.0), reading_at(1, "gps", speed=-1), reading_at(2, "light", lux=5)]
    )
    at, at_light = _START, _START + 2_000_000
    assert joined(ask, session, "light", "lux", "gps", "speed", None) == [(at_light, 5, at, 1)]
    assert joined(ask, session, "light", "lux", "gps", "altitude", None) == [(at_light, 5, None, None)]
    assert joined(ask, session, "light", "lux", "gps", "bearing", None) == [(at_light, 5, None, None)]
    assert joined(ask, session, "light", "lux", "none", "lux", None) == [(at_light, 5, None, None)]
    assert joined(ask, session, "none", "lux", "light", "lux", None) == []


def test_archived_readings_are_not_joined(record, ask, db):
    session = record([reading_at(n, "light", lux=n) for n in range(3)])
    db.execute("select app.archive_readings(%s)", [session])
    assert joined(ask, session, "light", "lux", "light", "lux", None) == []
