"""Which scheduled runs are due, and that each is started once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Db
from tests.support.clock import Clock
from tests.support.databases import value
from tests.support.processes import KoodtxProcess, WorkerProcess
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_DEFAULTS = {
    "erase-deleted-sessions": ("erase_deleted_sessions", "daily", 0),
    "cleanup-failed-sessions": ("cleanup_failed_sessions", "daily", 1),
    "cleanup-old-data": ("cleanup_old_sensor_data", "daily", 2),
    "recommend-daily": ("recommend_daily", "daily", 4),
    "cleanup-uploaded-files": ("cleanup_uploaded_files", "daily", 6),
    "cleanup-webhook-deliveries": ("cleanup_webhook_deliveries", "daily", 7),
    "cleanup-sync-logs": ("cleanup_old_sync_logs", "weekly", 4),
    "optimize-database": ("optimize_database", "weekly", 5),
}


def due(db: Db) -> list[tuple[str, datetime]]:
    return db.execute("select name, scheduled_at from app.due_runs()").fetchall()


def only(db: Db, name: str) -> int:
    """Leaves one schedule active; its id, 0 if there is none of that name."""
    db.execute("update app.schedules set is_active = name = %s", [name])
    schedule: int = value(db, "select coalesce(max(id), 0) from app.schedules where is_active")
    return schedule


def test_migration_creates_the_defaults(db: Db) -> None:
    rows = db.execute("select name, task, frequency, hour from app.schedules").fetchall()
    expected = dict(_DEFAULTS)
    if value(db, "select app.edition()") != "community":
        expected["store-rollups"] = ("store_rollups", "hourly", 0)
    if not value(db, "select app.has_policies()"):
        expected["enforce-ceiling"] = ("enforce_ceiling", "daily", 3)
    assert {name: (task, frequency, hour) for name, task, frequency, hour in rows} == expected
    others = "select distinct minute, args, timezone, is_active from app.schedules"
    assert db.execute(others).fetchall() == [(0, {}, "UTC", True)]


def test_init_creates_what_is_missing_and_resets_only_by_force(db: Db) -> None:
    db.execute("delete from app.schedules where name = 'cleanup-old-data'")
    db.execute("update app.schedules set hour = 12 where name = 'optimize-database'")

    assert value(db, "select app.init_schedules('Asia/Seoul', false)") == 1
    zone = "select timezone from app.schedules where name = 'cleanup-old-data'"
    assert value(db, zone) == "Asia/Seoul"
    assert value(db, "select hour from app.schedules where name = 'optimize-database'") == 12

    assert value(db, "select app.init_schedules('Asia/Seoul', true)") == value(db, "select count(*) from app.schedules")
    assert value(db, "select hour from app.schedules where name = 'optimize-database'") == 5


def test_nothing_is_due_that_was_due_before_the_schedule_was_made(db: Db) -> None:
    made_at = value(db, "select max(created_at) from app.schedules")

    # What has become due since then is right: the tests may have run past an hour.
    assert [(name, at) for name, at in due(db) if at <= made_at] == []


def test_each_becomes_due_when_its_time_has_come(db: Db, clock: Clock) -> None:
    clock.move(8)

    found = due(db)

    assert {name for name, _ in found} >= _DEFAULTS.keys()
    assert len(found) == value(db, "select count(*) from app.schedules")
    for name, scheduled_at in found:
        assert scheduled_at == value(
            db,
            "select app.latest_scheduled_at(frequency, hour, minute, timezone, app.now()) from app.schedules"
            " where name = %s",
            name,
        )


def test_catch_up_after_a_pause_starts_only_the_latest_missed_run(db: Db, clock: Clock) -> None:
    schedule = only(db, "cleanup-old-data")
    clock.move(10)

    ((_, scheduled_at),) = due(db)
    assert value(db, "select app.now() - %s < '1 day'", scheduled_at) is True
    assert value(db, "select app.start_scheduled_run(%s, %s, %s)", schedule, scheduled_at, uuid4()) is True

    assert due(db) == []
    clock.move(1)
    assert len(due(db)) == 1


_EDITS = {
    "moved to an hour that has passed": (
        "hour = extract(hour from (app.now() - interval '1 hour') at time zone timezone), minute = 1"
    ),
    "moved by minutes": "minute = 1",
    "another zone": "timezone = 'Asia/Kathmandu'",
    "another frequency": "frequency = 'weekly'",
    "everything": "hour = 3, minute = 59, timezone = 'America/Havana', frequency = 'monthly'",
}


@pytest.mark.parametrize("edit", _EDITS.values(), ids=_EDITS.keys())
def test_schedule_that_is_edited_waits_for_its_next_time(db: Db, clock: Clock, edit: str) -> None:
    """Whatever its new time is: one that has passed by then is none of its runs."""
    only(db, "cleanup-old-data")
    clock.move(40)
    assert len(due(db)) == 1, "a missed run"

    db.execute(f"update app.schedules set {edit} where is_active".encode())

    assert due(db) == []
    clock.move(32)
    [(_, scheduled_at)] = due(db)
    assert value(db, "select %s > due_from from app.schedules where is_active", scheduled_at) is True


@pytest.mark.parametrize("days_off", [0.01, 1, 60])
def test_schedule_that_is_switched_on_again_waits_for_its_next_time(db: Db, clock: Clock, days_off: float) -> None:
    schedule = only(db, "optimize-database")
    clock.move(8)
    db.execute("update app.schedules set is_active = false where id = %s", [schedule])
    clock.move(days_off)
    db.execute("update app.schedules set is_active = true where id = %s", [schedule])

    assert due(db) == []
    clock.move(7)
    assert [name for name, _ in due(db)] == ["optimize-database"]


def test_schedule_that_is_made_off_and_switched_on_waits_too(db: Db) -> None:
    only(db, "none")
    db.execute(
        "insert into app.schedules (name, task, frequency, hour, timezone, is_active, created_at)"
        " values ('new', 'generate_cleanup_report', 'weekly', 5, 'UTC', false, now() - interval '60 days')"
    )
    db.execute("update app.schedules set is_active = true where name = 'new'")
    assert due(db) == []


def test_schedule_that_is_inserted_waits_for_its_next_time(db: Db, clock: Clock) -> None:
    only(db, "none")
    db.execute(
        "insert into app.schedules (name, task, frequency, hour, timezone)"
        " values ('new', 'generate_cleanup_report', 'daily', 0, 'UTC')"
    )
    assert due(db) == []
    clock.move(1)
    assert len(due(db)) == 1


def test_edit_of_what_a_schedule_does_does_not_lose_a_missed_run(db: Db, clock: Clock) -> None:
    only(db, "cleanup-old-data")
    clock.move(2)
    missed = due(db)

    db.execute("""update app.schedules set args = '{"days": 60}', hour = hour where is_active""")

    assert due(db) == missed


def test_run_that_was_found_due_before_an_edit_is_not_started(db: Db, clock: Clock) -> None:
    schedule = only(db, "cleanup-old-data")
    clock.move(2)
    ((_, scheduled_at),) = due(db)

    db.execute("update app.schedules set hour = 23 where id = %s", [schedule])

    assert value(db, "select app.start_scheduled_run(%s, %s, %s)", schedule, scheduled_at, uuid4()) is False


def test_the_service_may_edit_schedules_too(db: Db, clock: Clock, settings: Settings) -> None:
    only(db, "cleanup-old-data")
    clock.move(2)
    with psycopg.connect(settings.database_url, autocommit=True) as service:
        service.execute("update app.schedules set hour = 23 where is_active")
    assert due(db) == []


def test_schedule_that_is_not_active_or_gone_starts_nothing(db: Db, clock: Clock) -> None:
    schedule = only(db, "cleanup-old-data")
    clock.move(2)
    ((_, scheduled_at),) = due(db)
    start = "select app.start_scheduled_run(%s, %s, %s)"

    db.execute("update app.schedules set is_active = false")
    assert due(db) == []
    assert value(db, start, schedule, scheduled_at, uuid4()) is False
    db.execute("delete from app.schedules")
    assert value(db, start, schedule, scheduled_at, uuid4()) is False

    assert value(db, "select count(*) from app.jobs") == 0


def test_clock_that_goes_back_starts_nothing_a_second_time(db: Db, clock: Clock) -> None:
    schedule = only(db, "cleanup-old-data")
    clock.move(5)
    ((_, scheduled_at),) = due(db)
    db.execute("select app.start_scheduled_run(%s, %s, %s)", [schedule, scheduled_at, uuid4()])

    clock.jump(-2)

    assert due(db) == []


def test_run_is_started_once_however_many_start_it_at_once(db: Db, clock: Clock, database_url: str) -> None:
    schedule = only(db, "cleanup-old-data")
    clock.move(2)
    ((_, scheduled_at),) = due(db)

    def start(number: int) -> bool:
        with psycopg.connect(database_url, autocommit=True) as scheduler:
            is_started: bool = value(
                scheduler, "select app.start_scheduled_run(%s, %s, %s)", schedule, scheduled_at, uuid4()
            )
            return is_started

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(start, range(16))) == 1

    assert value(db, "select count(*) from app.jobs") == 1
    assert value(db, "select job_id = (select id from app.jobs) from app.scheduled_runs") is True


def test_job_carries_the_arguments_of_its_schedule(db: Db, clock: Clock) -> None:
    schedule = only(db, "cleanup-old-data")
    db.execute("""update app.schedules set args = '{"days": 60, "dry_run": true}'""")
    clock.move(2)
    ((_, scheduled_at),) = due(db)

    db.execute("select app.start_scheduled_run(%s, %s, %s)", [schedule, scheduled_at, uuid4()])

    assert db.execute("select task, arguments, status from app.jobs").fetchone() == (
        "cleanup_old_sensor_data", {"days": 60, "dry_run": True}, "queued",
    )  # fmt: skip


def test_zone_that_does_not_exist_is_refused(db: Db) -> None:
    """It would keep the others from being started too."""
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        db.execute("update app.schedules set timezone = 'Europe/Nowhere'")


class TestProcesses:
    """Two schedulers and a worker, as an operator runs them."""

    @pytest.fixture(autouse=True)
    def schedulers(self, settings: Settings, tmp_path: Path) -> Iterator[list[KoodtxProcess]]:
        settings = msgspec.structs.replace(settings, log_level="warning")
        processes = [KoodtxProcess(settings, tmp_path / f"scheduler{number}.log", "scheduler") for number in (1, 2)]
        yield processes
        for process in processes:
            process.stop()

    @pytest.fixture
    def worker(self, settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
        worker = WorkerProcess(settings, tmp_path / "worker.log")
        yield worker
        worker.stop()

    def test_every_default_runs_once_per_scheduled_time_while_days_pass(
        self, db: Db, clock: Clock, worker: WorkerProcess
    ) -> None:
        # Twelve hours off, so that none becomes due by the time that the test takes.
        db.execute("update app.schedules set hour = extract(hour from now() + interval '12 hours')")
        for day in (1, 2):
            clock.move(1)
            wait_until(lambda: value(db, "select count(*) from app.due_runs()") == 0, 40)
            wait_until(lambda: value(db, "select count(*) from app.jobs where finished_at is null") == 0, 60)
            daily = db.execute(
                "select s.name, count(*), count(distinct r.scheduled_at) from app.scheduled_runs as r"
                " join app.schedules as s on s.id = r.schedule_id where s.frequency = 'daily' group by s.name"
            ).fetchall()
            assert {count for _, *counts in daily for count in counts} == {day}
            assert {"cleanup-old-data", "cleanup-failed-sessions"} <= {name for name, *_ in daily}

        assert value(db, "select count(*) from app.jobs") == value(db, "select count(*) from app.scheduled_runs")
        assert db.execute("select distinct status, attempt, error from app.jobs").fetchall() == [("completed", 1, None)]
        of_others = ["erase_deleted_sessions", "recommend_daily", "store_rollups"]
        assert value(db, "select count(*) from app.maintenance_runs where status = 'completed'") == value(
            db, "select count(*) from app.jobs where task <> all (%s)", of_others
        )
        ages = (
            "select distinct b.scheduled_at - r.cutoff_at from app.maintenance_runs as r"
            " join app.scheduled_runs as b on b.job_id = r.job_id where r.task = 'cleanup_old_sensor_data'"
        )
        assert [age.days for (age,) in db.execute(ages)] == [30], "a run takes its date from its scheduled time"

    def test_scheduler_that_is_killed_leaves_the_runs_to_the_other(
        self, db: Db, clock: Clock, schedulers: list[KoodtxProcess]
    ) -> None:
        only(db, "cleanup-old-data")
        schedulers[0].kill()

        clock.move(1.5)
        wait_until(lambda: value(db, "select count(*) from app.jobs") == 1, 40)

    def test_database_that_was_away_is_queried_again(self, db: Db, clock: Clock, tmp_path: Path) -> None:
        only(db, "cleanup-old-data")
        db.execute("revoke execute on function app.start_scheduled_run from koodtx_app")
        clock.move(1.5)
        wait_until(lambda: any("could not start" in log.read_text() for log in tmp_path.glob("scheduler*.log")), 40)
        assert value(db, "select count(*) from app.jobs") == 0

        db.execute("grant execute on function app.start_scheduled_run to koodtx_app")
        wait_until(lambda: value(db, "select count(*) from app.jobs") == 1, 40)
