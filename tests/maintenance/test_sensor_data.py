"""cleanup_old_sensor_data and enforce_ceiling: what goes, what stays, and what comes meanwhile."""

from collections.abc import Callable

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from psycopg.conninfo import make_conninfo

from koodtx.errors import Invalid
from koodtx.jobs.attempt import AttemptLost, SoftLimitReached
from koodtx.maintenance.run import ConfirmationNeeded, TaskBusy
from tests.support.aliases import Db, Document, Push, RunTask
from tests.support.clock import Clock
from tests.support.databases import stored, value
from tests.support.readings import ENDED

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_TASK = "cleanup_old_sensor_data"


def test_what_is_old_goes_and_its_metadata_and_rollups_stay(
    push: Push, db: Db, clock: Clock, run_task: RunTask, client: TestClient[Litestar], auth_headers: Document
) -> None:
    push("old", 30, **ENDED)
    clock.move(20)
    push("younger", 20, **ENDED)
    clock.move(11)

    run = run_task(_TASK)

    assert (run.status, run.session_count, run.rows_freed) == ("completed", 1, 30)
    assert stored(db) == {"old": 0, "younger": 20}
    session = client.get("/api/sessions/old", headers=auth_headers).json()
    assert (session["data_count"], session["is_uploaded"]) == (30, True)
    assert value(db, "select sum(count) from app.archived_rollups where bucket_minutes = 1") == 30


def test_age_counts_from_the_last_push_not_from_the_time_of_the_recording(
    push: Push, db: Db, clock: Clock, run_task: RunTask
) -> None:
    push("recorded long ago", **ENDED)
    assert run_task(_TASK).rows_freed == 0

    clock.move(29.9)
    assert run_task(_TASK).rows_freed == 0

    clock.move(0.2)
    assert run_task(_TASK).rows_freed == 10


def test_only_ended_and_uploaded_sessions_go_and_any_beyond_the_ceiling(
    push: Push, db: Db, clock: Clock, run_task: RunTask
) -> None:
    push("ended", 1, **ENDED)
    push("active", 2)
    push("not uploaded", 3, is_uploaded=False, **ENDED)
    clock.move(399)
    run_task(_TASK)
    assert run_task("enforce_ceiling").rows_freed == 0
    assert stored(db) == {"ended": 0, "active": 2, "not uploaded": 3}

    clock.move(2)
    run = run_task("enforce_ceiling")

    assert (run.session_count, run.rows_freed) == (2, 5)
    assert stored(db) == {"ended": 0, "active": 0, "not uploaded": 0}


def test_dry_run_tells_what_a_run_then_does_and_changes_nothing(
    push: Push, db: Db, clock: Clock, run_task: RunTask, create_user: Callable[..., Document]
) -> None:
    other = create_user("other", device_id="other phone")["headers"]
    for number, headers in enumerate([None, other, None], 1):
        push(f"session {number}", 7 * number, headers, **ENDED)
    clock.move(31)

    foreseen = run_task(_TASK, dry_run=True)
    assert sum(stored(db).values()) == 42
    did = run_task(_TASK)

    assert (foreseen.session_count, foreseen.rows_freed) == (did.session_count, did.rows_freed) == (3, 42)
    assert foreseen.bytes_freed == did.bytes_freed > 42 * 40
    assert sum(stored(db).values()) == 0
    log = db.execute("select task, is_dry_run, status, rows_freed from app.maintenance_runs order by id").fetchall()
    assert log == [(_TASK, True, "completed", 42), (_TASK, False, "completed", 42)]


def test_second_run_finds_nothing(push: Push, clock: Clock, run_task: RunTask) -> None:
    push("old", **ENDED)
    clock.move(31)
    run_task(_TASK)

    again = run_task(_TASK)

    assert (again.session_count, again.rows_freed, again.bytes_freed) == (0, 0, 0)


