"""`koodtx maintenance`, `koodtx retention` and `koodtx schedules`, as an operator types them."""

import subprocess

import pytest

from koodtx.settings import Settings
from tests.support.aliases import Db, Push
from tests.support.clock import Clock
from tests.support.commands import run_command
from tests.support.databases import stored, value
from tests.support.processes import StartWorker
from tests.support.readings import ENDED
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

Done = subprocess.CompletedProcess[str]


def lines(done: Done) -> dict[str, str]:
    """The words before two blanks, and what stands behind them."""
    assert (done.returncode, done.stderr) == (0, "")
    split = (line.strip().partition("  ") for line in done.stdout.splitlines())
    return {name: text.strip() for name, _, text in split if text}


def test_dry_run_then_run(settings: Settings, push: Push, db: Db, clock: Clock) -> None:
    push("old", 30, **ENDED)
    clock.move(31)

    foreseen = lines(run_command(settings, "maintenance", "cleanup_old_sensor_data", "--dry-run"))
    assert foreseen["task"] == "cleanup_old_sensor_data (dry run)"
    assert foreseen["would have freed"].startswith("30 rows, ")
    assert stored(db) == {"old": 30}
    done = lines(run_command(settings, "maintenance", "cleanup_old_sensor_data"))

    assert done["freed"] == foreseen["would have freed"]
    assert done["sessions"] == "1"
    assert stored(db) == {"old": 0}
    assert value(db, "select arguments from app.maintenance_runs where is_dry_run") == {"dry_run": True}


def test_what_surprises_is_refused_until_it_is_confirmed(settings: Settings, push: Push, db: Db, clock: Clock) -> None:
    push("young", 10, **ENDED)
    clock.move(3)
    task = ("maintenance", "cleanup_old_sensor_data", "--days", "2")

    refused = run_command(settings, *task)
    assert refused.returncode == 2
    assert refused.stderr == (
        "koodtx: cleanup_old_sensor_data was not run: it would delete data younger than 7 days."
        " Repeat with --confirm if that is intended.\n"
    )
    foreseen = lines(run_command(settings, *task, "--dry-run"))
    assert foreseen["to be confirmed"] == "it would delete data younger than 7 days"
    assert stored(db) == {"young": 10}

    assert lines(run_command(settings, *task, "--confirm"))["freed"].startswith("10 rows")


def test_busy_task_is_told_in_a_line(settings: Settings, db: Db) -> None:
    with db.transaction():
        db.execute("select pg_advisory_xact_lock(app.task_lock('optimize_database'))")
        done = run_command(settings, "maintenance", "optimize_database")

    assert (done.returncode, done.stderr) == (2, "koodtx: optimize_database is running already\n")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("enforce_ceiling", "freed"),
        ("cleanup_old_sync_logs", "chunks dropped"),
        ("cleanup_failed_sessions", "sessions"),
        ("optimize_database", "task"),
    ],
)
def test_every_task_runs(settings: Settings, task: str, said: str) -> None:
    assert said in lines(run_command(settings, "maintenance", task))


def test_report_is_a_table(settings: Settings, push: Push) -> None:
    push("session", 30)

    done = run_command(settings, "maintenance", "generate_cleanup_report")

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 users, 1 sessions (1 active, 0 archived), 30 readings stored" in done.stdout
    for name in ("app.recording_sessions", "sensor-data", "generate_cleanup_report", "readings per day"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["cleanup_everything"], "is not one of"),
        (["cleanup_old_sensor_data", "--days", "many"], "not a valid integer"),
        (["cleanup_old_sensor_data", "--days", "0"], "days: Expected `integer` >= 1"),
        (["cleanup_old_sensor_data", "--hours", "3"], "there is no argument hours"),
        (["cleanup_failed_sessions", "--days", "3"], "there is no argument days"),
        (["cleanup_failed_sessions", "--days", "3", "--hours", "3"], "--hours is not allowed with --days"),
    ],
)
def test_wrong_words_are_told_in_a_line(settings: Settings, db: Db, arguments: list[str], complaint: str) -> None:
    done = run_command(settings, "maintenance", *arguments)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert value(db, "select count(*) from app.maintenance_runs") == 0


def test_no_database_is_told_in_a_line(settings: Settings) -> None:
    nowhere = "postgresql://koodtx_app@127.0.0.1:1/nowhere"
    done = run_command(
        settings, "maintenance", "optimize_database", KOODTX_DATABASE_URL=nowhere, KOODTX_POOL_TIMEOUT_S="1"
    )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "koodtx: The database is not reachable: try again later."


def test_schedules_are_listed_and_created(settings: Settings, db: Db) -> None:
    listed = lines(run_command(settings, "schedules", "list"))
    assert listed["cleanup-old-data"].split() [:5] == [
        "cleanup_old_sensor_data()", "daily", "02:00", "UTC", "yes",
    ]  # fmt: skip
    db.execute("delete from app.schedules where name in ('cleanup-old-data', 'optimize-database')")

    made = run_command(settings, "schedules", "init", KOODTX_TIMEZONE="Asia/Seoul")

    assert made.stdout == "2 schedules created\n"
    assert "Asia/Seoul" in lines(run_command(settings, "schedules", "list"))["optimize-database"]
    assert run_command(settings, "schedules", "init").stdout == "0 schedules created\n"
    everything = value(db, "select count(*) from app.schedules")
    assert run_command(settings, "schedules", "init", "--force").stdout == f"{everything} schedules created or reset\n"


