"""analytics.user_rollups against values computed from the recordings' files; and what questions about a user read."""

import time
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from koodtx.demo.recording import read_recording
from koodtx.resources import project_folder
from tests.support.aliases import Db
from tests.support.databases import value
from tests.support.readings import series
from tests.support.recordings import nab, strapdown

pytestmark = pytest.mark.integration

# What people ask of a user, over all of the user's days.
_QUESTIONS = [
    "select * from analytics.user_local_day(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_rollups(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_rollups(%(user)s, '2026-01-01', '2026-12-31', _width => 'day')",
    "select analytics.user_statistics(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_metrics(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_distance(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_quality(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_anomalies(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_percentiles(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_activity(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_coverage(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_stays(%(user)s, '2026-01-01', '2026-12-31', _stay_s => 60)",
    "select * from analytics.user_mobility(%(user)s, '2026-01-01', '2026-12-31')",
    "select * from analytics.user_rhythm(%(user)s, 'accelerometer', 'magnitude', '2026-01-01', '2026-12-31')",
    # The pattern of docs/analysts.md.
    "select r.* from analytics.sessions as s"
    " join analytics.session_sensors as n on n.recording_id = s.recording_id"
    " cross join lateral (select p.* from analytics.rollup_partials as p where p.bucket_minutes = 1"
    " and p.recording_id = n.recording_id and p.sensor_type_id = n.sensor_type_id offset 0) as r"
    " where s.user_id = %(user)s",
]


def rollups(ask, zone, day, width, sensor, axis):
    rows = ask(
        "select r.* from analytics.users as u, analytics.user_rollups(u.id, %s, %s, %s, %s) as r"
        " where r.sensor = %s and r.axis = %s order by r.bucket",
        day, day, zone, width, sensor, axis,
    )  # fmt: skip
    return [tuple(row[name] for name in ("local_start", "count", "mean", "std", "min", "max")) for row in rows]


def local(text):
    return datetime.fromisoformat(text)


def near(*row):
    return (*row[:2], *(None if number is None else pytest.approx(number, rel=1e-9) for number in row[2:]))


def test_a_walk_by_day_hour_and_minute(record, ask):
    recording = read_recording(project_folder("examples") / "sensorlogger_ethz")
    record(
        [{"sensor_type": sensor, "timestamp": at, "data": data} for sensor, at, data in recording if sensor[0] == "a"],
        start_time="2023-03-17T15:50:47Z",
    )
    walk = ("Europe/Zurich", "2023-03-17")
    motion = ("accelerometer", "magnitude")
    assert rollups(ask, *walk, "day", *motion) == [
        near(local("2023-03-17 00:00"), 34_667, 9.74364826033, 1.20694572297, 4.93301470193, 17.5898752974)
    ]
    assert rollups(ask, *walk, "hour", *motion) == [
        near(local("2023-03-17 16:00"), 27_301, 9.73600399680, 1.12013961107, 6.22525619677, 17.5898752974),
        near(local("2023-03-17 17:00"), 7_366, 9.77198060335, 1.48481424793, 4.93301470193, 15.9924788020),
    ]
    minutes = rollups(ask, *walk, "minute", *motion)
    assert len(minutes) == 13
    assert [minutes[0], minutes[-1]] == [
        near(local("2023-03-17 16:50"), 624, 9.69658497635, 0.0134791374500, 9.65917627632, 9.73567000478),
        near(local("2023-03-17 17:02"), 1_433, 9.76352598281, 1.25841292538, 6.41084871699, 15.1340434350),
    ]


def test_a_drive_by_hour(record, ask, db):
    session = record(strapdown(), start_time="2025-06-11T20:34:27Z")
    expected = [
        near(local("2025-06-11 16:00"), 1_533, 6.31789940260, 3.49915525447, 0, 13.789999961853),
        near(local("2025-06-11 17:00"), 115, 6.55826069690, 2.54082666458, 0.019999999553, 9.819999694824),
    ]
    assert rollups(ask, "America/New_York", "2025-06-11", "hour", "gps", "speed") == expected
    db.execute("select app.archive_readings(%s)", [session])
    assert rollups(ask, "America/New_York", "2025-06-11", "hour", "gps", "speed") == expected