def test_readings_of_another_day_that_come_late_are_cleaned_up_in_their_turn(
    push: Push, db: Db, clock: Clock, run_task: RunTask, client: TestClient[Litestar], auth_headers: Document
) -> None:
    push("old", **ENDED)
    clock.move(31)
    run_task(_TASK)
    late = {"sensor_type": "accelerometer", "timestamp": 1_760_300_000_000, "data": {"x": 1}}
    body = {"session": {"session_id": "old", "start_time": "2025-10-09T08:53:20Z"}, "sensor_data": [late]}
    assert client.post("/api/sync/push", json=body, headers=auth_headers).json()["inserted"] == 1

    clock.move(29)
    assert run_task(_TASK).rows_freed == 0
    clock.move(2)
    run = run_task(_TASK)

    assert (run.session_count, run.rows_freed) == (1, 1)
    assert value(db, "select sum(count) from app.archived_rollups where bucket_minutes = 1440") == 11


def test_session_that_is_being_pushed_to_is_left_alone(
    push: Push, db: Db, clock: Clock, run_task: RunTask, database_url: str
) -> None:
    push("busy", 10, **ENDED)
    push("quiet", 20, **ENDED)
    clock.move(31)
    with psycopg.connect(database_url) as phone:
        phone.execute("select from app.recording_sessions where session_id = 'busy' for update")
        phone.execute("update app.recording_sessions set last_push_at = app.now() where session_id = 'busy'")

        run = run_task(_TASK)

    assert (run.session_count, run.rows_freed) == (1, 20)
    assert stored(db) == {"busy": 10, "quiet": 0}
    assert run_task(_TASK).rows_freed == 0, "the push has made it new"


def test_session_that_became_new_after_it_was_listed_is_left_alone(push: Push, db: Db, clock: Clock) -> None:
    push("old", **ENDED)
    clock.move(31)
    listed = value(db, "select id from app.idle_sessions(app.now() - interval '30 days') where is_complete")
    push("old", 20)

    archive = "select app.archive_old_session(%s, app.now() - interval '30 days')"
    assert value(db, archive, listed) == 0
    assert stored(db) == {"old": 20}


