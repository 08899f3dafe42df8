"""Intensity, steps, frequency and non-wear of published recordings, against values computed with numpy and scipy."""

import math
from datetime import datetime

import pytest

from tests.support.recordings import campus, geotec, oxford, pedometer

pytestmark = pytest.mark.integration

_START = "2020-01-01T00:00:00Z"
# readings, epochs, ENMO per epoch and over readings, MAD, epochs at or above 100.6, 428.8, 91 and 414 mg; steps;
# frequency.
_RECORDINGS = {
    "ethz": (campus, 9.80665, (34_667, 141, 38.3478025, 38.5052765, 80.2360543, 0, 0, 86, 0), 862, 1.78),
    "oxford": (oxford, 9.80665, (15_232, 31, 47.2167642, 47.8368214, 89.6184636, 0, 0, 16, 0), 264, 1.86),
    "sp": (lambda: geotec("sp"), 9.80665, (1_243, 4, 85.2462539, 113.924600, 120.242296, 1, 0, 3, 0), 12, 1.70),
    "sw": (lambda: geotec("sw"), 9.80665, (1_371, 4, 82.0352480, 101.125650, 117.742632, 1, 0, 3, 0), 16, 1.64),
    "pedometer": (pedometer, 1.0, (953, 2, 104.493964, 105.401438, 179.395835, 1, 0, 2, 0), 13, 2.12),
}


@pytest.fixture
def walk(record):
    """The campus recording."""
    readings = campus()
    return record(readings, start_time=min(row["timestamp"] for row in readings))


@pytest.mark.parametrize("name", _RECORDINGS)
def test_activity_of_published_recordings(record, ask, name):
    readings, unit, activity, steps, frequency = _RECORDINGS[name]
    session = record(readings(), start_time=_START)
    [found] = ask("select * from analytics.session_activity(%s, 'accelerometer', %s)", session, unit)
    assert tuple(found.values()) == pytest.approx(activity, rel=1e-8)
    [counted] = ask("select count(*) as steps from analytics.session_steps(%s)", session)
    assert counted["steps"] == pytest.approx(steps, abs=1)
    [wave] = ask("select frequency_hz from analytics.dominant_frequency(%s)", session)
    assert wave["frequency_hz"] == pytest.approx(frequency, abs=1e-9)


def test_counted_steps_of_a_long_walk_are_within_five_percent(record, ask):
    session = record(oxford(), start_time=_START)
    [found] = ask("select count(*) as steps from analytics.session_steps(%s)", session)
    assert found["steps"] == pytest.approx(268, rel=0.05), "counted by switches in the shoes"


def test_frequency_of_a_window(record, ask):
    """Twenty seconds at 2 Hz, then twenty at 3 Hz."""
    readings = [
        {
            "sensor_type": "accelerometer",
            "timestamp": 1_577_836_800_000 + 25 * number,
            "data": {"x": 0.0, "y": 0.0, "z": 9.81 + math.sin(2 * math.pi * (2 + (number >= 800)) * number / 40)},
        }
        for number in range(1600)
    ]
    session = record(readings, start_time=_START)
    query = "select frequency_hz from analytics.dominant_frequency(%s, _from => %s, _to => %s)"
    times = [f"2020-01-01T00:00:{second}Z" for second in ("00", "19.99", "20", "39.99")]
    assert [ask(query, session, *times[at : at + 2])[0]["frequency_hz"] for at in (0, 2)] == pytest.approx([2, 3])
    assert ask(query, session, "2020-01-01T00:01:00Z", "2020-01-01T00:02:00Z") == []


def test_intensity_per_minute(walk, ask):
    rows = ask("select to_char(minute, 'HH24:MI') as at, * from analytics.session_intensity(%s)", walk)
    found = {row["at"]: (row["readings"], row["enmo_mg"], row["mad_mg"]) for row in rows}
    expected = {
        "15:50": (624, 0, 0.978430092), "15:51": (2_961, 0, 1.36816297), "15:52": (2_964, 0, 1.07843283),
        "15:53": (2_964, 0.880963771, 3.91992332), "15:54": (2_965, 49.0778933, 101.267123),
        "15:57": (2_967, 52.3302395, 110.159407), "16:01": (2_965, 62.5360209, 128.170293),
        "16:02": (1_433, 44.9574059, 92.0809316),
    }  # fmt: skip
    for minute, values in expected.items():
        assert found[minute] == pytest.approx(values, rel=1e-8, abs=1e-9), minute
    assert sum(readings for readings, _, _ in found.values()) == 34_667


@pytest.mark.parametrize(
    ("window_s", "step_s", "windows", "still"), [(60, 15, 42, 8), (60, 60, 11, 2), (30, 30, 22, 5)]
)
def test_nonwear(walk, ask, window_s, step_s, windows, still):
    query = "select * from analytics.session_nonwear(%s, 'accelerometer', 9.80665, %s, %s)"
    rows = ask(query, walk, window_s, step_s)
    assert (len(rows), sum(row["is_nonwear"] for row in rows)) == (windows, still)
    assert rows[0]["at"] >= datetime.fromisoformat("2023-03-17T15:50:47Z")
    assert all(row["at"].timestamp() % step_s == 0 for row in rows)


def test_an_hour_on_a_table_is_nonwear(record, ask):
    """Windows of an hour each quarter, as published; five minutes in a hand are not."""
    readings = [
        {
            "sensor_type": "accelerometer",
            "timestamp": 1_577_836_800_000 + second * 1000,
            "data": {"x": 3.0 * (second > 6_900 and second % 2), "y": 2.0 * (second > 6_900 and second % 3), "z": 9.81},
        }
        for second in range(7_201)
    ]
    session = record(readings, start_time=_START)
    rows = ask("select * from analytics.session_nonwear(%s)", session)
    assert [row["is_nonwear"] for row in rows] == [True, True, True, True, False]


@pytest.mark.parametrize(
    "query",
    [
        "select * from analytics.session_epochs(%s, 'lamp')", "select * from analytics.session_intensity(%s, 'lamp')",
        "select * from analytics.session_activity(%s, 'lamp')", "select * from analytics.session_steps(%s, 'lamp')",
        "select * from analytics.dominant_frequency(%s, 'lamp')",
        "select * from analytics.session_nonwear(%s, 'lamp')",
    ],
)  # fmt: skip
def test_no_such_sensor_gives_no_rows(record, ask, query):
    session = record([{"sensor_type": "lamp", "timestamp": 1_577_836_800_000, "data": {"lux": 1}}], start_time=_START)
    assert ask(query, session) == []
    assert ask(query, session + 1) == []
