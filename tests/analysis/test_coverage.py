"""analytics.user_coverage: a row for every day and sensor, against published recordings and plain Python."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracles import local_days
from tests.oracles.coverage import day_coverage
from tests.support.readings import START, START_MS, reading_at
from tests.support.recordings import campus, nab, strapdown

pytestmark = pytest.mark.integration

_COVERAGE = (
    "select c.* from analytics.users as u, analytics.user_coverage(u.id, %s, %s, %s, %s) as c"
    " where c.sensor = %s order by c.day"
)
_LABELLED = {"ambient": "ambient_temperature_system_failure", "speed": "speed_7578"}
# Recording, sensor, zone and gap_s; day, readings, seconds recorded, share, longest gap.
_DAYS = [
    ("1hz", "gps", "America/New_York", 60, "2025-06-11", 1648, 1647, 0.0190625, 59_667),
    ("1hz", "accelerometer", "America/New_York", 10, "2025-06-11", 451, 472, 0.00546296296, 59_667),
    ("1hz", "accelerometer", "America/New_York", 60, "2025-06-11", 451, 572, 0.00662037037, 59_667),
    ("1hz", "accelerometer", "America/New_York", 60, "2025-06-12", 0, 0, 0, 86_400),
    ("ethz", "gps", "Europe/Zurich", 1, "2023-03-17", 1091, 691.151870, 0.00799944294, 60_648.793),
    ("ethz", "gps", "Europe/Zurich", 10, "2023-03-17", 1091, 700.287031, 0.00810517397, 60_648.793),
    ("ethz", "accelerometer", "Europe/Zurich", 1, "2023-03-17", 34_667, 701.654478, 0.00812100090, 60_647.375690),
    ("ambient", "nab", "Europe/Berlin", 7200, "2013-07-28", 6, 28_800, 0.333333333, 64_800),
    ("ambient", "nab", "Europe/Berlin", 7200, "2013-07-29", 10, 36_000, 0.416666667, 50_400),
    ("ambient", "nab", "Europe/Berlin", 7200, "2013-10-27", 25, 90_000, 1, 3600),
    ("ambient", "nab", "Europe/Berlin", 7200, "2014-03-30", 23, 82_800, 1, 3600),
    ("ambient", "nab", "Asia/Kathmandu", 7200, "2013-07-28", 9, 42_300, 0.489583333, 51_300),
    ("ambient", "nab", "Asia/Kathmandu", 7200, "2013-07-29", 7, 22_500, 0.260416667, 63_900),
    ("speed", "nab", "America/Chicago", 600, "2015-09-07", 0, 0, 0, 86_400),
    ("speed", "nab", "America/Chicago", 600, "2015-09-08", 62, 27_420, 0.317361111, 23_940),
    ("speed", "nab", "America/Chicago", 600, "2015-09-10", 98, 41_040, 0.475, 18_780),
    ("speed", "nab", "America/Chicago", 600, "2015-09-14", 137, 54_780, 0.634027778, 17_700),
    ("speed", "nab", "America/Chicago", 600, "2015-09-16", 192, 69_960, 0.809722222, 4500),
]
_ZONES = ["UTC", "Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe"]
_SECONDS = st.integers(0, 200_000)


def push(record, name):
    if name in _LABELLED:
        return record(nab(_LABELLED[name]), start_time="2013-07-04T00:00:00Z")
    if name == "1hz":
        return record(strapdown(), start_time="2025-06-11T20:34:27Z")
    return record(campus(), start_time="2023-03-17T15:50:47Z")


def near(number):
    return None if number is None else pytest.approx(number, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["1hz", "ethz", "ambient", "speed"])
def test_days_of_recordings(record, ask, db, name):
    """Before and after archiving: minutes keep what pauses of at least a minute need."""
    session = push(record, name)
    for is_archived in (False, True):
        if is_archived:
            db.execute("select app.archive_readings(%s)", [session])
        for _, sensor, zone, gap_s, day, readings, recorded_s, share, longest_s in (
            row for row in _DAYS if row[0] == name
        ):
            [row] = ask(_COVERAGE, day, day, gap_s, zone, sensor)
            is_known = not is_archived or gap_s >= 60
            assert (row["day"], row["readings"]) == (date.fromisoformat(day), readings)
            assert row["longest_gap_s"] == near(longest_s)
            if is_known:
                assert row["recorded_s"] == near(recorded_s)
                # The published shares have nine digits.
                assert row["share"] == pytest.approx(share, rel=6e-9)
            else:
                assert row["recorded_s"] in (None, near(recorded_s))


@pytest.mark.parametrize(
    ("name", "zone", "gap_s", "first", "last", "total"),
    [
        ("ambient", "Europe/Berlin", 7200, "2013-07-01", "2014-06-30", 26_193_600),
        ("ambient", "Asia/Kathmandu", 7200, "2013-07-01", "2014-06-30", 26_193_600),
        ("speed", "America/Chicago", 600, "2015-09-01", "2015-09-30", 450_660),
    ],
)
def test_days_add_up(record, ask, name, zone, gap_s, first, last, total):
    push(record, name)
    rows = ask(_COVERAGE, first, last, gap_s, zone, "nab")
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    assert len(rows) == days
    assert sum(row["recorded_s"] for row in rows) == total
    halves = [ask(_COVERAGE, row["day"], row["day"], gap_s, zone, "nab") for row in rows[:70]]
    assert [half for [half] in halves] == rows[:70]


def test_sensors_that_were_declared_and_never_came_have_rows(record, ask):
    record([reading_at(0, x=1.0)], enabled_sensors=["Accelerometer", "gyroscope", "Gyroscope"])
    record([reading_at(30 * 86_400, "light", value=1.0)], start_time=START_MS + 30 * 86_400_000)
    rows = ask("select c.* from analytics.users as u, analytics.user_coverage(u.id, '2025-10-08', '2025-10-09') as c")
    assert [(f"{row['day']:%d}", row["sensor"], row["readings"], row["recorded_s"]) for row in rows] == [
        ("08", "Gyroscope", 0, 0), ("08", "accelerometer", 0, 0), ("08", "light", 0, 0),
        ("09", "Gyroscope", 0, 0), ("09", "accelerometer", 1, 0), ("09", "light", 0, 0),
    ]  # fmt: skip


def test_a_day_that_the_zone_skipped_has_no_row(record, ask):
    record([reading_at(0, x=1.0)], start_time=START)
    rows = ask(
        "select d.day from analytics.users as u, analytics.user_days(u.id, '2011-12-28', '2012-01-01', %s) as d",
        "Pacific/Apia",
    )
    assert [f"{row['day']:%d}" for row in rows] == ["28", "29", "31", "01"]


@pytest.mark.parametrize("question", ["4711", "u.id, '2026-01-02', '2026-01-01'", "u.id, null, null, -1"])
def test_no_such_days_no_rows(record, ask, question):
    record([reading_at(0, x=1.0)])
    assert ask(f"select c.* from analytics.users as u, analytics.user_coverage({question}) as c") == []


@given(
    st.lists(st.lists(_SECONDS, min_size=1, max_size=12, unique=True), min_size=1, max_size=3),
    st.sampled_from(_ZONES),
    st.sampled_from([0, 1, 60, 600, 50_000, 200_000]),
    st.integers(-1, 1), st.integers(0, 3), st.lists(st.booleans(), min_size=3, max_size=3),
)  # fmt: skip
def test_coverage_equals_plain_python(record, ask, db, sessions, zone, gap_s, first, length, archived):
    """Of sessions at the same time too, some of which may be archived."""
    db.execute("update app.recording_sessions set deleted_at = now()")
    numbers = [record([reading_at(second, x=1.0) for second in session]) for session in sessions]
    micros = sorted((START_MS * 1000 + second * 1_000_000) for session in sessions for second in session)
    start = local_days.local_day(datetime.fromtimestamp(START_MS / 1000, UTC), zone)
    days = [start + timedelta(days=first + n) for n in range(length + 1)]
    expected = []
    for day in days:
        bounds = [int(at.timestamp()) * 1_000_000 for at in local_days.local_day_bounds(day, zone)]
        expected.append((day, *day_coverage(micros, (bounds[0], bounds[1]), gap_s)))

    def found():
        rows = ask(_COVERAGE, days[0], days[-1], gap_s, zone, "accelerometer")
        return [(row["day"], row["readings"], row["recorded_s"], row["longest_gap_s"]) for row in rows]

    assert found() == expected
    for number, is_archived in zip(numbers, archived, strict=False):
        if is_archived:
            db.execute("select app.archive_readings(%s)", [number])
    for row, right in zip(found(), expected, strict=True):
        assert row[:2] == right[:2]
        assert row[2] in ((right[2],) if gap_s >= 60 else (right[2], None))
        assert row[3] in ((right[3],) if right[3] >= 60 else (right[3], None))
