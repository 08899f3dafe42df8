"""cleanup_old_sync_logs: whole chunks and single rows, counted alike."""

import psycopg
import pytest

from koodtx.maintenance.run import ConfirmationNeeded
from tests.support.aliases import Db, RunTask
from tests.support.clock import Clock
from tests.support.databases import value

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_TASK = "cleanup_old_sync_logs"


@pytest.fixture
def logs(db: Db) -> int:
    """A row every two hours of the last 200 days; how many are older than 90 days."""
    db.execute(
        "insert into app.sync_logs (user_id, sync_type, status, created_at, sensor_types)"
        " select 1, 'push', 'success', now() - interval '1 minute' - hours * interval '2 hours', array['gps']"
        " from generate_series(0, 2400 - 1) as hours"
    )
    old: int = value(db, "select count(*) from app.sync_logs where created_at < now() - interval '90 days'")
    assert old == 1320
    return old


def test_old_rows_go_and_dry_run_tells_the_same(db: Db, run_task: RunTask, logs: int) -> None:
    foreseen = run_task(_TASK, dry_run=True)
    assert value(db, "select count(*) from app.sync_logs") == 2400

    did = run_task(_TASK)

    assert (foreseen.rows_freed, foreseen.bytes_freed) == (did.rows_freed, did.bytes_freed)
    assert did.rows_freed == logs
    assert did.bytes_freed > logs * 80
    assert value(db, "select count(*) from app.sync_logs") == 2400 - logs
    assert value(db, "select min(created_at) > now() - interval '90 days' from app.sync_logs") is True


def test_whole_chunks_are_dropped(db: Db, run_task: RunTask, logs: int) -> None:
    if not value(db, "select app.is_hypertable('app.sync_logs')"):
        pytest.skip("this PostgreSQL has no TimescaleDB")

    run = run_task(_TASK)

    assert run.details["chunks_dropped"] >= 3
    old = (
        "select count(*) from timescaledb_information.chunks"
        " where hypertable_name = 'sync_logs' and range_end < now() - interval '90 days'"
    )
    assert value(db, old) == 0


def test_chunk_that_somebody_reads_is_emptied_row_by_row(
    db: Db, run_task: RunTask, logs: int, database_url: str
) -> None:
    with psycopg.connect(database_url) as reader:
        reader.execute("select count(*) from app.sync_logs")
        run = run_task(_TASK)

    assert (run.status, run.rows_freed, run.details["chunks_dropped"]) == ("completed", logs, 0)


def test_moved_clock_makes_more_of_them_old(db: Db, run_task: RunTask, logs: int, clock: Clock) -> None:
    run_task(_TASK)
    clock.move(10)

    assert run_task(_TASK).rows_freed == 120


def test_age_that_was_lowered_is_refused(db: Db, run_task: RunTask, logs: int) -> None:
    run_task(_TASK)

    with pytest.raises(ConfirmationNeeded):
        run_task(_TASK, days=30)

    assert value(db, "select count(*) from app.sync_logs") == 2400 - logs
