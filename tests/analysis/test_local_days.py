"""Days of a time zone: the same in every function, also where clocks are set at midnight."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koodtx.settings import Settings
from tests.oracles import local_days
from tests.support.readings import START_MS, reading_at
from tests.support.settings import make_settings

pytestmark = pytest.mark.integration

# Zone, a day of it, and the instant (UTC) at which it begins.
_BEGINS = [
    ("Atlantic/Azores", "2026-10-25", "2026-10-25 00:00"),  # midnight twice: the first
    ("America/Havana", "2026-11-01", "2026-11-01 04:00"),
    ("Asia/Beirut", "2026-03-29", "2026-03-28 22:00"),  # clocks go from 00:00 to 01:00
    ("Africa/Cairo", "2026-04-24", "2026-04-23 22:00"),
    ("America/Santiago", "2026-09-06", "2026-09-06 04:00"),
    ("America/Santiago", "2026-04-05", "2026-04-05 04:00"),  # 24:00 is 23:00 once more
    ("Antarctica/Casey", "2010-03-05", "2010-03-04 13:00"),  # back from 02:00 to 23:00
    ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),  # skipped
    ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00"),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-04 13:00"),  # half an hour
    ("Asia/Kathmandu", "2026-10-25", "2026-10-24 18:15"),
    ("Asia/Gaza", "2026-03-28", "2026-03-27 22:00"),
]
_DAYS = sorted({(zone, date.fromisoformat(day)) for zone, day, _ in _BEGINS})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Takes readings of any year in which there are time zones to test."""
    return make_settings(database_url, redis_url=redis_url, max_age_days=20_000)


@pytest.fixture
def set_zone(record, db) -> Any:
    """Moves the user to a time zone; returns the user's number."""

    def call(zone: str) -> int:
        [[user]] = db.execute("update app.users set timezone = %s returning id", [zone]).fetchall()
        return int(user)

    return call


def record_at(record, times, **fields):
    """A session of one reading at each of these times, which starts with the first."""
    seconds = [at.timestamp() - START_MS / 1000 for at in times]
    readings = [reading_at(second, "thermometer", temperature=1.0) for second in seconds]
    return record(readings, **{"start_time": min(times).isoformat()} | fields)


@pytest.mark.parametrize(("zone", "day", "begin"), _BEGINS)
def test_a_day_begins_at_its_first_midnight(ask, zone, day, begin):
    [row] = ask("select * from analytics.local_day_bounds(%s, %s)", day, zone)
    assert row["from_at"] == utc(begin)
    assert (row["from_at"], row["until_at"]) == local_days.local_day_bounds(date.fromisoformat(day), zone)


@given(st.sampled_from(_DAYS), st.integers(-3000, 3000), st.integers(0, 59))
def test_an_instant_belongs_to_the_day_whose_bounds_it_lies_between(ask, zone_day, minutes, second):
    zone, day = zone_day
    at = local_days.begin(day, zone) + timedelta(minutes=minutes, seconds=second)
    [row] = ask(
        "select d.day, b.from_at <= %s and %s < b.until_at as is_inside"
        " from analytics.local_day(%s, %s) as d (day) cross join lateral analytics.local_day_bounds(d.day, %s) as b",
        at, at, at, zone, zone,
    )  # fmt: skip
    assert row == {"day": local_days.local_day(at, zone), "is_inside": True}


@pytest.mark.parametrize(("zone", "day"), _DAYS)
def test_every_function_cuts_the_same_days(record, ask, set_zone, zone, day):
    """A reading in each half hour of four days; also a session of its own in each."""
    user = set_zone(zone)
    first = local_days.begin(day, zone) - timedelta(days=1)
    times = [first + timedelta(minutes=30 * step, seconds=5) for step in range(4 * 48)]
    session = record_at(record, times)
    sessions = {record_at(record, [at]): local_days.local_day(at, zone) for at in times[::5]}
    readings: dict[date, int] = {}
    for at in times + times[::5]:
        readings[local_days.local_day(at, zone)] = readings.get(local_days.local_day(at, zone), 0) + 1
    of_session = {row["day"]: row["count"] for row in ask("select * from analytics.sensor_local_day(%s)", session)}

    for each in [day + timedelta(days=offset) for offset in range(-2, 4)]:
        rows = ask("select day, readings from analytics.user_local_day(%s, %s, %s)", user, each, each)
        assert rows == ([{"day": each, "readings": readings[each]}] if each in readings else [])
        [row] = ask("select analytics.user_statistics(%s, %s, %s) as found", user, each, each)
        begun = ask("select recording_id from analytics.user_sessions(%s, %s, %s)", user, each, each)
        own = {number for number, of in sessions.items() if of == each}
        assert row["found"]["total_records"] == readings.get(each, 0)
        assert row["found"]["total_sessions"] == len(own) + (each in readings)
        assert {row["recording_id"] for row in begun} - {session} == own
        assert of_session.get(each, 0) == readings.get(each, 0) - len(own)
        buckets = ask(
            "select local_start, count from analytics.user_rollups(%s, %s, %s, null, 'day')", user, each, each
        )
        assert [(row["local_start"].date(), row["count"]) for row in buckets] == (
            [(each, readings[each])] if each in readings else []
        )