def test_run_that_was_killed_is_gone_on_with(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    """As a second attempt of the job finds it: half done, and said to be running."""
    for number in range(4):
        push(f"session {number}", 10, **ENDED)
    clock.move(31)
    job = "00000000-0000-4000-8000-000000000001"
    begin = "select id from app.begin_run(%s, '{}', '30 days', false, true, false, %s, clock_timestamp())"
    run_id, cutoff = value(db, begin, _TASK, job), "(select cutoff_at from app.maintenance_runs)"
    for session in (1, 2):
        with db.transaction():
            db.execute(f"select app.archive_old_session(%s, {cutoff})", [session])  # type: ignore[call-overload]
            db.execute("select app.advance_run(%s, 10, 1000, 1, %s)", [run_id, session])
    clock.move(5)

    run = run_task(_TASK, job_id=job)

    assert (run.id, run.status, run.session_count, run.rows_freed) == (run_id, "completed", 4, 40)
    assert sum(stored(db).values()) == 0
    age = "select extract(epoch from started_at - cutoff_at)::integer / 86400 from app.maintenance_runs"
    assert value(db, age) == 30, "the cut-off is that of the first attempt"


def test_run_that_was_completed_is_not_done_again(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    """As when its worker died before it could say so."""
    job = "00000000-0000-4000-8000-000000000001"
    first = run_task(_TASK, job_id=job)
    push("old", **ENDED)
    clock.move(31)

    again = run_task(_TASK, job_id=job)

    assert (again.id, again.finished_at, again.rows_freed) == (first.id, first.finished_at, 0)
    assert stored(db) == {"old": 10}


def test_run_that_takes_too_long_ends_in_order_and_the_next_goes_on(
    push: Push, db: Db, clock: Clock, run_task: RunTask
) -> None:
    for number in range(3):
        push(f"session {number}", 10, **ENDED)
    clock.move(31)

    run = run_task(_TASK, stop=SoftLimitReached())
    assert (run.status, run.rows_freed, run.details) == ("completed", 10, {"is_complete": False})

    assert run_task(_TASK).rows_freed == 20


def test_run_of_a_cancelled_job_stops_and_says_so(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    for number in range(3):
        push(f"session {number}", 10, **ENDED)
    clock.move(31)

    with pytest.raises(AttemptLost):
        run_task(_TASK, stop=AttemptLost())

    log = db.execute("select status, rows_freed, error from app.maintenance_runs").fetchall()
    assert log == [("failed", 10, "The job was cancelled, or another worker has it.")]


def test_run_by_hand_that_was_killed_is_closed_by_the_next(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    db.execute("select app.begin_run(%s, '{}', '30 days', false, true, false, null, clock_timestamp())", [_TASK])

    run_task(_TASK)

    log = db.execute("select status, error from app.maintenance_runs order by id").fetchall()
    assert log == [("failed", "the worker stopped without reporting a result"), ("completed", None)]


def test_no_task_runs_twice_at_once(db: Db, run_task: RunTask) -> None:
    with db.transaction():
        db.execute("select pg_advisory_xact_lock(app.task_lock(%s))", [_TASK])
        with pytest.raises(TaskBusy, match="running already"):
            run_task(_TASK)
        assert run_task("cleanup_old_sync_logs").status == "completed", "another task may run"

    assert run_task(_TASK).status == "completed"


def test_error_is_in_the_log_and_the_next_run_goes_on(push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
    push("first", 10, **ENDED)
    push("wrong", 10, **ENDED)
    clock.move(31)
    # As if its rollups had been lost.
    db.execute("update app.recording_sessions set archived_count = 5 where session_id = 'wrong'")
    with pytest.raises(psycopg.errors.RaiseException):
        run_task(_TASK)
    db.execute("update app.recording_sessions set archived_count = 0 where session_id = 'wrong'")

    assert run_task(_TASK).rows_freed == 10

    log = db.execute("select status, rows_freed, error from app.maintenance_runs order by id").fetchall()
    assert [(status, rows) for status, rows, _ in log] == [("failed", 10), ("completed", 10)]
    assert "RaiseException" in log[0][2]


class TestGuards:
    """A clean-up that would delete more than expected does not run until it is confirmed."""

    def test_what_is_younger_than_seven_days(self, push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
        push("young", **ENDED)
        clock.move(6)

        with pytest.raises(ConfirmationNeeded, match="younger than 7 days"):
            run_task(_TASK, days=5)
        assert value(db, "select status from app.maintenance_runs") == "unconfirmed"
        foreseen = run_task(_TASK, days=5, dry_run=True)
        assert (foreseen.status, foreseen.rows_freed) == ("completed", 10)
        assert foreseen.error == "it would delete data younger than 7 days"

        assert run_task(_TASK, days=5, confirm=True).rows_freed == 10

    def test_age_that_was_lowered(self, push: Push, clock: Clock, run_task: RunTask) -> None:
        run_task(_TASK)
        push("old", **ENDED)
        clock.move(25)

        with pytest.raises(ConfirmationNeeded, match="it would delete 840 hours more than the last run"):
            run_task(_TASK, days=20)
        with pytest.raises(ConfirmationNeeded):
            run_task(_TASK, days=20)

        assert run_task(_TASK, days=20, confirm=True).rows_freed == 10
        clock.move(1)
        assert run_task(_TASK, days=20).status == "completed", "it was confirmed once"

    def test_clock_that_jumped(self, push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
        run_task(_TASK)
        push("new", **ENDED)
        clock.jump(40)

        with pytest.raises(ConfirmationNeeded, match="which was 0 hours ago"):
            run_task(_TASK)
        assert stored(db) == {"new": 10}

        assert run_task(_TASK, confirm=True).rows_freed == 10

    def test_service_that_was_away_for_a_month(self, push: Push, clock: Clock, run_task: RunTask) -> None:
        run_task(_TASK)
        push("old", **ENDED)
        clock.move(60)

        assert run_task(_TASK).rows_freed == 10

    def test_days_in_which_nothing_ran_may_be_made_up_but_a_dry_run_counts_for_nothing(
        self, clock: Clock, run_task: RunTask
    ) -> None:
        run_task(_TASK, days=100)
        run_task(_TASK, days=30, dry_run=True)

        with pytest.raises(ConfirmationNeeded):
            run_task(_TASK, days=30)


class TestChunks:
    """Of the hypertable: those that are empty are dropped, and nobody's readings with them."""

    @pytest.fixture(autouse=True)
    def hypertable(self, db: Db) -> None:
        if not value(db, "select app.is_hypertable('app.sensor_data')"):
            pytest.skip("this PostgreSQL has no TimescaleDB")

    def test_empty_chunks_are_dropped(self, push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
        push("old", 50, **ENDED)
        assert self.chunks(db) == 1
        size = value(db, "select app.table_bytes('app.sensor_data')")
        clock.move(31)

        run = run_task(_TASK)

        assert self.chunks(db) == 0
        assert run.details["chunks_dropped"] == 1
        assert run.details["chunk_bytes"] > 0
        assert value(db, "select app.table_bytes('app.sensor_data')") < size

    def test_chunk_with_another_session_stays(self, push: Push, db: Db, clock: Clock, run_task: RunTask) -> None:
        push("old", 50, **ENDED)
        clock.move(31)
        push("same days", 20)

        run = run_task(_TASK)

        assert (self.chunks(db), run.details["chunks_dropped"]) == (1, 0)
        assert stored(db) == {"old": 0, "same days": 20}

    def test_chunk_that_somebody_writes_to_stays(
        self, push: Push, db: Db, clock: Clock, run_task: RunTask, database_url: str
    ) -> None:
        push("old", 50, **ENDED)
        clock.move(31)
        with psycopg.connect(make_conninfo(database_url)) as phone:
            phone.execute(
                "insert into app.sensor_data (recording_id, sensor_type_id, recorded_at)"
                " values (99, 1, '2025-10-09 08:53:21+00')"
            )
            run = run_task(_TASK)

        assert (self.chunks(db), run.status, run.details["chunks_busy"]) == (1, "completed", True)
        assert value(db, "select count(*) from app.sensor_data") == 1

    def test_chunks_in_the_columnstore_are_cleaned_up_alike(
        self, push: Push, db: Db, clock: Clock, run_task: RunTask
    ) -> None:
        if not value(db, "select app.has_policies()"):
            pytest.skip("no TimescaleDB Community")
        push("old", 50, **ENDED)
        push("active", 20)
        db.execute("select compress_chunk(chunk) from show_chunks('app.sensor_data') as chunk")
        clock.move(31)

        foreseen = run_task(_TASK, dry_run=True)
        run = run_task(_TASK)
        assert (foreseen.rows_freed, run.rows_freed, run.details["chunks_dropped"]) == (50, 50, 0)
        assert stored(db) == {"old": 0, "active": 20}

        clock.move(370)
        run = run_task("enforce_ceiling")
        assert (run.rows_freed, run.details["chunks_dropped"], self.chunks(db)) == (20, 1, 0)
        db.execute("call refresh_continuous_aggregate('app.minute_partials', null, now())")
        assert value(db, "select sum(count) from analytics.rollup_partials where bucket_minutes = 1440") == 70

    def chunks(self, db: Db) -> int:
        count: int = value(
            db, "select count(*) from timescaledb_information.chunks where hypertable_name = 'sensor_data'"
        )
        return count


@pytest.mark.parametrize(
    "options",
    [
        {"days": 0}, {"days": -1}, {"days": 36_501}, {"days": 10**12}, {"days": "30"}, {"days": 30.5}, {"days": True},
        {"days": [30]}, {"hours": 24}, {"dry_run": "no"}, {"confirm": 1},
    ],
)  # fmt: skip
def test_arguments_that_mean_nothing_are_refused(db: Db, run_task: RunTask, options: Document) -> None:
    with pytest.raises(Invalid):
        run_task(_TASK, **options)

    assert value(db, "select count(*) from app.maintenance_runs") == 0
