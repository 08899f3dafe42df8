"""Maintenance as jobs: started like any other, resumed after kill -9."""

from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest

from koodtx.jobs.attempt import SliceEnded
from tests.support.aliases import Db, Document, Push, RunTask
from tests.support.clock import Clock
from tests.support.databases import stored, value
from tests.support.processes import StartWorker
from tests.support.readings import ENDED
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.tasks]


def start_job(db: Db, task: str, arguments: str = "{}") -> str:
    job: str = value(db, "insert into app.jobs (task, arguments) values (%s, %s) returning id", task, arguments)
    return job


def test_job_does_it_and_tells_what_it_did(push: Push, db: Db, clock: Clock, start_worker: StartWorker) -> None:
    push("old", 30, **ENDED)
    clock.move(31)
    job = start_job(db, "cleanup_old_sensor_data")
    start_worker()

    wait_until(lambda: value(db, "select status from app.jobs") == "completed", 30)

    result = value(db, "select result from app.jobs")
    assert (result["status"], result["session_count"], result["rows_freed"]) == ("completed", 1, 30)
    assert value(db, "select job_id from app.maintenance_runs") == job
    assert stored(db) == {"old": 0}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('{"days": 3}', "it would delete data younger than 7 days"),
        ('{"days": 0}', "days: Expected `integer` >= 1"),
        ('{"days": "many"}', "Expected `integer | null`, got `string`"),
        ('{"days": null, "confirm": "please"}', "Expected `boolean`, got `string`"),
    ],
)
def test_job_that_may_not_be_run_fails_once_and_says_why(
    db: Db, start_worker: StartWorker, arguments: str, reason: str
) -> None:
    start_job(db, "cleanup_old_sensor_data", arguments)
    start_worker()

    wait_until(lambda: value(db, "select status from app.jobs") == "failed", 30)

    attempt, error = db.execute("select attempt, error from app.jobs").fetchone() or (0, "")
    assert attempt == 1
    assert reason in error


@pytest.mark.faults
def test_job_of_a_killed_worker_goes_on_where_it_was(
    push: Push, db: Db, clock: Clock, start_worker: StartWorker, create_user: Callable[..., Document], database_url: str
) -> None:
    push("first", 10, **ENDED)
    other = create_user("other", device_id="other phone")
    push("second", 20, other["headers"], **ENDED)
    push("third", 30, **ENDED)
    clock.move(31)
    job = start_job(db, "cleanup_old_sensor_data")
    # The worker hangs at the second session until it is killed: its user's change sequence is locked.
    with psycopg.connect(database_url) as blocker:
        blocker.execute("select from app.change_sequences where user_id = %s for update", [other["user"]["id"]])
        worker = start_worker()
        wait_until(lambda: value(db, "select count(*) from app.maintenance_runs where rows_freed = 10") == 1, 30)
        worker.kill()
    start_worker()

    wait_until(lambda: value(db, "select status from app.jobs") == "completed", 60)

    run = db.execute("select job_id, status, session_count, rows_freed from app.maintenance_runs").fetchall()
    assert run == [(job, "completed", 3, 60)]
    assert value(db, "select attempt from app.jobs") == 2
    assert stored(db) == {"first": 0, "second": 0, "third": 0}
    assert value(db, "select sum(count) from app.archived_rollups where bucket_minutes = 1440") == 60


def test_job_that_makes_way_goes_on_with_its_run(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    """Its run is paused meanwhile; another job of the task leaves it alone."""
    push("first", 10, **ENDED)
    push("second", 20, **ENDED)
    clock.move(31)
    job, other = uuid4(), uuid4()
    with pytest.raises(SliceEnded):
        run_task("cleanup_old_sensor_data", job_id=job, stop=SliceEnded())
    runs = "select job_id, status, session_count, error from app.maintenance_runs order by id"
    assert db.execute(runs).fetchall() == [(job, "paused", 1, None)]
    run_task("generate_cleanup_report", job_id=other)

    run_task("cleanup_old_sensor_data", job_id=job)

    assert db.execute(runs).fetchall() == [(job, "completed", 2, None), (other, "completed", 0, None)]
    assert stored(db) == {"first": 0, "second": 0}
