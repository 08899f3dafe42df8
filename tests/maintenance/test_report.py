"""The report, against SQL of its own and against what happens when one does as it says."""

from collections.abc import Callable

import pytest

from tests.support.aliases import Client, Db, Document, Push, RunTask
from tests.support.clock import Clock
from tests.support.databases import value
from tests.support.readings import ENDED

pytestmark = [pytest.mark.integration, pytest.mark.api]

_PATH = "/api/v1/admin/maintenance/report"


@pytest.fixture
def admin(create_user: Callable[..., Document], db: Db) -> Document:
    account = create_user("boss", device_id="desk")
    db.execute("update app.users set role = 'admin' where username = 'boss'")
    headers: Document = account["headers"]
    return headers


@pytest.fixture
def report(client: Client, admin: Document) -> Callable[[], Document]:
    def read() -> Document:
        reply = client.get(_PATH, headers=admin)
        assert reply.status_code == 200, reply.text
        found: Document = reply.json()
        return found

    return read


Report = Callable[[], Document]


def test_it_is_for_administrators(client: Client, auth_headers: Document) -> None:
    assert client.get(_PATH).status_code == 401
    assert client.get(_PATH, headers=auth_headers).status_code == 403


def test_totals_are_those_of_the_tables(
    push: Push, db: Db, clock: Clock, run_task: RunTask, client: Client, auth_headers: Document, report: Report
) -> None:
    push("archived", 30, **ENDED)
    push("gone", 40, **ENDED)
    client.delete("/api/sessions/gone", headers=auth_headers)
    clock.move(31)
    run_task("cleanup_old_sensor_data")
    push("active", 20)

    totals = report()["totals"]

    assert totals.pop("database_bytes") == pytest.approx(
        value(db, "select pg_database_size(current_database())"), rel=0.05
    )
    assert totals == {
        "users": 2, "sessions": 2, "active_sessions": 1, "archived_sessions": 1,
        "readings_stored": 20, "readings_archived": 30, "sessions_to_store": 0,
    }  # fmt: skip
    assert value(db, "select count(*) from app.sensor_data") in (20, 60), "what is deleted is erased afterwards"


def test_every_table_is_there_with_its_size(push: Push, db: Db, report: Report) -> None:
    push("session", 100, **ENDED)
    db.execute("vacuum analyze app.sensor_data")

    tables = {table["name"]: table for table in report()["tables"]}

    names = db.execute("select 'app.' || tablename from pg_tables where schemaname = 'app'").fetchall()
    assert sorted(tables) == sorted(name for (name,) in names)
    readings = tables["app.sensor_data"]
    parts = (
        "select pg_total_relation_size('app.sensor_data') + coalesce(sum(pg_total_relation_size(inhrelid)), 0)"
        " from pg_inherits where inhparent = 'app.sensor_data'::regclass"
    )
    assert readings["bytes"] == value(db, parts)
    assert (readings["rows"], readings["dead_rows"]) == (100, 0)
    assert readings["vacuumed_at"] is not None
    assert readings["chunks"] == value(
        db, "select count(*) from pg_inherits where inhparent = 'app.sensor_data'::regclass"
    )


def test_retention_tells_what_its_tasks_then_free(
    push: Push, db: Db, clock: Clock, run_task: RunTask, report: Report
) -> None:
    push("old", 30, **ENDED)
    push("never ended", 5)
    clock.move(401)
    db.execute("update app.sync_logs set created_at = created_at + interval '400 days' where sync_type = 'pull'")

    foreseen = {setting["name"]: setting for setting in report()["retention"]}

    assert {name: setting["days"] for name, setting in foreseen.items()} == {
        "sensor-data": 30, "ceiling": 400, "sync-logs": 90, "uploaded-files": 7, "webhook-deliveries": 30,
        "columnstore": 7,
    }  # fmt: skip
    assert (foreseen["sensor-data"]["rows"], foreseen["ceiling"]["rows"], foreseen["sync-logs"]["rows"]) == (30, 35, 2)
    assert (foreseen["columnstore"]["rows"], foreseen["columnstore"]["bytes"]) == (None, None)
    assert foreseen["columnstore"]["is_applied"] is value(db, "select app.has_policies()")
    for name in ("sensor-data", "sync-logs"):
        run = run_task(foreseen[name]["task"])
        assert run.rows_freed == foreseen[name]["rows"]
        assert run.bytes_freed == pytest.approx(foreseen[name]["bytes"], abs=1)
    assert [setting["rows"] for setting in report()["retention"]] == [0, 5, 0, 0, 0, None]


def test_runs_of_the_last_30_days_are_there(clock: Clock, run_task: RunTask, report: Report) -> None:
    run_task("cleanup_failed_sessions")
    clock.move(29)
    run_task("cleanup_old_sync_logs", dry_run=True)
    runs = [(run["task"], run["is_dry_run"], run["status"]) for run in report()["runs"]]
    assert runs == [
        ("cleanup_old_sync_logs", True, "completed"),
        ("cleanup_failed_sessions", False, "completed"),
    ]

    clock.move(2)

    assert [run["task"] for run in report()["runs"]] == ["cleanup_old_sync_logs"]


def test_forecast_goes_on_as_the_last_30_days(push: Push, db: Db, report: Report) -> None:
    push("session", 100, **ENDED)
    # 100 readings ten days ago, and 200 that do not count.
    db.execute("update app.sync_logs set created_at = now() - interval '10 days'")
    db.execute(
        "insert into app.sync_logs (user_id, sync_type, status, inserted_count, created_at) values"
        " (1, 'push', 'success', 200, now() - interval '31 days')"
    )

    found = report()
    forecast = found["forecast"]

    size = value(db, "select app.table_bytes('app.sensor_data')")
    assert forecast["readings_per_day"] == pytest.approx(10, rel=0.01)
    assert forecast["bytes_per_reading"] == pytest.approx(size / 100, abs=0.1)
    assert forecast["bytes_per_day"] == pytest.approx(size / 10, rel=0.01)
    for days in (30, 90, 365):
        expected = found["totals"]["database_bytes"] + days * size / 10
        assert forecast[f"bytes_in_{days}_days"] == pytest.approx(expected, rel=0.01)
    assert forecast["settled_bytes"] == pytest.approx(30 * size / 10, rel=0.01)


def test_empty_database_has_a_report(client: Client, admin: Document, report: Report) -> None:
    found = report()

    assert found["totals"]["readings_stored"] == 0
    assert found["forecast"]["readings_per_day"] == 0
    assert found["runs"] == []
