"""Zones of the heart rate and its resting value, of a watch and of made days, against plain Python."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles.heart_rate import resting, zones
from tests.support.readings import reading_at
from tests.support.recordings import tcx_heart_rate

pytestmark = pytest.mark.integration

_ZONES = "select * from analytics.session_heart_rate_zones(%s, _max_bpm => %s, _gap_s => %s)"
# Midnight in Seoul, where the user lives.
_MIDNIGHT_MS = 1_760_022_000_000


def beat(at, bpm):
    return reading_at(at, "heart_rate", bpm=bpm)


def watch():
    rows = tcx_heart_rate("tcx_device_distance/sup_activity_1.tcx")
    first = rows[0]["timestamp"]
    return rows, [((row["timestamp"] - first) / 1000, row["data"]["bpm"]) for row in rows]


@pytest.mark.parametrize(("max_bpm", "gap_s"), [(180, 60), (180, 5), (120, 60), (106, 10)])
def test_zones_of_a_watch(record, ask, max_bpm, gap_s):
    rows, beats = watch()
    session = record(rows, start_time=rows[0]["timestamp"])
    found = ask(_ZONES, session, max_bpm, gap_s)
    seconds = zones(beats, max_bpm, gap_s)
    assert [row["zone"] for row in found] == list(range(6))
    assert [row["seconds"] for row in found] == pytest.approx(seconds, rel=1e-9)
    assert [row["share"] for row in found] == pytest.approx([one / sum(seconds) for one in seconds], rel=1e-9)
    bounds = [max_bpm * percent / 100 for percent in (50, 60, 70, 80, 90)]
    assert [row["from_bpm"] for row in found] == [None, *bounds]
    assert [row["below_bpm"] for row in found] == [*bounds, None]


def test_seconds_of_a_watch_are_those_between_its_readings(record, ask):
    """The last reading holds for no time, however long the interval before it."""
    rows, beats = watch()
    session = record(rows, start_time=rows[0]["timestamp"])
    [row] = ask(f"select sum(seconds) as s from ({_ZONES}) as z", session, 180, None)
    assert row["s"] == pytest.approx(beats[-1][0] - beats[0][0])


def test_the_maximum_of_an_age_is_that_of_tanaka(record, ask):
    session = record([beat(0, 90), beat(10, 107), beat(20, 90)])
    by_age = ask("select * from analytics.session_heart_rate_zones(%s, _age => 40)", session)
    assert by_age == ask(_ZONES, session, 180, 60)
    assert [row["seconds"] for row in by_age] == [0, 20, 0, 0, 0, 0]
    assert ask("select * from analytics.session_heart_rate_zones(%s, 214, _age => 40)", session) == ask(
        _ZONES, session, 214, 60
    )
    acsm = ask("select seconds from analytics.session_heart_rate_zones(%s, 180, _percents => '{57,64,77,96}')", session)
    assert [row["seconds"] for row in acsm] == [10, 10, 0, 0, 0]


def test_unknown_rates_hold_no_time(record, ask):
    session = record([beat(0, 100), beat(10, 0), beat(30, 100), beat(45, 120)])
    assert [row["seconds"] for row in ask(_ZONES, session, 200, 60)] == [0, 25, 0, 0, 0, 0]
    lone = record([beat(0, 100)])
    assert [(row["seconds"], row["share"]) for row in ask(_ZONES, lone, 200, 60)] == [(0, None)] * 6
    assert ask("select * from analytics.session_heart_rate_zones(%s)", session) == []
    assert ask("select * from analytics.session_heart_rate_zones(%s, 200, _sensor => 'light')", session) == []
    assert ask(_ZONES, session, 0, 60) == []


@given(
    st.lists(st.tuples(st.integers(1, 1600), st.integers(0, 220)), min_size=1, max_size=20), st.integers(100, 220),
    st.integers(0, 120),
)  # fmt: skip
def test_zones_equal_plain_python(record, ask, steps, max_bpm, gap_s):
    at, beats = 0.0, []
    for eighths, bpm in steps:
        at += eighths / 8
        beats.append((at, bpm))
    session = record([beat(*one) for one in beats])
    expected = zones(beats, max_bpm, gap_s) if any(bpm for _, bpm in beats) else []
    assert [row["seconds"] for row in ask(_ZONES, session, max_bpm, gap_s)] == pytest.approx(expected, abs=1e-6)


def days(ask, user, first, last, **limits):
    named = "".join(f", _{name} => {value}" for name, value in limits.items())
    return ask(f"select * from analytics.user_resting_heart_rate(%s, %s, %s{named})", user, first, last)


def user_of(ask, session):
    [row] = ask("select user_id from analytics.sessions where recording_id = %s", session)
    return row["user_id"]


def minute_beat(minute, bpm, second=0):
    return {
        "sensor_type": "heart_rate", "timestamp": _MIDNIGHT_MS + minute * 60_000 + second * 1000, "data": {"bpm": bpm}
    }  # fmt: skip


def test_a_night_is_where_the_heart_rests(record, ask, db):
    """Two days in Seoul: 48 bpm from 3:00 to 3:44 of the first, 55 otherwise; the second has 10 minutes only."""
    night = [minute_beat(n, 48 if 180 <= n < 225 else 55) for n in range(1440)]
    session = record(night + [minute_beat(1440 + n, 40) for n in range(10)], start_time="2025-10-09T00:00:00Z")
    user = user_of(ask, session)
    first, last = date(2025, 10, 10), date(2025, 10, 11)
    expected = [
        {
            "day": first, "minutes": 1440, "resting_bpm": 48.0,
            "from_at": datetime.fromisoformat("2025-10-09T18:00:00Z"),
        },
        {"day": last, "minutes": 10, "resting_bpm": None, "from_at": None},
    ]  # fmt: skip
    assert days(ask, user, first, last) == expected
    assert days(ask, user, first, first, min_minutes=1) == expected[:1]
    assert days(ask, user, last, last, min_minutes=10)[0]["resting_bpm"] == 40
    assert days(ask, user, first, last, sensor="'light'") == []
    db.execute("select app.archive_readings(%s)", [session])
    assert days(ask, user, first, last) == expected


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 59), st.integers(0, 150)), min_size=1, max_size=30,
             unique_by=lambda one: one[:2]),
    st.integers(-1, 40), st.integers(-1, 12),
)  # fmt: skip
def test_resting_rates_equal_plain_python(record, ask, db, beats, window, least):
    # Each example is the only recording of that day.
    db.execute("delete from app.sensor_data")
    session = record([minute_beat(minute, bpm, second) for minute, second, bpm in beats])
    limits = {"window_minutes": window, "min_minutes": least}
    rows = days(ask, user_of(ask, session), "2025-10-10", "2025-10-10", **limits)
    timed = [(minute * 60 + second, bpm) for minute, second, bpm in beats]
    minutes = {minute for minute, _, _ in beats} - {minute for minute, _, bpm in beats if bpm == 0}
    found = resting(timed, max(window, 1), least)
    start = datetime.fromisoformat("2025-10-09T15:00:00Z")
    assert [row["minutes"] for row in rows] == [len(minutes)] * bool(minutes)
    if minutes and found is None:
        assert (rows[0]["resting_bpm"], rows[0]["from_at"]) == (None, None)
    elif minutes:
        assert rows[0]["resting_bpm"] == pytest.approx(found[0])
        if found[0] == rows[0]["resting_bpm"]:
            assert rows[0]["from_at"] == start + timedelta(minutes=found[1])