def test_days_of_25_and_23_hours(record, ask):
    record(nab("ambient_temperature_system_failure"), start_time="2013-07-04T00:00:00Z")
    for zone, day, *row in [
        ("Europe/Berlin", "2013-07-04", 22, 70.3846662732, 0.986779028511, 68.95939994, 72.0916061),
        ("Europe/Berlin", "2013-10-27", 25, 72.4256880372, 0.776575946277, 71.14297184, 73.85796513),
        ("Europe/Berlin", "2014-03-30", 23, 64.6996262926, 0.655096114456, 63.45681538, 65.75005021),
        ("Asia/Kathmandu", "2013-07-28", 9, 72.7448829144, 0.635815901522, 71.89290086, 73.85915886),
        ("America/New_York", "2013-07-28", 1, 71.89290086, None, 71.89290086, 71.89290086),
        ("America/New_York", "2013-11-03", 25, 75.1142172800, 1.13321264045, 73.29808803, 77.0894334),
        ("America/New_York", "2014-03-09", 23, 63.2840420748, 0.934168768482, 61.80836032, 65.21301797),
    ]:
        assert rollups(ask, zone, day, "day", "nab", "value") == [near(local(f"{day} 00:00"), *row)], (zone, day)
    count = (
        "select count(*) from analytics.users as u, analytics.user_rollups(u.id, '2013-01-01', '2015-01-01', %s, 'day')"
    )
    assert [ask(count, zone)[0]["count"] for zone in ("Europe/Berlin", "Asia/Kathmandu", "America/New_York")] == [
        311, 312, 311,
    ]  # fmt: skip


def test_rollups_of_all_sessions_of_a_user_are_merged(record, ask):
    for _ in range(2):
        record(series([1.0, 3.0]))
    [row] = ask(
        "select r.* from analytics.users as u, analytics.user_rollups(u.id, '2025-10-01', '2025-10-31', 'UTC') as r"
    )
    assert (row["sessions"], row["count"], row["mean"], row["bucket"]) == (
        2,
        4,
        2,
        datetime(2025, 10, 9, 8, tzinfo=UTC),
    )
    assert row["moments"] == [4, 8, 4]


