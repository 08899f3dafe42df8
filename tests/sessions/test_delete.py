"""Deleting a session."""

import asyncio
from typing import Any

import psycopg
import pytest

from koodtx.database.pool import make_pool
from koodtx.sessions import store
from koodtx.settings import Settings
from tests.support.aliases import Call, Db
from tests.support.processes import StartWorker
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.sync]


def count(db: Db, table: str) -> int:
    row = db.execute(f"select count(*) from app.{table}").fetchone()  # type: ignore[call-overload]
    result: int = row[0]
    return result


def test_deleted_session_is_hidden_at_once(ask: Call, pull: Call, recording_session: Any) -> None:
    ask("DELETE", "/session-1", status=204)
    ask("GET", "/session-1", status=404)
    assert ask("GET", "/")["sessions"] == []
    assert pull()["sessions"] == []


def test_deleted_session_reaches_other_devices_by_pull(ask: Call, pull: Call, create_session: Call) -> None:
    create_session()
    create_session()
    cursor = pull(cursor=None)["cursor"]
    ask("DELETE", "/session-1", status=204)
    reply = pull(cursor=cursor)
    assert (reply["deleted"], reply["sessions"]) == (["session-1"], [])
    assert pull(cursor=reply["cursor"])["deleted"] == []


@pytest.mark.tasks
def test_deleted_session_leaves_no_readings(
    ask: Call, recording_session: Any, db: Db, start_worker: StartWorker
) -> None:
    """A job erases them."""
    start_worker()
    ask("DELETE", "/session-1", status=204)
    wait_until(lambda: count(db, "sensor_data") == 0, 30)
    wait_until(lambda: db.execute("select status from app.jobs").fetchone() == ("completed",), 10)
    assert db.execute("select task, user_id, result from app.jobs").fetchone() == (
        "erase_deleted_sessions", None, {"sessions": 1},
    )  # fmt: skip


def test_deleting_enqueues_one_job_that_erases_all(ask: Call, create_session: Call, db: Db) -> None:
    for _ in range(3):
        create_session()
    for number in (1, 2, 3):
        ask("DELETE", f"/session-{number}", status=204)
    assert db.execute("select task, lane, status from app.jobs").fetchall() == [
        ("erase_deleted_sessions", "batch", "queued")
    ]


def test_job_that_waits_is_not_claimed_before_the_deletion_is_committed(
    ask: Call, recording_session: Any, db: Db, database_url: str
) -> None:
    """It would not see the session, and nobody would erase it."""
    claim = "select count(*) from app.claim_job('30 s', '{erase_deleted_sessions}', '{batch}')"
    db.execute("select app.enqueue_job('erase_deleted_sessions', 'batch', '{}')")
    with psycopg.connect(database_url) as deleting:
        held = deleting.execute("select app.hold_queued_job('erase_deleted_sessions')").fetchone()
        assert held == (True,)
        assert db.execute(claim).fetchone() == (0,)
    assert db.execute(claim).fetchone() == (1,)


def test_deleted_session_leaves_nothing_personal(ask: Call, create_session: Call, db: Db) -> None:
    end = "2025-10-09T09:00:00Z"
    personal = {"notes": "secret", "units": {"secret": "g"}, "device": {"model": "secret"}}
    create_session(sample_rate=50, enabled_sensors=["gps"], end_time=end, **personal)
    db.execute(
        "insert into app.jobs (task, user_id, recording_id, arguments, status, result)"
        " select 'analyze_sensor_data', user_id, id, '{}', 'completed', '{}' from app.recording_sessions"
    )
    ask("DELETE", "/session-1", status=204)
    row = db.execute(
        "select notes, sample_rate, enabled_sensors, units, device, device_key, start_time, end_time, data_count"
        " from app.recording_sessions"
    ).fetchone()
    assert row == (*[None] * 8, 0)
    assert (count(db, "reading_changes"), count(db, "pushes")) == (0, 0)
    assert db.execute("select task from app.jobs").fetchall() == [("erase_deleted_sessions",)]


def test_deleting_lowers_the_number_of_stored_readings(ask: Call, completed_session: Any, db: Db) -> None:
    ask("DELETE", "/session-1", status=204)
    assert db.execute("select reading_count from app.change_sequences").fetchone() == (0,)


def test_deleting_is_repeatable(ask: Call, pull: Call, recording_session: Any) -> None:
    ask("DELETE", "/session-1", status=204)
    cursor = pull(cursor=None)["cursor"]
    ask("DELETE", "/session-1", status=204)
    assert pull(cursor=cursor)["deleted"] == []


def test_deleting_does_not_change_other_sessions(ask: Call, create_session: Call, sensor_data_batch: Any) -> None:
    create_session(sensor_data_batch)
    create_session(sensor_data_batch)
    ask("DELETE", "/session-1", status=204)
    assert ask("GET", "/session-2")["data_count"] == 100


def test_deleting_a_missing_session_is_404(ask: Call) -> None:
    ask("DELETE", "/missing", status=404)


def test_deleting_another_users_session_is_404_and_does_nothing(
    ask: Call, recording_session: Any, create_user: Call, db: Db
) -> None:
    stranger = create_user("stranger")["headers"]
    theirs = ask("DELETE", "/session-1", headers=stranger, status=404)
    missing = ask("DELETE", "/missing", headers=stranger, status=404)
    assert theirs | {"request_id": ""} == missing | {"request_id": ""}
    assert ask("GET", "/session-1")["data_count"] == 100


def test_deleted_session_of_another_user_looks_missing(ask: Call, recording_session: Any, create_user: Call) -> None:
    ask("DELETE", "/session-1", status=204)
    stranger = create_user("stranger")["headers"]
    theirs = ask("DELETE", "/session-1", headers=stranger, status=404)
    missing = ask("DELETE", "/missing", headers=stranger, status=404)
    assert theirs | {"request_id": ""} == missing | {"request_id": ""}


@pytest.mark.integration
def test_erasure_runs_in_steps_and_concurrently(db: Db, settings: Settings) -> None:
    """Sessions whose deletion was interrupted before their readings were erased."""
    db.execute(
        """
        with owner as (
            select app.create_user('mina', 'mina@example.org', 'x', 'user', 'UTC') as id
        ),
        made as (
            insert into app.recording_sessions
                (user_id, session_id, deleted_at, first_reading_at, last_reading_at)
            select owner.id, number::text, case when number < 4 then now() end,
                '2025-10-09T00:00:00Z', '2025-10-10T00:00:00Z'
            from owner, generate_series(1, 4) as number
            returning id
        )
        insert into app.sensor_data (recording_id, sensor_type_id, recorded_at)
        select made.id, 1, timestamptz '2025-10-09T00:00:00Z' + interval '1 s' * second
        from made, generate_series(1, 1000) as second
        """
    )

    async def erase() -> None:
        async with make_pool(settings) as pool:
            await asyncio.gather(*(store.erase_deleted(pool) for _ in range(3)))

    asyncio.run(erase())
    assert count(db, "sensor_data") == 1000
    assert db.execute("select count(*) from app.recording_sessions where erased_at is not null").fetchone() == (3,)


@pytest.mark.integration
def test_erasure_stops_at_its_limit(db: Db, ask: Call, recording_session: Any) -> None:
    db.execute("select app.delete_session(user_id, session_id) from app.recording_sessions")
    assert db.execute("select app.erase_readings(60)").fetchone() == (False,)
    assert count(db, "sensor_data") == 40
    assert db.execute("select app.erase_readings(60)").fetchone() == (True,)
    assert count(db, "sensor_data") == 0
    assert db.execute("select app.erase_readings(60)").fetchone() == (None,)
