"""Rollups as analysts query them: means, deviations, rates and distances, stored or archived."""

import statistics
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.support.aliases import Archive, Db, Document, Push
from tests.support.readings import DAY_MS, MORNING_MS

pytestmark = [pytest.mark.sync, pytest.mark.integration]

HOUR_MS = 3_600_000
# Two days of 0.2 Hz for a minute every two hours; the values are far from zero.
TIMES = [
    MORNING_MS + day * DAY_MS + 2 * hour * HOUR_MS + second * 1000
    for day in (0, 1) for hour in range(5) for second in range(0, 60, 5)
]  # fmt: skip
XS = [1_000_000 + index % 7 / 8 for index in range(len(TIMES))]


@pytest.fixture
def analyst(database_url: str) -> Iterator[Db]:
    """A connection with the rights of an analyst."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set role koodtx_analyst")
        yield connection


@pytest.fixture(params=["stored", "archived", "first day archived"])
def recording(request: pytest.FixtureRequest, push: Push, archive: Archive) -> str:
    """The same readings, stored or archived."""
    readings = [("accelerometer", at, {"x": x, "y": 0.0}) for at, x in zip(TIMES, XS, strict=True)]
    half = len(readings) // 2
    push(*readings[:half])
    if request.param == "first day archived":
        archive()
    push(*readings[half:])
    if request.param == "archived":
        archive()
    return str(request.param)


def expected(members: list[int]) -> tuple[int, float, float]:
    """Count, mean and deviation of x of these readings."""
    xs = [XS[index] for index in members]
    return len(xs), pytest.approx(statistics.fmean(xs), rel=1e-12), pytest.approx(statistics.stdev(xs), rel=1e-6)


@pytest.mark.parametrize(
    ("view", "width_ms"), [("rollup_minute", 60_000), ("rollup_hour", HOUR_MS), ("rollup_day", DAY_MS)]
)
def test_mean_and_deviation_of_each_bucket(recording: str, analyst: Db, view: str, width_ms: int) -> None:
    rows = analyst.execute(
        f"select extract(epoch from bucket) * 1000, count, mean, std, min, max from analytics.{view}"
        " where axis = 'x' order by bucket".encode()
    ).fetchall()
    members: dict[int, list[int]] = {}
    for index, at in enumerate(TIMES):
        members.setdefault(at - at % width_ms, []).append(index)
    assert [int(row[0]) for row in rows] == sorted(members)
    for begin, *found, least, greatest in rows:
        inside = members[int(begin)]
        assert tuple(found) == expected(inside)
        assert (least, greatest) == (min(XS[i] for i in inside), max(XS[i] for i in inside))


def test_buckets_of_any_rows_are_merged_exactly(recording: str, analyst: Db) -> None:
    row = analyst.execute(
        "select sum(count), float8_avg(analytics.merged_moments(moments)),"
        " float8_stddev_samp(analytics.merged_moments(moments)) from analytics.rollup_hour where axis = 'x'"
    ).fetchone()
    assert row == expected(list(range(len(TIMES))))


def test_days_of_a_time_zone_begin_at_its_midnight(recording: str, analyst: Db) -> None:
    """In Seoul the readings of 15:00 UTC and later are of the next day."""
    (session,) = analyst.execute("select recording_id from analytics.sessions").fetchone() or ()
    rows = analyst.execute(
        "select day::text, count, mean, std from analytics.sensor_local_day(%s, 'Asia/Seoul') where axis = 'x'",
        [session],
    ).fetchall()
    members: dict[str, list[int]] = {}
    for index, at in enumerate(TIMES):
        day = (at + 9 * HOUR_MS - MORNING_MS + 10 * HOUR_MS) // DAY_MS
        members.setdefault(f"2025-06-0{2 + day}", []).append(index)
    assert len(members) == 3
    assert {day: tuple(found) for day, *found in rows} == {day: expected(inside) for day, inside in members.items()}


def test_rates_are_those_of_the_bucket(recording: str, analyst: Db) -> None:
    rows = analyst.execute("select distinct readings, rate_hz from analytics.rollup_minute").fetchall()
    assert rows == [(12, 0.2)]


def test_what_a_user_recorded_a_day(recording: str, analyst: Db) -> None:
    rows = analyst.execute(
        "select d.* from analytics.users as u, analytics.user_local_day(u.id, '2025-06-01', '2025-06-03') as d"
    ).fetchall()
    assert [(str(day), *rest) for day, *rest in rows] == [
        ("2025-06-02", "accelerometer", 1, 60, 5, None),
        ("2025-06-03", "accelerometer", 1, 60, 5, None),
    ]


DISTANCES = {
    "by minute": "select * from analytics.sensor_distance order by recording_id, sensor, bucket",
    "by session": "select d.* from analytics.sessions as s, analytics.session_distance(s.recording_id) as d"
    " order by s.recording_id, d.sensor",
    "by user": "select d.* from analytics.users as u, analytics.user_distance(u.id, '2025-06-01', '2025-06-30') as d",
    "by day": "select d.* from analytics.users as u, analytics.user_local_day(u.id, '2025-06-01', '2025-06-30') as d",
    "statistics": "select analytics.user_statistics(u.id, '2025-06-01', '2025-06-30') from analytics.users as u",
    "analysis": "select analytics.session_analysis(s.recording_id) -> 'distance' from analytics.sessions as s"
    " order by s.recording_id",
}


def distances(analyst: Db) -> dict[str, Any]:
    return {name: rounded(analyst.execute(query.encode()).fetchall()) for name, query in DISTANCES.items()}


def rounded(found: Any) -> Any:
    """Sums differ in their last digits by the order in which they were made."""
    if isinstance(found, dict):
        return {name: rounded(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [rounded(value) for value in found]
    return round(found, 6) if isinstance(found, float) else found


def track(begin_ms: float, count: int, step_s: float = 1, sensor: str = "gps") -> list[tuple[str, float, Document]]:
    """Northwards at 1.1 m/s, each seventh fix inaccurate."""
    return [
        (
            sensor,
            begin_ms + n * step_s * 1000,
            {"latitude": 37.5 + n * step_s * 1e-5, "longitude": 127.0, "accuracy": 5 if n % 7 else 50},
        )
        for n in range(count)
    ]


def test_distance_outlives_the_readings(push: Push, archive: Archive, analyst: Db) -> None:
    """All that reports it, before and after archiving and again after late readings were archived in their turn."""
    rest = [("gps", MORNING_MS + HOUR_MS + n * 1000, {"latitude": 37.6, "longitude": 127.0}) for n in range(600)]
    push(*track(MORNING_MS, 600), *rest, *track(MORNING_MS, 200, sensor="location"))
    # Over midnight of UTC, every 90 s: limits are those of a session.
    push(*track(MORNING_MS + 13.9 * HOUR_MS, 40, 90), session_id="ride")
    push(("barometer", MORNING_MS, {"pressure": 1000.0}), session_id="none")
    before = distances(analyst)
    for name in ("walk", "ride", "none"):
        assert archive(name)[0] > 0
    assert distances(analyst) == before
    # Days before, between and after those that were archived.
    push(*track(MORNING_MS - 3 * DAY_MS, 50), *track(MORNING_MS + 2 * DAY_MS, 30), session_id="walk")
    push(*track(MORNING_MS + 2 * DAY_MS - 14 * HOUR_MS, 30, 90), session_id="ride")
    partly = distances(analyst)
    assert partly != before
    for name in ("walk", "ride"):
        archive(name)
    assert distances(analyst) == partly


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ("20", {"raw_m", "gated_m", "moving_m", "unjoined_s", "fixes", "fixes_used"}),
        ("10", {"raw_m", "fixes"}),
        ("null", {"raw_m", "fixes"}),
        ("20, 30", {"raw_m", "fixes"}),
        ("_stay_m => 10", {"raw_m", "fixes"}),
        ("_max_speed_m_s => 50", set()),
    ],
)
def test_what_was_archived_is_not_known_by_other_limits(
    push: Push, archive: Archive, analyst: Db, call: str, known: set[str]
) -> None:
    push(*track(MORNING_MS, 60))
    archive()
    push(*track(MORNING_MS + DAY_MS, 60))
    names = ["raw_m", "gated_m", "moving_m", "unjoined_s", "fixes", "fixes_used"]
    row = analyst.execute(
        f"select {', '.join(names)} from analytics.sessions as s,"
        f" analytics.session_distance(s.recording_id, {call}) as d".encode()
    ).fetchone()
    assert row is not None
    assert {name for name, value in zip(names, row, strict=True) if value is not None} == known


def test_one_fix_alone_goes_nowhere(push: Push, analyst: Db) -> None:
    push(("gps", MORNING_MS, {"latitude": 37.5, "longitude": 127.0, "speed": 3.0}))
    query = "select seconds, distance_m, raw_m, moving_m, unjoined_s, fixes from analytics.sensor_distance"
    assert analyst.execute(query.encode()).fetchall() == [(None, None, None, None, 0, 1)]


def test_a_speed_without_a_place_is_no_distance(push: Push, analyst: Db) -> None:
    push(*(("gps", MORNING_MS + n * 1000, {"latitude": 37.5, "speed": 3.0}) for n in range(120)))
    assert analyst.execute("select from analytics.sensor_distance").fetchall() == []


def test_analysts_do_not_see_deleted_sessions_anywhere(recording: str, analyst: Db, db: Db) -> None:
    """Not even before they are erased, nor behind the views."""
    is_community = db.execute("select app.edition()").fetchone() == ("community",)
    if is_community:
        for level in ("minute", "hour"):
            db.execute(f"call refresh_continuous_aggregate('app.{level}_partials', null, null)".encode())
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions")
    for view in ("rollup_partials", "rollup_minute", "rollup_hour", "rollup_day", "sensor_distance"):
        assert analyst.execute(f"select * from analytics.{view}".encode()).fetchall() == [], view
    behind = db.execute(
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = '_timescaledb_internal'"
        " and c.relname ~ '(materialized_hypertable|direct_view|partial_view|hyper)_'"
        " and c.relkind in ('r', 'v')"
    ).fetchall()
    assert bool(behind) == (db.execute("select app.edition()").fetchone() != ("plain",))
    for (relation,) in behind:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(f"select * from {relation}".encode())


def test_stored_and_archived_partials_have_the_same_columns_in_the_same_order(db: Db) -> None:
    """analytics.rollup_partials unites them by position."""
    tables = ["minute_partials", "hour_partials", "day_partials", "archived_rollups"]
    columns = [
        db.execute(
            "select column_name, udt_name from information_schema.columns"
            " where table_schema = 'app' and table_name = %s and column_name <> 'bucket_minutes'"
            " order by ordinal_position",
            [table],
        ).fetchall()
        for table in tables
    ]
    assert len(columns[0]) == 6 + 3 * 6
    assert all(found == columns[0] for found in columns)


def test_rollup_lag_has_a_row_per_level(analyst: Db, db: Db) -> None:
    rows = analyst.execute("select rollup, refreshed_at, realtime_from from analytics.rollup_lag()").fetchall()
    assert [(rollup, realtime_from) for rollup, _, realtime_from in rows] == [("minute", None), ("hour", None)]
    # Before the first refresh that succeeded NULL: clients cannot represent -infinity.
    assert analyst.execute("select from analytics.rollup_lag() where not isfinite(refreshed_at)").fetchall() == []


def test_a_late_reading_is_in_its_bucket_after_the_next_refresh(push: Push, analyst: Db, community: Db) -> None:
    """The policies themselves refresh, and move old chunks to the columnstore."""

    def sums() -> list[Any]:
        query = "select x_moments[2] from analytics.rollup_partials where bucket_minutes = 60"
        return analyst.execute(query).fetchall()

    push(("accelerometer", MORNING_MS, {"x": 1.0}))
    run_policies(community)
    push(("accelerometer", MORNING_MS + 1, {"x": 2.0}))
    assert sums() == [(1.0,)]
    lag = analyst.execute(
        "select rollup from analytics.rollup_lag() where realtime_from > %s::timestamptz",
        ["2025-06-02T10:00Z"],
    ).fetchall()
    assert lag == [("minute",), ("hour",)]
    run_policies(community)
    assert sums() == [(3.0,)]
    chunks = community.execute("select is_compressed from timescaledb_information.chunks").fetchall()
    assert (True,) in chunks


def run_policies(community: Db) -> None:
    """As TimescaleDB's scheduler does. Jobs below 1000 are the extension's own."""
    for (job,) in community.execute("select job_id from timescaledb_information.jobs where job_id >= 1000").fetchall():
        community.execute(f"call run_job({job})".encode())


@pytest.mark.parametrize("points", [100, 5000])
def test_chart_is_there_wherever_the_readings_are(recording: str, analyst: Db, points: int) -> None:
    """From whole minutes where parts are at least ten minutes wide or the readings are archived."""
    width_ms = (TIMES[-1] - TIMES[0]) / points
    parts: dict[int, list[float]] = {}
    for index, at in enumerate(TIMES):
        is_archived = recording == "archived" or (recording != "stored" and index < len(TIMES) // 2)
        begin = at - at % 60_000 if width_ms >= 600_000 or is_archived else at
        parts.setdefault(min(int((begin - TIMES[0]) / width_ms), points - 1), []).append(XS[index])
    rows = analyst.execute(
        "select extract(epoch from c.at) * 1000, c.count, c.min, c.max"
        " from analytics.sessions as s, analytics.session_series(s.recording_id, 'accelerometer', _points => %s) as c"
        " where c.axis = 'x' order by c.at",
        [points],
    ).fetchall()

    assert [(round((float(at) - TIMES[0]) / width_ms), *found) for at, *found in rows] == [
        (place, len(part), min(part), max(part)) for place, part in sorted(parts.items())
    ]