def insert_others(db: Db, readings: int) -> tuple[int, set[str]]:
    """A user with two sessions of two minutes, beside users who recorded each week. Returns the user and the chunks."""
    db.execute("select app.create_user('user' || n, 'user' || n || '@example.org', null, 'user', 'Europe/Berlin')"
               " from generate_series(1, 20) as n")  # fmt: skip
    db.execute(
        "insert into app.sensor_types (user_id, name, value_key)"
        " select u.id, n.name, 'value' from app.users as u cross join unnest(%s::text[]) as n (name)"
        " on conflict do nothing",
        [["accelerometer", "gyroscope", "magnetometer"]],
    )
    [[user]] = db.execute("select min(id) from app.users").fetchall()
    sessions = """
        insert into app.recording_sessions (
            user_id, session_id, start_time, end_time, first_reading_at, last_reading_at, data_count, updated_at
        )
        select u.id, 'session' || week, at, at + %(length)s, at, at + %(length)s, %(count)s * 3, now()
        from app.users as u cross join generate_series(0, 19) as week
        cross join lateral (select timestamptz '2026-03-02 08:00Z' + week * interval '7 days' as at) as t
        where (u.id = %(user)s) = %(is_own)s and (week in (3, 11) or not %(is_own)s)
    """
    read = """
        insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x, y, z, latitude, longitude, speed)
        select s.id, t.id, s.start_time + n * (s.end_time - s.start_time) / %(count)s, n %% 7, n %% 5, 9.8, 47, 8, 1
        from app.recording_sessions as s
        join app.sensor_types as t on t.user_id = s.user_id and t.name in ('accelerometer', 'gyroscope', 'magnetometer')
        cross join generate_series(0, %(count)s - 1) as n
        where (s.user_id = %(user)s) = %(is_own)s
    """
    for is_own, count, length in ((True, 128, "2 minutes"), (False, readings // (19 * 20 * 3), "2 hours")):
        values = {"user": user, "is_own": is_own, "count": count, "length": length}
        if count:
            db.execute(sessions, values)
            db.execute(read, values)
    db.execute(
        "insert into app.reading_changes (recording_id, sensor_type_id, change_no, changed_at, from_at, to_at)"
        " select s.id, t.id, 1, now(), s.first_reading_at, s.last_reading_at from app.recording_sessions as s"
        " join app.sensor_types as t on t.user_id = s.user_id"
        " and t.name in ('accelerometer', 'gyroscope', 'magnetometer')"
    )
    if value(db, "select app.edition()") == "community":
        for width in ("minute", "hour"):
            db.execute(f"call refresh_continuous_aggregate('app.{width}_partials', null, null)".encode())
    db.execute("analyze")
    # TimescaleDB Community looks for what is not refreshed yet in the newest chunk.
    chunks = db.execute(
        "select distinct d.tableoid::regclass::text from app.sensor_data as d"
        " join app.recording_sessions as s on s.id = d.recording_id where s.user_id = %s"
        " or app.edition() = 'community' and d.recorded_at = (select max(recorded_at) from app.sensor_data)", [user],
    ).fetchall()  # fmt: skip
    own = {name.split(".")[-1] for (name,) in chunks}
    assert not readings or len(own) < len(parts(db)) or value(db, "select app.edition()") == "plain"
    return int(user), own


def parts(db: Db) -> set[str]:
    """The tables that hold readings: chunks, or on plain PostgreSQL the table itself."""
    chunks = db.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'app.sensor_data'::regclass"
    )
    return {name.split(".")[-1] for (name,) in chunks} or {"sensor_data"}


def executed(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of a plan that were executed."""
    found = [plan] if plan["Actual Loops"] else []
    return found + [node for child in plan.get("Plans", ()) for node in executed(child)]


@pytest.mark.parametrize("question", _QUESTIONS)
def test_a_question_about_a_user_reads_that_users_chunks_only(db: Db, database_url: str, question: str) -> None:
    """By what PostgreSQL counted, as plans do not show what functions read."""
    user, own = insert_others(db, 40_000)
    # A connection of its own, as counts are those of a connection; workers count for themselves.
    with psycopg.connect(database_url, options="-c max_parallel_workers_per_gather=0") as reader:
        assert reader.execute(question.replace("%(user)s", str(user)).encode()).fetchall()
        read = reader.execute(
            "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables"
            " where coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0"
            " and (relname like '_hyper%_chunk' or relname = 'sensor_data')",
        ).fetchall()

    assert read, "nothing was read"
    assert {name for name, _ in read} & parts(db) <= own
    # A week of others has 40,000 / 20. What the index alone answers is not counted.
    assert sum(rows for _, rows in read) < 20 * 768


@pytest.mark.parametrize("question", _QUESTIONS[:3])
def test_the_plan_of_rollups_of_a_user_leaves_the_chunks_of_others_out(db: Db, question: str) -> None:
    user, own = insert_others(db, 40_000)

    text = question.replace("%(user)s", str(user))
    [[[explained]]] = db.execute(f"explain (analyze, format json, timing off) {text}".encode()).fetchall()

    # A custom scan stands above those of the chunks.
    nodes = [node for node in executed(explained["Plan"]) if node["Node Type"] != "Custom Scan"]
    read = [node for node in nodes if node.get("Relation Name") in parts(db)]
    # TimescaleDB Community reads what it has materialised.
    if value(db, "select app.edition()") != "community":
        assert {node["Relation Name"] for node in read} == own
        # Days have distances too, which read the fixes.
        times = 2 if "user_local_day" in question else 1
        assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) == 768 * times
    assert {node["Relation Name"] for node in read} <= own


@pytest.mark.long
def test_two_million_readings_of_others_cost_nothing(make_database: Any) -> None:
    """As often as it takes to have one undisturbed run of each."""
    seconds = {}
    for others in (0, 2_000_000):
        with psycopg.connect(make_database(), autocommit=True) as db:
            user, _ = insert_others(db, others)
            for question in _QUESTIONS:
                text = question.replace("%(user)s", str(user)).encode()
                runs = []
                for _ in range(4):
                    begin = time.perf_counter()
                    assert db.execute(text).fetchall()
                    runs.append(time.perf_counter() - begin)
                seconds[others, question] = min(runs)
    for question in _QUESTIONS:
        assert seconds[2_000_000, question] < 2
        # Planning opens the chunks of others, 20 of them.
        assert seconds[2_000_000, question] < 3 * seconds[0, question] + 0.1, question
