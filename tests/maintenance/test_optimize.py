"""optimize_database: really vacuumed, really analyzed, or the reason is reported."""

from typing import Any

import psycopg
import pytest

from koodtx.errors import Invalid
from tests.support.aliases import Db, Push, RunTask
from tests.support.databases import value
from tests.support.readings import ENDED

pytestmark = [pytest.mark.integration, pytest.mark.tasks]

_TIMES = """
    select max(s.last_vacuum), max(s.last_analyze) from pg_stat_all_tables as s
    where s.relid = 'app.sensor_data'::regclass
        or s.relid in (select inhrelid from pg_inherits where inhparent = 'app.sensor_data'::regclass)
"""


@pytest.fixture
def maintained(db: Db) -> None:
    """Skips where only owners may vacuum."""
    if db.info.server_version < 170000:
        pytest.skip("before PostgreSQL 17 only a table's owner may vacuum it")


def dead_rows(db: Db, table: str) -> int:
    db.execute("select pg_stat_clear_snapshot()")
    dead: int = value(db, "select dead_row_count from app.table_statistics() where name = %s", table)
    return dead


@pytest.mark.usefixtures("maintained")
def test_tables_and_chunks_are_vacuumed_and_analyzed(push: Push, db: Db, run_task: RunTask) -> None:
    push("session", 100, **ENDED)
    db.execute("update app.sensor_data set x = x + 1")
    db.execute("select pg_stat_force_next_flush()")
    assert dead_rows(db, "app.sensor_data") == 100
    assert db.execute(_TIMES).fetchone() == (None, None)

    run = run_task("optimize_database")

    vacuumed, analyzed = db.execute(_TIMES).fetchone() or (None, None)
    assert vacuumed is not None
    assert analyzed is not None
    assert dead_rows(db, "app.sensor_data") == 0
    tables = {table["name"]: table for table in run.details["tables"]}
    assert all(table["is_vacuumed"] for name, table in tables.items() if name != "app.maintenance_runs")
    foreseen = tables["app.sensor_data"]
    assert (foreseen["rows"], foreseen["dead_rows_before"], foreseen["dead_rows"]) == (100, 100, 0)
    assert run.details["not_vacuumed"] == {}


@pytest.mark.usefixtures("maintained")
def test_bytes_that_go_back_to_the_disk_are_counted(push: Push, db: Db, run_task: RunTask) -> None:
    db.execute(
        "insert into app.sync_logs (user_id, sync_type, status) select 1, 'push', 'success'"
        " from generate_series(1, 20000)"
    )
    db.execute("delete from app.sync_logs")

    run = run_task("optimize_database")

    assert run.bytes_freed > 1_000_000


def test_dry_run_vacuums_nothing(push: Push, db: Db, run_task: RunTask) -> None:
    push("session", 100, **ENDED)

    run = run_task("optimize_database", dry_run=True)

    assert db.execute(_TIMES).fetchone() == (None, None)
    assert run.bytes_freed == 0
    assert not any(table["is_vacuumed"] for table in run.details["tables"])


def test_table_that_may_not_be_vacuumed_is_told(db: Db, run_task: RunTask) -> None:
    if db.info.server_version >= 170000:
        db.execute("revoke maintain on app.users from koodtx_app")

    run = run_task("optimize_database")

    assert "owner" in run.details["not_vacuumed"]["app.users"]
    assert value(db, "select last_vacuum is null from pg_stat_user_tables where relname = 'users'") is True


@pytest.mark.usefixtures("maintained")
def test_table_that_somebody_locks_is_told_and_the_others_are_vacuumed(database_url: str, run_task: RunTask) -> None:
    with psycopg.connect(database_url) as somebody:
        somebody.execute("lock table app.users in share update exclusive mode")
        run = run_task("optimize_database")

    assert list(run.details["not_vacuumed"]) == ["app.users"]
    assert "lock timeout" in run.details["not_vacuumed"]["app.users"]


def index_names(run: Any, state: str) -> list[str]:
    return [index["name"] for index in run.details[f"{state}_indexes"]]


def test_unused_index_is_named_and_a_unique_one_never_is(db: Db, run_task: RunTask) -> None:
    _fill_logs(db)
    before = run_task("optimize_database")
    db.execute("set enable_seqscan = off")
    db.execute("select from app.sync_logs where user_id = 7 limit 1")
    db.execute("select pg_stat_force_next_flush()")
    db.execute("select 1")

    after = run_task("optimize_database")

    assert index_names(before, "unused") == ["app.sync_logs_user_id_idx"]
    assert index_names(after, "unused") == []


def test_bloated_index_is_named_until_it_is_rebuilt(db: Db, run_task: RunTask) -> None:
    _fill_logs(db)
    db.execute("delete from app.sync_logs where user_id % 20 <> 0")
    run_task("optimize_database")
    db.execute("vacuum analyze app.sync_logs")

    bloated = run_task("optimize_database")
    assert "app.sync_logs_user_id_idx" in index_names(bloated, "bloated")
    db.execute("reindex table app.sync_logs")
    db.execute("vacuum analyze app.sync_logs")

    rebuilt = run_task("optimize_database")
    assert index_names(rebuilt, "bloated") == []


def _fill_logs(db: Db) -> None:
    """Enough that an index of them is worth a word; all at one time, so in one chunk."""
    db.execute(
        "insert into app.sync_logs (user_id, sync_type, status, created_at)"
        " select number, 'push', 'success', '2026-01-01' from generate_series(1, 100000) as number"
    )


def test_arguments_that_mean_nothing_are_refused(run_task: RunTask) -> None:
    with pytest.raises(Invalid, match="there is no argument days"):
        run_task("optimize_database", days=30)
