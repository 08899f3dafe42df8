"""/api/batch/run, /api/batch/status, /api/batch/sync."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from koodtx.jobs.task import TASKS
from koodtx.settings import Settings
from tests.support.aliases import Client, CreateUser, Db, Document
from tests.support.clock import Clock
from tests.support.databases import value
from tests.support.processes import KoodtxProcess, StartWorker
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.tasks, pytest.mark.integration]


def run(client: Client, admin: dict[str, str], **wanted: Any) -> Document:
    reply = client.post("/api/batch/run/", json=wanted, headers=admin)
    assert reply.status_code == 202, reply.text
    started: Document = reply.json()
    return started


def refused(client: Client, admin: dict[str, str], **wanted: Any) -> str:
    """The field that the error names."""
    reply = client.post("/api/batch/run/", json=wanted, headers=admin)
    assert reply.status_code == 422, reply.text
    return str(reply.json()["errors"][0]["field"])


def status(client: Client, admin: dict[str, str], **query: Any) -> Document:
    reply = client.get("/api/batch/status/", params=query, headers=admin)
    assert reply.status_code == 200, reply.text
    found: Document = reply.json()
    return found


def arguments(db: Db, started: Document) -> Any:
    return value(db, "select arguments from app.jobs where id = %s and user_id is null", started["run_id"])


def id_of(db: Db, name: str) -> int:
    schedule: int = value(db, "select id from app.schedules where name = %s", name)
    return schedule


def test_schedule_is_run_now_and_keeps_its_times(client: Client, admin: dict[str, str], db: Db, clock: Clock) -> None:
    db.execute("update app.schedules set is_active = name = 'cleanup-old-data'")
    db.execute("""update app.schedules set args = '{"days": 60}' where name = 'cleanup-old-data'""")
    schedule = id_of(db, "cleanup-old-data")
    clock.move(2)
    due = db.execute("select * from app.due_runs()").fetchall()

    started = run(client, admin, schedule_id=schedule, args={"dry_run": True})

    assert (started["task"], started["status"]) == ("cleanup_old_sensor_data", "queued")
    assert arguments(db, started) == {"days": 60, "dry_run": True, "confirm": False}
    assert len(due) == 1
    assert db.execute("select * from app.due_runs()").fetchall() == due
    shown = status(client, admin)
    (listed,) = (one for one in shown["schedules"] if one["id"] == schedule)
    assert listed["last_run"] == shown["runs"][0]
    assert {name: shown["runs"][0][name] for name in ("schedule_id", "schedule", "scheduled_at", "requested_by")} == {
        "schedule_id": schedule, "schedule": "cleanup-old-data", "scheduled_at": None, "requested_by": "boss",
    }  # fmt: skip


def test_task_is_run_for_a_day_and_a_user(
    client: Client, admin: dict[str, str], db: Db, create_user: CreateUser
) -> None:
    user = create_user("Özgür")
    started = run(client, admin, task="generate_statistics", date="2025-10-09", username="özgür")
    assert arguments(db, started) == {
        "user_id": user["user"]["id"], "start_date": "2025-10-09", "end_date": "2025-10-09",
    }  # fmt: skip


def test_every_request_is_a_run(client: Client, admin: dict[str, str], db: Db) -> None:
    runs = {run(client, admin, task="store_rollups")["run_id"] for _ in range(3)}
    assert len(runs) == 3
    assert value(db, "select count(*) from app.jobs where task = 'store_rollups'") == 3


def test_what_is_wrong_with_a_request_is_named(client: Client, admin: dict[str, str], db: Db) -> None:
    schedule = id_of(db, "cleanup-old-data")
    assert refused(client, admin) == "task"
    assert refused(client, admin, task="make_coffee") == "task"
    assert refused(client, admin, task="store_rollups", schedule_id=schedule) == "task"
    assert refused(client, admin, task="store_rollups", args={"days": 1}) == "args.days"
    assert refused(client, admin, schedule_id=schedule, args={"days": 0}) == "args.days"
    assert refused(client, admin, task="detect_anomalies") == "args.recording_id"
    assert refused(client, admin, task="activity", args={"sensor": "a\0"}, username="boss") == "args.sensor"
    files = {"user_id": 1, "format": "csv", "session_ids": ["run", "a\0"]}
    assert refused(client, admin, task="export", args=files) == "args.session_ids"
    assert refused(client, admin, task="generate_statistics", args={"user_id": 2**63}) == "args.user_id"
    assert refused(client, admin, task="store_rollups", date="2025-10-09") == "date"
    assert refused(client, admin, task="generate_statistics", date="2025-02-30", username="boss") == "date"
    assert refused(client, admin, task="store_rollups", username="boss") == "username"
    assert refused(client, admin, task="generate_statistics", username="nobody") == "username"
    gone = client.post("/api/batch/run/", json={"schedule_id": 999_999}, headers=admin)
    assert gone.status_code == 404
    assert value(db, "select (select count(*) from app.jobs) + (select count(*) from app.requested_runs)") == 0


def test_counts_are_numbers_of_the_results() -> None:
    for task in TASKS.values():
        known = {} if task.result is None else get_type_hints(task.result)
        assert {known.get(name) for name in task.counts} <= {int}, task.name
    assert TASKS["cleanup_old_sensor_data"].counts


def test_status_shows_runs_with_counts_and_errors_and_workers(
    client: Client, admin: dict[str, str], db: Db, start_worker: StartWorker, clock: Clock
) -> None:
    db.execute("update app.schedules set is_active = name = 'cleanup-old-data'")
    clock.move(1.5)
    start_worker()
    done = run(client, admin, task="cleanup_old_sensor_data", args={"dry_run": True})["run_id"]
    failed = run(client, admin, task="generate_statistics", args={"user_id": 999_999})["run_id"]
    first_days = run(client, admin, task="generate_statistics", args={"end_date": "0001-01-15"}, username="boss")[
        "run_id"
    ]
    with_scheduler = "select app.start_scheduled_run(schedule_id, scheduled_at, gen_random_uuid()) from app.due_runs()"
    assert value(db, with_scheduler) is True
    wait_until(lambda: value(db, "select count(*) from app.jobs where finished_at is null") == 0, 60)

    shown = status(client, admin)

    runs = {one["run_id"]: one for one in shown["runs"]}
    assert len(runs) == 4
    assert runs[first_days]["status"] == "completed"
    assert runs[done]["status"] == "completed"
    assert runs[done]["counts"] == {"session_count": 0, "rows_freed": 0, "bytes_freed": 0}
    assert runs[failed]["status"] == "failed"
    assert "there is no such user" in runs[failed]["error"]
    assert runs[failed]["counts"] == {}
    scheduled = shown["runs"][0]
    assert (scheduled["schedule"], scheduled["requested_at"]) == ("cleanup-old-data", None)
    (schedule,) = (one for one in shown["schedules"] if one["name"] == "cleanup-old-data")
    assert schedule["last_run"] == scheduled
    assert datetime.fromisoformat(schedule["next_run_at"]) > value(db, "select app.now()")
    (worker,) = shown["workers"]
    assert "cleanup_old_sensor_data" in worker["tasks"]
    assert len(status(client, admin, limit=1)["runs"]) == 1


def test_schedule_that_is_deleted_while_it_runs_lets_the_job_end(
    client: Client, admin: dict[str, str], db: Db, start_worker: StartWorker
) -> None:
    schedule = id_of(db, "cleanup-old-data")
    started = run(client, admin, schedule_id=schedule)

    assert client.delete(f"/api/batch/schedule/{schedule}", headers=admin).status_code == 204
    start_worker()

    state = "select status from app.jobs where id = %s"
    wait_until(lambda: value(db, state, started["run_id"]) == "completed", 60)
    (shown,) = status(client, admin)["runs"]
    assert (shown["run_id"], shown["schedule_id"], shown["schedule"]) == (started["run_id"], None, None)


@pytest.fixture
def schedulers(settings: Settings, tmp_path: Path) -> Iterator[list[KoodtxProcess]]:
    """Two that read the schedules when they start and then every hour."""
    words = ("scheduler", "koodtx.worker:scheduler", "--update-interval", "3600")
    logs = [tmp_path / f"scheduler{number}.log" for number in (1, 2)]
    processes = [KoodtxProcess(settings, log, *words, module="taskiq") for log in logs]
    yield processes
    for process in processes:
        process.stop()


def test_sync_makes_all_schedulers_read_at_once(
    client: Client, admin: dict[str, str], db: Db, clock: Clock, schedulers: list[KoodtxProcess]
) -> None:
    def sync() -> int:
        reply = client.post("/api/batch/sync/", headers=admin)
        assert reply.status_code == 200
        return int(reply.json()["schedulers"])

    def is_started() -> bool:
        # Again and again: the clock has just closed the connections of the schedulers.
        sync()
        return bool(value(db, "select count(*) from app.due_runs()") == 0)

    wait_until(lambda: sync() == len(schedulers), 60)
    for _ in range(2):
        clock.move(1)
        assert value(db, "select count(*) from app.due_runs()") >= 3
        wait_until(is_started, 30)
        assert value(db, "select count(*) from app.jobs") == value(db, "select count(*) from app.scheduled_runs")


def test_sync_without_schedulers_reaches_none(client: Client, admin: dict[str, str]) -> None:
    assert client.post("/api/batch/sync/", headers=admin).json() == {"schedulers": 0}
