"""Partials that a job stores on editions without continuous aggregates: what is read, and what happens meanwhile."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from koodtx.database.pool import make_pool
from koodtx.rollups import store as rollups
from koodtx.settings import Settings
from tests.rollups.harness import store_all
from tests.support.aliases import Archive, Db, Push
from tests.support.databases import erase_deleted, value
from tests.support.processes import StartWorker
from tests.support.readings import MORNING_MS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.sync, pytest.mark.integration]

HOUR_MS = 3_600_000
_STORE = "select app.store_partials(%s)"
# About axes with columns of their own; altitude, keys of extra and distances are computed from readings.
_QUESTIONS = [
    "select * from analytics.rollup_minute where recording_id = %(session)s",
    "select * from analytics.rollup_hour where recording_id = %(session)s",
    "select * from analytics.rollup_hour where user_id = %(user)s",
    "select * from analytics.rollup_day where recording_id = %(session)s and sensor = 'accelerometer'",
    "select * from analytics.user_rollups(%(user)s, '2025-06-01', '2025-06-04', _axis => 'x')",
    "select * from analytics.user_rollups(%(user)s, '2025-06-01', '2025-06-04', null, 'day', 'pressure', 'pressure')",
    "select * from analytics.user_rhythm(%(user)s, 'pressure', 'pressure', '2025-06-01', '2025-06-04')",
    "select p.* from analytics.session_sensors as n cross join lateral (select r.* from analytics.rollup_partials as r"
    " where r.bucket_minutes = 60 and r.recording_id = n.recording_id and r.sensor_type_id = n.sensor_type_id offset 0"
    ") as p where n.recording_id = %(session)s",
]


@pytest.fixture(autouse=True)
def portable(db: Db) -> None:
    if value(db, "select app.edition()") == "community":
        pytest.skip("continuous aggregates take the place of stored partials")


@pytest.fixture
def session(push: Push, db: Db) -> int:
    """The number of a session of three hours, ten minutes apart, two sensors."""
    push(
        *(("accelerometer", MORNING_MS + n * 600_000, {"x": n / 8, "y": -1.0}) for n in range(18)),
        *(("pressure", MORNING_MS + n * 600_000, {"pressure": 1000 + n}) for n in range(18)),
    )
    recording: int = value(db, "select recording_id from analytics.sessions")
    return recording


@pytest.fixture
def other(database_url: str) -> Iterator[Db]:
    """Another connection, whose statements are not committed by themselves."""
    with psycopg.connect(database_url) as connection:
        yield connection


def make_idle(db: Db) -> None:
    db.execute("update app.recording_sessions set last_push_at = app.now() - interval '15 minutes'")


def store(db: Db) -> None:
    make_idle(db)
    store_all(db)


def count(db: Db) -> int:
    return int(value(db, "select count(*) from app.stored_partials"))


def sums(db: Db) -> list[Any]:
    """Hours of x: number and sum."""
    query = "select x_moments[1], x_moments[2] from analytics.rollup_partials where bucket_minutes = 60"
    return db.execute(f"{query} and x_moments is not null order by bucket".encode()).fetchall()


def sums_of_readings(db: Db) -> list[Any]:
    query = "select count(x), sum(x) from app.sensor_data where x is not null group by date_trunc('hour', recorded_at)"
    return db.execute(f"{query} order by date_trunc('hour', recorded_at)".encode()).fetchall()


def rounded(row: tuple[Any, ...]) -> str:
    """Hours merged from minutes differ in their last digits."""
    return str(
        [[f"{n:.9g}" for n in v] if isinstance(v, list) else f"{v:.9g}" if isinstance(v, float) else v for v in row]
    )


def push_late(connection: Db, session: int, at_ms: float, x: float) -> None:
    """Writes one reading as a push does, in the transaction of the connection."""
    connection.execute("select from app.recording_sessions where id = %s for update", [session])
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    row = connection.execute("select id from app.sensor_types where name = 'accelerometer'").fetchone()
    assert row is not None
    connection.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x) values (%s, %s, %s, %s)",
        [session, row[0], at, x],
    )
    counts = {"total_records": 1, "inserted": 1, "updated": 0, "duplicates": 0, "errors": 0}
    about = {"is_changed": False, "sensor_types": ["accelerometer"], "data_bytes": 0, "used": []}
    connection.execute(
        "select app.finish_push(%s, null, %s, %s, %s::integer[], %s::timestamptz[], %s::timestamptz[])",
        [session, Jsonb(about), Jsonb(counts), [row[0]], [at], [at]],
    )


def meanwhile(database_url: str, other: Db, db: Db, session: int, happens: Callable[[], Any]) -> Any:
    """Starts a job, which has read the readings and waits for the session's row; what happens is committed then.

    Returns what the job returned.
    """
    make_idle(db)
    other.execute("select from app.recording_sessions where id = %s for update", [session])
    found = []

    def run() -> None:
        with psycopg.connect(database_url, autocommit=True) as job:
            found.append(value(job, _STORE, session))

    job = threading.Thread(target=run)
    job.start()
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'store_partials'"
    wait_until(lambda: value(db, waiting) == 1, 30)
    happens()
    other.commit()
    job.join(30)
    return found[0]


@pytest.mark.parametrize("question", _QUESTIONS)
def test_stored_hours_are_answered_without_readings(db: Db, database_url: str, session: int, question: str) -> None:
    text = question % {"session": session, "user": value(db, "select user_id from analytics.sessions")}
    before = db.execute(text.encode()).fetchall()
    store(db)
    # A connection of its own, as counts are those of a connection.
    with psycopg.connect(database_url) as reader:
        after = reader.execute(text.encode()).fetchall()
        read = reader.execute(
            "select relname from pg_stat_xact_user_tables where coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0"
        ).fetchall()
    assert sorted(map(rounded, after)) == sorted(map(rounded, before))
    assert before
    names = {name for (name,) in read}
    assert "stored_partials" in names
    assert [name for name in names if name == "sensor_data" or name.startswith("_hyper")] == []


def test_a_session_that_goes_on_keeps_its_last_hour(db: Db, session: int) -> None:
    store_all(db)
    hours = "select bucket from app.stored_partials where bucket_minutes = 60 group by bucket order by bucket"
    begin = datetime.fromtimestamp(MORNING_MS / 1000, UTC)
    assert [(row[0] - begin).total_seconds() for row in db.execute(hours.encode())] == [0, 3600]
    assert sums(db) == sums_of_readings(db)
    store(db)
    assert len(db.execute(hours.encode()).fetchall()) == 3
    assert db.execute("select * from app.sessions_to_store()").fetchall() == []
    assert sums(db) == sums_of_readings(db)


def test_a_late_push_takes_back_its_hour_only(db: Db, session: int, push: Push) -> None:
    store(db)
    push(("accelerometer", MORNING_MS + HOUR_MS + 1, {"x": 100.0}))
    hours = "select count(*) from app.stored_partials where bucket_minutes = 60"
    assert value(db, hours) == 4
    assert sums(db) == sums_of_readings(db)
    store(db)
    assert value(db, hours) == 6
    assert sums(db) == sums_of_readings(db)


@pytest.mark.parametrize(("at_ms", "is_stored"), [(MORNING_MS + 1, False), (MORNING_MS - 5 * HOUR_MS, True)])
def test_a_push_while_a_job_computes(
    db: Db, database_url: str, other: Db, session: int, at_ms: float, is_stored: bool
) -> None:
    """The job gives way if the push changed the same hours."""
    found = meanwhile(database_url, other, db, session, lambda: push_late(other, session, at_ms, 7.0))
    assert (found, count(db) > 0) == (is_stored, is_stored)
    assert sums(db) == sums_of_readings(db)
    store(db)
    assert sums(db) == sums_of_readings(db)


def test_archiving_while_a_job_computes(db: Db, database_url: str, other: Db, session: int) -> None:
    before = sums(db)
    archived = meanwhile(
        database_url, other, db, session, lambda: other.execute("select app.archive_readings(%s)", [session])
    )
    assert (archived, count(db), sums(db)) == (False, 0, before)


def test_deletion_while_a_job_computes(db: Db, database_url: str, other: Db, session: int) -> None:
    delete = "select app.delete_session(user_id, session_id) from app.recording_sessions"
    found = meanwhile(database_url, other, db, session, lambda: other.execute(delete.encode()))
    assert (found, count(db)) == (False, 0)
    assert sums(db) == []


def test_two_jobs_at_once(db: Db, other: Db, session: int) -> None:
    make_idle(db)
    db.execute("set lock_timeout = '5s'")
    assert value(other, _STORE, session) is True
    assert value(db, _STORE, session) is False
    other.commit()
    assert value(db, _STORE, session) is False
    assert sums(db) == sums_of_readings(db)


def test_a_job_that_is_cancelled_leaves_nothing(db: Db, other: Db, session: int) -> None:
    make_idle(db)
    value(other, _STORE, session)
    other.rollback()
    assert count(db) == 0
    assert sums(db) == sums_of_readings(db)


def test_a_session_that_is_being_written_to_is_left(db: Db, other: Db, session: int, settings: Settings) -> None:
    make_idle(db)

    async def run() -> bool:
        async with make_pool(settings) as pool:
            return await rollups.store_partials(pool, session)

    other.execute("select from app.recording_sessions where id = %s for update", [session])
    assert asyncio.run(run()) is False
    assert count(db) == 0
    other.rollback()
    assert asyncio.run(run()) is True


@pytest.mark.long
def test_hours_of_many_readings_are_stored_one_by_one(db: Db, session: int) -> None:
    """Two million readings within an hour, of a session that has few per hour otherwise."""
    db.execute(
        "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at, x)"
        " select d.recording_id, d.sensor_type_id, d.recorded_at + n * interval '1 microsecond', 1"
        " from (select * from app.sensor_data where x is not null order by recorded_at limit 1) as d"
        " cross join generate_series(1, 2000001) as n"
    )
    make_idle(db)
    assert value(db, _STORE, session) is True
    assert value(db, "select sum(count) from app.stored_partials where bucket_minutes = 60") == 2000001 + 12


def test_nothing_outlives_archiving_or_deletion(db: Db, session: int, archive: Archive, push: Push) -> None:
    store(db)
    before = sums(db)
    archive()
    assert (count(db), sums(db)) == (0, before)
    push(("accelerometer", MORNING_MS, {"x": 1.0}), session_id="ride")
    store(db)
    assert count(db) > 0
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions")
    assert sums(db) == []
    erase_deleted(db)
    assert count(db) == 0
    assert value(db, "select count(*) from app.recording_sessions where stored_hours <> '{}'") == 0


def test_a_job_stores_the_sessions_of_all_users(db: Db, session: int, start_worker: StartWorker) -> None:
    make_idle(db)
    start_worker()
    db.execute("select app.enqueue_job('store_rollups', 'batch', '{}')")
    wait_until(lambda: db.execute("select status from app.jobs").fetchone() == ("completed",), 30)
    assert value(db, "select result from app.jobs") == {"sessions": 1, "is_complete": True}
    assert value(db, "select sum(count) from app.stored_partials where bucket_minutes = 60") == 36
