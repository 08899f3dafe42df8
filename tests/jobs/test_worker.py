"""Jobs run by real workers: through HTTP, from Python, and whatever dies meanwhile."""

import asyncio
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from taskiq.exceptions import NoResultError

from koodtx.jobs.attempt import AttemptLost
from koodtx.jobs.current_attempt import run_attempt
from koodtx.settings import Settings
from tests.support.aliases import Client, Db, Document
from tests.support.processes import StartWorker, environment
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.tasks, pytest.mark.integration]


def ask(client: Client, headers: Document, **question: Any) -> str:
    reply = client.post("/api/v1/analysis", json=question, headers=headers)
    assert reply.status_code == 202, reply.text
    job_id: str = reply.json()["job_id"]
    return job_id


def count(db: Db, status: str) -> int:
    row = db.execute("select count(*) from app.jobs where status = %s", [status]).fetchone()
    assert row is not None
    return int(row[0])


def test_worker_answers_every_kind_of_question(
    client: Client, auth_headers: Document, recording_session: Document, db: Db, start_worker: StartWorker
) -> None:
    start_worker()
    about = {"session_id": recording_session["session_id"]}
    days = {"start_date": "2025-10-09", "end_date": "2025-10-10"}
    jobs = {
        kind: ask(client, auth_headers, kind=kind, **about)
        for kind in ("analyze_sensor_data", "detect_anomalies", "calculate_session_metrics")
    }
    jobs["generate_statistics"] = ask(client, auth_headers, kind="generate_statistics")
    jobs |= {kind: ask(client, auth_headers, kind=kind, **days) for kind in ("mobility", "activity", "rhythm")}

    wait_until(lambda: count(db, "completed") == len(jobs), 30)

    results = {
        kind: client.get(f"/api/v1/analysis/{job}/result", headers=auth_headers).json()["result"]
        for kind, job in jobs.items()
    }
    assert results["analyze_sensor_data"]["record_count"] == 100
    assert results["detect_anomalies"]["sensors"]["accelerometer"]["count"] == 100
    assert results["calculate_session_metrics"]["sensors"]["accelerometer"]["count"] == 100
    assert results["generate_statistics"]["total_records"] == 0, "the recording is older than 30 days"
    assert [day["day"] for day in results["mobility"]["days"]] == ["2025-10-09", "2025-10-10"]
    assert [day["readings"] for day in results["activity"]["days"]] == [100]
    assert results["rhythm"]["hours"] == 1


def test_job_of_later_runs_later(
    client: Client, auth_headers: Document, recording_session: Document, db: Db, start_worker: StartWorker
) -> None:
    (soon,) = db.execute("select now() + interval '4 seconds'").fetchone() or (None,)
    job = ask(client, auth_headers, kind="generate_statistics", run_at=soon.isoformat())
    start_worker()

    wait_until(lambda: count(db, "completed") == 1, 30)

    assert db.execute("select started_at >= run_at from app.jobs where id = %s", [job]).fetchone() == (True,)


def test_kiq_from_python_waits_for_its_result(
    settings: Settings, recording_session: Document, db: Db, start_worker: StartWorker
) -> None:
    start_worker()
    (session,) = db.execute("select id from app.recording_sessions").fetchone() or (None,)
    script = f"""
import asyncio
from koodtx.analysis import tasks
from koodtx.worker import broker

async def main():
    await broker.startup()
    task = await tasks.calculate_session_metrics.kiq(recording_id={session})
    result = await task.wait_result(timeout=30)
    await broker.shutdown()
    print(result.return_value["record_count"])

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.split()[-1] == "100"


def test_unknown_session_fails_once_and_says_why(
    settings: Settings, db: Db, user: Document, start_worker: StartWorker
) -> None:
    start_worker()
    db.execute(
        """insert into app.jobs (task, arguments) values ('calculate_session_metrics', '{"recording_id": 99}')"""
    )

    wait_until(lambda: count(db, "failed") == 1, 30)

    assert db.execute("select attempt, error from app.jobs").fetchone() == (1, "there is no such session")


@pytest.mark.faults
def test_job_of_a_killed_worker_runs_again_without_new_traffic(
    client: Client, auth_headers: Document, recording_session: Document, db: Db, start_worker: StartWorker
) -> None:
    job = ask(client, auth_headers, kind="calculate_session_metrics", session_id="session-1")
    # The worker hangs at its first progress report until it is killed.
    with psycopg.connect(db.info.dsn, password=db.info.password) as blocker:
        blocker.execute("lock table app.sensor_data in access exclusive mode")
        worker = start_worker()
        wait_until(lambda: count(db, "running") == 1, 30)
        worker.kill()
    start_worker()

    wait_until(lambda: count(db, "completed") == 1, 45)

    assert db.execute("select attempt from app.jobs where id = %s", [job]).fetchone() == (2,)


def test_cancelled_job_stops_while_it_runs(
    client: Client, auth_headers: Document, recording_session: Document, db: Db, start_worker: StartWorker
) -> None:
    job = ask(client, auth_headers, kind="calculate_session_metrics", session_id="session-1")
    with psycopg.connect(db.info.dsn, password=db.info.password) as blocker:
        blocker.execute("lock table app.sensor_data in access exclusive mode")
        start_worker()
        wait_until(lambda: count(db, "running") == 1, 30)
        client.delete(f"/api/v1/analysis/{job}", headers=auth_headers)
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        wait_until(lambda: db.execute(waiting).fetchone() == (0,), 20)

    assert count(db, "cancelled") == 1


def test_an_attempt_that_was_lost_is_no_error_of_the_worker() -> None:
    """A job that was cancelled: taskiq logs any other exception with its traceback."""

    async def lost(attempt: Any, arguments: Any) -> None:
        raise AttemptLost

    attempt: Any = None
    with pytest.raises(NoResultError):
        asyncio.run(run_attempt(attempt, dict, lost, {}))