class TestRetention:
    """How long things are kept."""

    def test_it_is_shown_with_what_is_older(self, settings: Settings, push: Push, clock: Clock) -> None:
        push("old", 30, **ENDED)
        clock.move(31)

        shown = lines(run_command(settings, "retention", "show"))

        assert shown["sensor-data"].split()[:2] == ["30", "30"]
        assert shown["sensor-data"].endswith("cleanup_old_sensor_data")
        assert shown["ceiling"].split()[:2] == ["400", "0"]
        assert shown["columnstore"].split()[0] == "7"

    def test_it_is_what_tasks_go_by(self, settings: Settings, push: Push, db: Db, clock: Clock) -> None:
        push("old", 30, **ENDED)
        clock.move(31)

        done = run_command(settings, "retention", "set", "sensor-data", "60")

        assert (done.returncode, done.stdout) == (0, "sensor-data is kept for 60 days\n")
        assert lines(run_command(settings, "maintenance", "cleanup_old_sensor_data"))["freed"].startswith("0 rows")
        clock.move(30)
        assert lines(run_command(settings, "maintenance", "cleanup_old_sensor_data"))["freed"].startswith("30 rows")

    def test_less_is_to_be_confirmed_once(self, settings: Settings, push: Push, clock: Clock) -> None:
        run_command(settings, "maintenance", "cleanup_old_sensor_data")
        push("old", 30, **ENDED)
        clock.move(21)

        said = run_command(settings, "retention", "set", "sensor-data", "20").stdout.splitlines()[-1]
        command = said.partition("koodtx ")[2].split()
        assert run_command(settings, "maintenance", "cleanup_old_sensor_data").returncode == 2

        assert command == ["maintenance", "cleanup_old_sensor_data", "--confirm"]
        assert lines(run_command(settings, *command))["freed"].startswith("30 rows")
        assert run_command(settings, "maintenance", "cleanup_old_sensor_data").returncode == 0

    def test_only_the_owner_changes_it(self, settings: Settings, db: Db) -> None:
        done = run_command(settings, "retention", "set", "sensor-data", "8", KOODTX_MIGRATION_DATABASE_URL="")

        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "koodtx: only the database owner may change this: set KOODTX_MIGRATION_DATABASE_URL\n"
        assert value(db, "select days from app.retention where name = 'sensor-data'") == 30

    def test_the_owners_database_alone_is_enough(self, settings: Settings) -> None:
        without = {"KOODTX_DATABASE_URL": "", "KOODTX_SECRET_KEY": "", "KOODTX_REDIS_URL": ""}

        done = run_command(settings, "retention", "set", "sensor-data", "60", **without)
        shown = run_command(settings, "retention", "show", **without)

        assert (done.returncode, done.stdout) == (0, "sensor-data is kept for 60 days\n")
        assert lines(shown)["sensor-data"].split()[0] == "60"

    @pytest.mark.parametrize("days", ["0", "-5", "36501", "2147483647"])
    def test_days_that_mean_nothing_are_refused(self, settings: Settings, db: Db, days: str) -> None:
        done = run_command(settings, "retention", "set", "--", "sensor-data", days)

        assert (done.returncode, done.stderr) == (2, f"koodtx: days must be between 1 and 36500, got {days}\n")

    def test_jobs_of_timescaledb_follow_it(self, settings: Settings, db: Db) -> None:
        if not value(db, "select app.has_policies()"):
            pytest.skip("no TimescaleDB Community")
        policy = "select config ->> 'drop_after' from timescaledb_information.jobs where proc_name = 'policy_retention'"
        assert value(db, policy) == "90 days"

        run_command(settings, "retention", "set", "sync-logs", "45")

        assert value(db, policy) == "45 days"
        ceiling = "select count(*) from timescaledb_information.jobs where proc_name = 'enforce_ceiling'"
        assert value(db, ceiling) == 1

    def test_job_of_timescaledb_enqueues_the_ceiling_once(
        self, push: Push, db: Db, clock: Clock, start_worker: StartWorker
    ) -> None:
        if not value(db, "select app.has_policies()"):
            pytest.skip("no TimescaleDB Community")
        push("never ended", 25)
        clock.move(401)
        job = value(db, "select job_id from timescaledb_information.jobs where proc_name = 'enforce_ceiling'")
        run = "select status, rows_freed, session_count from app.maintenance_runs"

        # The clocks of database and machine have moved together: without an earlier run there is nothing to compare.
        for _ in range(2):
            db.execute(f"call run_job({job})")  # type: ignore[call-overload]
        assert db.execute("select task, lane, status from app.jobs").fetchall() == [
            ("enforce_ceiling", "batch", "queued")
        ]
        start_worker()
        wait_until(lambda: value(db, "select status from app.jobs") == "completed", 60)

        assert db.execute(run).fetchone() == ("completed", 25, 1)
        assert stored(db) == {"never ended": 0}