@pytest.mark.parametrize("is_archived", [False, True])
@pytest.mark.parametrize("zone", ["Asia/Seoul", "Atlantic/Azores", "Asia/Kathmandu"])
def test_a_night_is_split_over_its_days(record, ask, db, set_zone, zone, is_archived):
    """From 22:00 to 06:00, a fix with speed each minute: two hours are of the first day, six of the second."""
    user, day = set_zone(zone), date(2026, 6, 10)
    midnight = local_days.begin(day + timedelta(days=1), zone)
    times = [midnight + timedelta(minutes=minute) for minute in range(-120, 360)]
    session = record_at(record, times, end_time=times[-1].isoformat())
    if is_archived:
        db.execute("select app.archive_readings(%s)", [session])
    found = []
    for first, last in [(day, day), (day + timedelta(days=1), day + timedelta(days=1)), (day, day + timedelta(days=1))]:
        [row] = ask("select analytics.user_statistics(%s, %s, %s) as found", user, first, last)
        [days] = ask(
            "select sum(readings)::int as readings from analytics.user_local_day(%s, %s, %s)", user, first, last
        )
        assert row["found"]["total_records"] == days["readings"]
        found.append(row["found"])

    assert [part["total_sessions"] for part in found] == [1, 1, 1]
    assert [part["total_records"] for part in found] == [120, 360, 480]
    assert [part["total_duration_s"] for part in found] == [7200, 21_540, 28_740]
    assert [part["mean_duration_s"] for part in found] == [7200, 21_540, 28_740]
    assert [part["sensor_usage"] for part in found] == [{"thermometer": 1}] * 3


def test_a_session_that_ends_at_midnight_is_of_one_day(record, ask, set_zone):
    user = set_zone("Asia/Seoul")
    record([], start_time="2026-06-10T14:00:00Z", end_time="2026-06-10T15:00:00Z")
    record([], start_time="2026-06-10T15:00:00Z", end_time="2026-06-10T15:00:00Z")
    for day, seconds in (("2026-06-10", 3600), ("2026-06-11", 0)):
        [row] = ask("select analytics.user_statistics(%s, %s, %s) as found", user, day, day)
        assert (row["found"]["total_sessions"], row["found"]["total_duration_s"]) == (1, seconds)


def test_hours_with_the_same_name_stay_two(record, ask, set_zone):
    """In Berlin the hour from two to three comes twice on 25 October 2026; on Lord Howe half an hour does in April."""
    user = set_zone("Europe/Berlin")
    record_at(record, [utc("2026-10-25 00:00") + timedelta(minutes=20 * step) for step in range(9)])
    rows = ask("select bucket, local_start, count from analytics.user_rollups(%s, '2026-10-25', '2026-10-25')", user)
    assert [(f"{row['bucket']:%H:%M}", f"{row['local_start']:%H:%M}", row["count"]) for row in rows] == [
        ("00:00", "02:00", 3), ("01:00", "02:00", 3), ("02:00", "03:00", 3),
    ]  # fmt: skip


def test_an_hour_that_clocks_cut_begins_with_the_change(record, ask, set_zone):
    user = set_zone("Australia/Lord_Howe")
    record_at(record, [utc("2026-04-04 14:00") + timedelta(minutes=10 * step) for step in range(12)])
    rows = ask("select bucket, local_start, count from analytics.user_rollups(%s, '2026-04-05', '2026-04-05')", user)
    assert [(f"{row['bucket']:%H:%M}", f"{row['local_start']:%H:%M}", row["count"]) for row in rows] == [
        ("14:00", "01:00", 6), ("15:00", "01:30", 3), ("15:30", "02:00", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("zone", "day"), _DAYS)
@pytest.mark.parametrize("width", ["minute", "hour", "day"])
def test_buckets_do_not_overlap_and_hold_all_readings(record, ask, set_zone, zone, day, width):
    user = set_zone(zone)
    first = local_days.begin(day, zone) - timedelta(hours=6)
    record_at(record, [first + timedelta(minutes=7 * step) for step in range(180)])
    span = (day - timedelta(days=2), day + timedelta(days=2))
    rows = ask("select * from analytics.user_rollups(%s, %s, %s, null, %s)", user, *span, width)
    assert sum(row["count"] for row in rows) == 180
    longest = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(hours=27)}[width]
    held = [row["count"] for row in rows]
    expected = [0] * len(rows)
    begins = [row["bucket"] for row in rows]
    assert all(one < other for one, other in pairwise(begins))
    for step in range(180):
        at = first + timedelta(minutes=7 * step)
        place = max(index for index, begin in enumerate(begins) if begin <= at)
        assert at - begins[place] < longest
        expected[place] += 1
    assert held == expected
