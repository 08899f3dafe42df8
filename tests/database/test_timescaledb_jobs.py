"""The background jobs of TimescaleDB, as operators see them."""

import psycopg
import pytest
from psycopg import sql

from koodtx.doctor.database import check_database
from koodtx.settings import Settings
from tests.support.aliases import Client, Db
from tests.support.databases import value
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration]

_FAILING = """
    create procedure public.fail(job_id integer, config jsonb) language plpgsql
    as $$ begin raise exception 'no room on the disk'; end $$;
"""


@pytest.fixture
def community(db: Db) -> Db:
    if value(db, "select app.edition()") != "community":
        pytest.skip("this edition has no background jobs")
    return db


def run_now(db: Db, job_id: int) -> None:
    """Lets TimescaleDB's own scheduler run a job, and waits for its end."""
    before = finished_runs(db, job_id)
    db.execute("select _timescaledb_functions.start_background_workers()")
    db.execute("select alter_job(%s, scheduled => true, next_start => now())", [job_id])
    wait_until(lambda: finished_runs(db, job_id) > before, 60)


def finished_runs(db: Db, job_id: int) -> int:
    query = "select coalesce(sum(total_successes + total_failures), 0) from timescaledb_information.job_stats"
    return int(value(db, f"{query} where job_id = %s", job_id))


def test_there_are_none_where_there_is_no_job_of_ours(db: Db) -> None:
    if value(db, "select app.edition()") == "community":
        pytest.skip("this edition has background jobs")
    assert db.execute("select * from app.timescaledb_jobs()").fetchall() == []


def test_every_job_of_a_migrated_database_succeeds(community: Db) -> None:
    """By the server's own scheduler: a PostgreSQL that does not fit TimescaleDB makes each of them fail."""
    jobs = [job_id for (job_id,) in community.execute("select job_id from app.timescaledb_jobs()").fetchall()]
    assert len(jobs) >= 3
    for job_id in jobs:
        run_now(community, job_id)
    assert (
        community.execute("select name, error from app.timescaledb_jobs() where last_status <> 'Success'").fetchall()
        == []
    )


def test_a_failed_job_is_named_everywhere(community: Db, client: Client, settings: Settings) -> None:
    community.execute(sql.SQL(_FAILING))
    job_id = value(community, "select add_job('public.fail', interval '1 day', fixed_schedule => false)")
    run_now(community, job_id)
    with psycopg.connect(settings.database_url) as service:
        row = service.execute("select * from app.timescaledb_jobs() where name = 'fail'").fetchone()
    assert row is not None
    # TimescaleDB may have run it again meanwhile.
    assert row[2] == "Failed"
    assert row[5] >= 1
    assert "no room on the disk" in row[6]
    assert client.get("/health").json()["failed_database_jobs"] == ["fail"]
    metrics = client.get("/metrics").text.splitlines()
    assert "koodtx_timescaledb_jobs_failed 1.0" in metrics
    (check,) = [check for check in check_database(settings) if check.subject == "TimescaleDB's jobs"]
    assert "no room on the disk" in check.advice
    report = value(community, "select app.maintenance_report()")
    assert [job["error"] for job in report["timescaledb_jobs"] if job["status"] == "Failed"] == [row[6]]
